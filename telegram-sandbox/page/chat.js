// The chat in the middle: its head and its messages.
import { $, SHOWN_AT_ONCE, api, chat, chatAvatar, el, fullName, isPrivate, present, state, title, user } from "./base.js";
import { showKeyboard } from "./buttons.js";
import { stopReplying, suggest } from "./compose.js";
import { find, stopFinding } from "./find.js";
import { showLists } from "./lists.js";
import { jump, message } from "./message.js";
import { inTopic, showTopics } from "./topics.js";
import { day, preview, serviceText } from "./words.js";

export async function openChat(id, show) {
  Object.assign(state, { chat: id, topic: null, messages: new Map(), cursor: 0, reactions: {}, keyboard: null, shown: SHOWN_AT_ONCE });
  stopReplying();
  stopFinding();
  suggest();
  history.replaceState(null, "", `#as=${state.me}&chat=${id}`);
  if (show) document.body.dataset.view = "chat";
  showHead();
  await loadMessages();
  $("messages").scrollTop = $("messages").scrollHeight;
  showLists();
  if (show && matchMedia("(min-width: 721px)").matches) $("text").focus();
}

export function showHead() {
  const c = chat();
  $("chat-head").hidden = !c;
  if (!c) return;
  $("chat-avatar").replaceWith(Object.assign(chatAvatar(c), { id: "chat-avatar" }));
  $("chat-title").textContent = title(c);
  const doing = state.actions.find((a) => a.chat === c.id);
  const count = c.members.filter(present).length;
  $("chat-subtitle").textContent = doing ? doing.action.replaceAll("_", " ") + "…"
    : isPrivate(c) ? `bot · chat with ${fullName(user(state.me) || { first_name: "?" })}` : `${c.is_forum ? "forum" : c.type} · ${count} members · ${c.id}`;
  $("chat-subtitle").classList.toggle("active", !!doing);
  const me = user(state.me);
  $("chat-more").textContent = isPrivate(c) ? "Block" : "Members";
  $("chat-more").hidden = isPrivate(c) && me && me.blocked_bot;
  $("blocked").hidden = !(isPrivate(c) && me && me.blocked_bot);
  $("composer").hidden = !$("blocked").hidden;
  const pinned = state.messages.get(c.pinned[c.pinned.length - 1]);
  $("pinned").hidden = !pinned;
  if (pinned) {
    $("pinned").replaceChildren(el("b", {}, "Pinned message"), preview(pinned));
    $("pinned").onclick = () => jump(pinned.message_id);
  }
  document.title = `${title(c)} · sandbox`;
}

export async function loadMessages() {
  const wanted = state.chat;
  if (!wanted) { $("messages").replaceChildren(el("div", { class: "empty" }, "Add a person to begin.")); return; }
  const view = await api(`chats/${wanted}/messages?after=${state.cursor}`);
  if (wanted !== state.chat) return;
  const first = state.cursor === 0;
  state.cursor = view.cursor;
  const changed = new Set();
  for (const m of view.messages) { state.messages.set(m.message_id, m); changed.add(m.message_id); }
  for (const id of view.deleted) state.messages.delete(id);
  state.messages = new Map([...state.messages].sort((a, b) => a[0] - b[0]));
  state.reactions = view.reactions || {};
  showKeyboard(view.reply_keyboard);
  showTopics();
  showMessages(first ? new Set() : changed);
  showHead();
}

export function showMessages(fresh) {
  const log = $("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const at = log.scrollTop;
  const all = [...state.messages.values()].filter(inTopic);
  const list = all.slice(-state.shown).filter((m, place, shown) => !inAlbum(shown[place - 1], m));
  const nodes = [];
  if (all.length > list.length) {
    nodes.push(el("button", { class: "earlier", onclick: () => { state.shown += 300; showMessages(new Set()); } }, `Show earlier (${all.length - list.length})`));
  }
  list.forEach((m, place) => {
    const before = list[place - 1], after = list[place + 1];
    if (!before || day(before.date) !== day(m.date)) nodes.push(el("div", { class: "day" }, day(m.date)));
    const service = serviceText(m);
    if (service) nodes.push(el("div", { class: "service", title: `message_id ${m.message_id}` }, service));
    else nodes.push(message(albumOf(m, all), !follows(before, m), !follows(m, after), fresh.has(m.message_id)));
  });
  if (!list.length) nodes.push(el("div", { class: "empty" }, isPrivate(chat() || { type: "" }) ? "No messages yet. Say /start." : "No messages yet."));
  log.replaceChildren(...nodes);
  log.scrollTop = atEnd ? log.scrollHeight : at;
  find();
}

/** Pictures and films of an album stand together, below the album's first message. */
const inAlbum = (before, m) => !!m.media_group_id && before?.media_group_id === m.media_group_id && !!(m.photo || m.video);
const albumOf = (m, all) => {
  const album = m.media_group_id && (m.photo || m.video)
    ? all.filter((other) => other.media_group_id === m.media_group_id && (other.photo || other.video)) : [];
  if (album.length < 2) return m;
  const told = album.find((other) => other.caption) || m;
  return { ...m, album, caption: told.caption, caption_entities: told.caption_entities };
};

const follows = (a, b) => a && b && !serviceText(a) && !serviceText(b) && a.from?.id === b.from?.id
  && a.message_thread_id === b.message_thread_id && b.date - a.date < 600;
