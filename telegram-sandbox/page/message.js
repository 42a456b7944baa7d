// One message.
import { $, api, at, chat, color, el, failed, fullName, isPrivate, standing, state, userAvatar } from "./base.js";
import { keyboard } from "./buttons.js";
import { loadEarlier } from "./chat.js";
import { startEditing, startReplying } from "./compose.js";
import { media } from "./media.js";
import { rich } from "./rich.js";
import { topics } from "./topics.js";
import { clock, preview } from "./words.js";

const REACTIONS = ["👍", "❤", "🔥", "🎉", "😁", "🤔", "😢", "👎"];

export function message(m, starts, ends, isFresh) {
  const mine = m.from?.id === state.me && !m.sender_chat;
  const group = !isPrivate(m.chat);
  const parts = [];
  if (group && !mine && starts) {
    const name = m.sender_chat?.title || (m.from && fullName(m.from)) || "";
    const ink = m.from ? (m.from.is_bot ? 5 : color(m.from.id)) : 0;
    parts.push(el("span", { class: `sender ink${ink}` }, name, m.author_signature ? el("span", { class: "muted small" }, ` ${m.author_signature}`) : null));
  }
  if (m.forward_origin) parts.push(el("span", { class: "forwarded" }, `Forwarded from ${origin(m.forward_origin)}`));
  if (m.via_bot) parts.push(el("span", { class: "forwarded" }, `via @${m.via_bot.username}`));
  if (m.reply_to_message && !m.reply_to_message.forum_topic_created) {
    const to = m.reply_to_message;
    parts.push(el("button", { class: "quote", title: "Go to that message", onclick: () => jump(to.message_id) },
      el("b", {}, to.from ? fullName(to.from) : ""), el("span", {}, m.quote?.text || preview(to))));
  }
  const text = m.text ?? m.caption;
  const words = text ? el("span", { class: "words" }) : null;
  if (words) rich(words, text, 0, text.length, [...(m.entities || m.caption_entities || [])]);
  if (m.show_caption_above_media) parts.push(words, ...media(m));
  else parts.push(...media(m), words);
  const topic = state.topic === null && m.is_topic_message ? `# ${topics().get(m.message_thread_id) || m.message_thread_id}` : null;
  const meta = [topic, m.edit_date ? "edited" : null, clock(m.date)].filter(Boolean).join(" · ");
  parts.push(el("span", { class: "meta", title: `message_id ${m.message_id}` }, meta));
  const bare = m.sticker || m.dice ? " bare" : "";
  const stack = el("div", { class: "stack" }, el("div", { class: `bubble${isFresh ? " fresh" : ""}${bare}` }, ...parts.filter(Boolean)));
  if (m.reply_markup) stack.append(keyboard(m));
  const chips = reactions(m);
  if (chips) stack.append(chips);
  stack.append(tools(m, mine));
  return el("div", { class: ["message", mine && "mine", starts && "starts", ends && "ends"].filter(Boolean).join(" "), "data-id": m.message_id },
    mine || !group ? null : m.from ? userAvatar(m.from) : el("span", { class: "gap" }), stack);
}

const origin = (o) => (o.sender_user && fullName(o.sender_user)) || o.sender_chat?.title || o.chat?.title || o.sender_user_name || "somebody";

export async function jump(id) {
  const find = () => $("messages").querySelector(`[data-id="${id}"]`);
  if (!find() && state.earlier) await loadEarlier(id).catch(failed);
  const node = find();
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.add("found");
  setTimeout(() => node.classList.remove("found"), 1600);
}

const react = (m, emoji) => api("reactions", { from: state.me, ...at(m.chat.id), message_id: m.message_id, emoji }).catch(failed);
const myReaction = (m) => (state.reactions[m.message_id] || {})[state.me]?.[0]?.emoji;

function reactions(m) {
  const counts = new Map();
  for (const given of Object.values(state.reactions[m.message_id] || {}).flat()) {
    counts.set(given.emoji || "★", (counts.get(given.emoji || "★") || 0) + 1);
  }
  if (!counts.size) return null;
  const mine = myReaction(m);
  return el("div", { class: "reactions" }, ...[...counts].map(([emoji, count]) => el("button", {
    class: "reaction", "aria-pressed": String(emoji === mine), title: emoji === mine ? "Take it back" : "React too",
    onclick: () => react(m, emoji === mine ? "" : emoji),
  }, count > 1 ? `${emoji} ${count}` : emoji)));
}

const change = (m, call, more) => api(call, { from: state.me, ...at(m.chat.id), message_id: m.message_id, ...more }).catch(failed);

function tools(m, mine) {
  const c = chat(), pinned = !!c?.pinned.includes(m.message_id);
  const manages = ["creator", "administrator"].includes(c && standing(c, state.me)?.status);
  const faces = el("span", { class: "faces", hidden: true }, ...REACTIONS.map((emoji) => el("button", {
    title: `React with ${emoji}`, onclick: () => react(m, myReaction(m) === emoji ? "" : emoji),
  }, emoji)));
  return el("div", { class: "tools" },
    el("button", { title: "Reply", onclick: () => startReplying(m) }, "↩"),
    el("button", { title: "React", onclick: () => { faces.hidden = !faces.hidden; } }, "☺"),
    mine ? el("button", { title: "Edit", onclick: () => startEditing(m) }, "✎") : "",
    el("button", { title: pinned ? "Unpin" : "Pin", onclick: () => change(m, "pins", { pinned: !pinned }) }, pinned ? "⊘" : "⚲"),
    mine || isPrivate(m.chat) || manages ? el("button", { title: "Delete", onclick: () => change(m, "deletions") }, "⌫") : "",
    el("button", { title: "Show as JSON", onclick: () => showJson(m) }, "{}"), faces);
}

function showJson(m) {
  $("json-title").textContent = `Message ${m.message_id} in ${chat()?.title || "the private chat"}`;
  $("json-text").textContent = JSON.stringify(m, null, 2);
  $("json").showModal();
}
