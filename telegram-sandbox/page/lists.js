// People and their chats, on the left.
import { $, api, chat, chatAvatar, chatsOf, el, fullName, isPrivate, state, title, user, userAvatar } from "./base.js";
import { openChat, showHead } from "./chat.js";
import { showMembers } from "./dialogs.js";
import { clock, preview } from "./words.js";

const seenKey = (person, c) => `${person}/${c.id}`;
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
  const [users, chats, bot, stats] = await Promise.all([api("users"), api("chats"), api("bot"), api("stats")]);
  Object.assign(state, { users: users.users, chats: chats.chats, bot });
  $("pending").textContent = stats.pending_updates ? `${stats.pending_updates} pending` : "";
  // What was there before this window was opened is not news.
  for (const u of state.users) {
    for (const c of chatsOf(u.id)) {
      const key = seenKey(u.id, c);
      if (!(key in state.seen)) state.seen[key] = c.last_message ? c.last_message.message_id : 0;
    }
  }
  if (!user(state.me) && state.users.length) state.me = state.users[0].id;
  if (!chatsOf(state.me).some((c) => c.id === state.chat)) {
    const first = chatsOf(state.me)[0]?.id || 0;
    if (first !== state.chat) return openChat(first, false);
  }
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
  const news = c.id === state.chat ? 0 : unread(state.me, c);
  return el("button", { class: "chat-row", "aria-current": String(c.id === state.chat), onclick: () => openChat(c.id, true) },
    chatAvatar(c),
    el("span", { class: "lines" },
      el("span", { class: "line" }, el("span", { class: "title" }, title(c)),
        el("span", { class: "muted small" }, c.last_message ? clock(c.last_message.date) : "")),
      el("span", { class: "line" }, el("span", { class: "last" }, c.last_message ? preview(c.last_message, !isPrivate(c)) : "No messages yet"),
        news ? el("span", { class: "badge" }, news > 99 ? "99+" : String(news)) : null)));
}

export function become(id) {
  state.me = id;
  const chats = chatsOf(id);
  const kept = chats.find((c) => c.id === state.chat && !isPrivate(c));
  openChat((kept || chats.find((c) => c.id === id) || chats[0] || { id: 0 }).id, false);
}
