// People and their chats, on the left.
import { $, api, botName, chat, chatAvatar, chatsOf, el, failed, fullName, isPrivate, state, title, userAvatar } from "./base.js";
import { openChat, showHead, showMessages } from "./chat.js";
import { loadCommands } from "./compose.js";
import { showMembers } from "./dialogs.js";
import { clock, preview } from "./words.js";

const seenKey = (person, c) => (isPrivate(c) && c.bot !== state.bots[0]?.id ? `${person}/${c.id}/${c.bot}` : `${person}/${c.id}`);
function unread(person, c) {
  const last = c.last_message;
  if (!last || (last.from && last.from.id === person)) return 0;
  return Math.max(0, last.message_id - (state.seen[seenKey(person, c)] || 0));
}
function markSeen() {
  const c = chat();
  if (!c || document.visibilityState !== "visible") return;
  const last = [...state.messages.keys()].pop() || 0;
  state.seen[seenKey(state.me, c)] = Math.max(last, c.last_message ? c.last_message.message_id : 0);
  sessionStorage.setItem("seen", JSON.stringify(state.seen));
}

export async function loadLists() {
  const [{ bots }, { users }, stats] = await Promise.all([api("bots"), api("users"), api("stats")]);
  // Groups are everybody's; private chats each bot's own, and so is who has blocked it.
  const [lists, others] = await Promise.all([
    Promise.all(bots.map((b) => api(`chats?bot=${b.id}`))), Promise.all(bots.slice(1).map((b) => api(`users?bot=${b.id}`))),
  ]);
  const chats = lists.flatMap((list, place) => list.chats.filter((c) => isPrivate(c) || place === 0)
    .map((c) => (isPrivate(c) ? { ...c, bot: bots[place].id } : c)));
  const blocks = [{ users }, ...others].flatMap((of, place) => of.users.filter((u) => u.blocked_bot).map((u) => `${u.id}/${bots[place].id}`));
  const open = chat()?.pinned.join();
  Object.assign(state, { users, chats, bots, blocks: new Set(blocks) });
  $("pending").textContent = stats.pending_updates ? `${stats.pending_updates} pending` : "";
  // What was there before this window was opened is not news.
  for (const u of state.users) {
    for (const c of chatsOf(u.id)) {
      const key = seenKey(u.id, c);
      if (!(key in state.seen)) state.seen[key] = c.last_message ? c.last_message.message_id : 0;
    }
  }
  if (!state.users.some((u) => u.id === state.me) && state.users.length) state.me = state.users[0].id;
  if (!chatsOf(state.me).some((c) => c === chat())) {
    const first = chatsOf(state.me)[0]?.id || 0;
    if (first !== state.chat || state.with) return openChat(first, false);
  }
  loadCommands().catch(failed);
  if (state.cursor && open !== chat()?.pinned.join()) showMessages(new Set());
  showLists();
  showHead();
  if ($("members-dialog").open) showMembers();
}

export function showLists() {
  markSeen();
  $("people").replaceChildren(...state.users.map((u) => el("button", {
    class: "person", role: "radio", "aria-checked": String(u.id === state.me),
    title: `Write as ${fullName(u)} (${u.id})`, onclick: () => become(u.id),
  }, userAvatar(u), el("span", { class: "name" }, fullName(u)),
  u.id !== state.me && chatsOf(u.id).some((c) => isPrivate(c) && unread(u.id, c)) ? el("span", { class: "dot", title: "Something new" }) : null)));
  const wanted = $("chat-filter").value.trim().toLowerCase();
  const fits = (c) => !wanted || `${title(c)} ${c.id} ${c.last_message ? preview(c.last_message) : ""}`.toLowerCase().includes(wanted);
  const rows = chatsOf(state.me).filter(fits).sort((a, b) => (b.last_message?.date || 0) - (a.last_message?.date || 0));
  $("chats").replaceChildren(...rows.map(row));
}

function row(c) {
  const open = c === chat();
  const news = open ? 0 : unread(state.me, c);
  const name = isPrivate(c) ? botName(c.bot) : "";
  return el("button", { class: "chat-row", "aria-current": String(open), title: name || undefined, onclick: () => openChat(c.id, true, c.bot) },
    chatAvatar(c),
    el("span", { class: "lines" },
      el("span", { class: "line" }, el("span", { class: "title" }, title(c)),
        el("span", { class: "muted small" }, c.last_message ? clock(c.last_message.date) : "")),
      el("span", { class: "line" }, el("span", { class: "last" }, c.last_message ? preview(c.last_message, !isPrivate(c)) : "No messages yet"),
        news ? el("span", { class: "badge" }, news > 99 ? "99+" : String(news)) : null)));
}

export function become(id) {
  const chats = chatsOf(id), open = chat();
  const kept = open && (isPrivate(open) ? chats.find((c) => c.id === id && c.bot === open.bot) : chats.find((c) => c === open));
  const next = kept || chats.find((c) => c.id === id) || chats[0] || { id: 0 };
  openChat(next.id, false, next.bot, id);
}
