// The chat in the middle: its head and its messages.
import { $, AT_ONCE, api, at, chat, chatAvatar, el, failed, fullName, isBlocked, isPrivate, ofBot, present, standing, state, title, user } from "./base.js";
import { showKeyboard } from "./buttons.js";
import { keepDraft, loadCommands, showDraft, stopReplying } from "./compose.js";
import { find, stopFinding } from "./find.js";
import { showLists } from "./lists.js";
import { jump, message } from "./message.js";
import { inTopic, loadTopics, showTopics } from "./topics.js";
import { day, preview, serviceText } from "./words.js";

/** `bot` is that of a private chat, if it is not the first one; `as` who looks at it. */
export async function openChat(id, show, bot = 0, as = state.me) {
  keepDraft();
  stopReplying();
  stopFinding();
  Object.assign(state, { me: as, chat: id, with: id > 0 ? bot : 0, topic: null, topics: null, messages: new Map(), earlier: false, cursor: 0, reactions: {}, keyboard: null, commands: [] });
  pins.clear();
  showDraft();
  history.replaceState(null, "", `#as=${state.me}&chat=${id}${ofBot()}`);
  if (show) document.body.dataset.view = "chat";
  showHead();
  loadCommands().catch(failed);
  await loadMessages();
  $("messages").scrollTop = $("messages").scrollHeight;
  showLists();
  if (show && matchMedia("(min-width: 721px)").matches) $("text").focus();
}

/** Whether somebody may write here, as far as the page knows. */
function mayWrite(c) {
  const mine = standing(c, state.me);
  if (c.type === "channel") return mine?.status === "creator" || !!mine?.can_post_messages;
  return !isPrivate(c) || !isBlocked();
}

export function showHead() {
  const c = chat();
  $("chat-head").hidden = !c;
  if (!c) return;
  $("chat-avatar").replaceWith(Object.assign(chatAvatar(c), { id: "chat-avatar" }));
  $("chat-title").textContent = title(c);
  const doing = state.actions.find((a) => a.chat === c.id && (!a.bot || a.bot === c.bot));
  const count = c.members.filter(present).length;
  $("chat-subtitle").textContent = doing ? doing.action.replaceAll("_", " ") + "…"
    : isPrivate(c) ? `bot · chat with ${fullName(user(state.me) || { first_name: "?" })}` : `${c.is_forum ? "forum" : c.type} · ${count} members · ${c.id}`;
  $("chat-subtitle").classList.toggle("active", !!doing);
  const blocked = isPrivate(c) && isBlocked();
  $("chat-more").textContent = isPrivate(c) ? "Block" : "Members";
  $("chat-more").hidden = blocked;
  $("blocked").hidden = !blocked;
  $("composer").hidden = !mayWrite(c);
  showPinned(c);
  document.title = `${title(c)} · sandbox`;
}

/** Pinned messages that are not among those that are loaded. */
const pins = new Map();

function showPinned(c) {
  const id = c.pinned[c.pinned.length - 1];
  const pinned = state.messages.get(id) || pins.get(id);
  $("pinned").hidden = !pinned;
  if (pinned) {
    $("pinned").replaceChildren(el("b", {}, "Pinned message"), preview(pinned));
    $("pinned").onclick = () => jump(pinned.message_id);
  } else if (id && state.earlier && !pins.has(id)) {
    pins.set(id, null);
    const place = JSON.stringify(at());
    api(`chats/${c.id}/messages?last=1&before=${id + 1}${ofBot(c.id)}`).then(({ messages: [found] }) => {
      if (found?.message_id !== id || place !== JSON.stringify(at())) return;
      pins.set(id, found);
      showPinned(chat() || c);
    }).catch(failed);
  }
}

const sorted = (messages) => new Map([...messages].sort((a, b) => a[0] - b[0]));

export async function loadMessages() {
  const wanted = JSON.stringify(at()), id = state.chat;
  if (!id) { shown = new Map(); $("messages").replaceChildren(el("div", { class: "empty" }, "Add a person to begin.")); return; }
  const first = state.cursor === 0;
  const [view] = await Promise.all([
    api(`chats/${id}/messages?${first ? `last=${AT_ONCE}` : `after=${state.cursor}`}${ofBot(id)}`),
    loadTopics(),
  ]);
  if (wanted !== JSON.stringify(at())) return;
  if (first) state.earlier = view.earlier;
  state.cursor = Math.max(state.cursor, view.cursor);
  // What is not loaded yet does not come in by being changed.
  const oldest = state.earlier && !first ? state.messages.keys().next().value ?? 0 : 0;
  const changed = new Set();
  for (const m of view.messages) {
    if (m.message_id < oldest) continue;
    state.messages.set(m.message_id, m);
    changed.add(m.message_id);
  }
  for (const gone of view.deleted) state.messages.delete(gone);
  state.messages = sorted(state.messages);
  state.reactions = view.reactions || {};
  showKeyboard(view.reply_keyboard);
  showTopics();
  showMessages(first ? new Set() : changed);
  showHead();
}

/** Loads what is before: some of it, or until the message of this id is there. */
export async function loadEarlier(until = Infinity) {
  const wanted = JSON.stringify(at());
  do {
    const oldest = state.messages.keys().next().value;
    if (!state.earlier || oldest === undefined) break;
    const view = await api(`chats/${state.chat}/messages?last=${until === Infinity ? AT_ONCE : 2000}&before=${oldest}${ofBot()}`);
    if (wanted !== JSON.stringify(at())) return;
    state.earlier = view.earlier;
    state.messages = sorted([...view.messages.map((m) => [m.message_id, m]), ...state.messages]);
  } while (until < state.messages.keys().next().value);
  showMessages(new Set());
}

/** What stands in the log now, by its key: the node, and what it shows. */
let shown = new Map();

export function showMessages(fresh) {
  const log = $("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const fromEnd = log.scrollHeight - log.scrollTop, fromStart = log.scrollTop;
  const top = () => log.querySelector(".message, .service");
  const first = top();
  const all = [...state.messages.values()].filter(inTopic);
  const list = all.filter((m, place) => !inAlbum(all[place - 1], m));
  const before = shown, nodes = [];
  shown = new Map();
  // A node is made anew only if it would show something else: what is selected, opened or playing stays.
  const put = (key, what, make) => {
    const is = JSON.stringify(what), had = before.get(key);
    const node = had?.is === is ? had.node : make();
    shown.set(key, { is, node });
    nodes.push(node);
  };
  const place = `${state.me}/${state.chat}/${state.with}`;
  if (state.earlier) put("earlier", 0, () => el("button", { class: "earlier", onclick: () => loadEarlier().catch(failed) }, "Show earlier"));
  list.forEach((m, number) => {
    const last = list[number - 1], next = list[number + 1];
    if (!last || day(last.date) !== day(m.date)) put(`day ${day(m.date)} ${m.message_id}`, 0, () => el("div", { class: "day" }, day(m.date)));
    const key = `${place}/${m.message_id}`;
    const service = serviceText(m);
    if (service) { put(key, service, () => el("div", { class: "service", title: `message_id ${m.message_id}` }, service)); return; }
    const whole = albumOf(m, all), starts = !follows(last, m), ends = !follows(m, next);
    const around = [starts, state.topic === null, m.is_topic_message && state.topics?.get(m.message_thread_id), chat()?.pinned.includes(m.message_id)];
    put(key, [whole, state.reactions[m.message_id], around], () => message(whole, starts, ends, fresh.has(m.message_id)));
    // The next one of the same person only moves this one's end.
    nodes[nodes.length - 1].classList.toggle("ends", ends);
  });
  if (!list.length) {
    const words = isPrivate(chat() || { type: "" }) ? "No messages yet. Say /start." : "No messages yet.";
    put("empty", words, () => el("div", { class: "empty" }, words));
  }
  patch(log, nodes);
  // What comes in above does not push out of sight what is read.
  if (atEnd) log.scrollTop = log.scrollHeight;
  else log.scrollTop = first?.isConnected && first !== top() ? log.scrollHeight - fromEnd : fromStart;
  find();
}

/** Brings the children into this order; those that stay are not touched. */
function patch(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.childNodes]) if (!wanted.has(node)) node.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
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
  && (a.message_thread_id === b.message_thread_id || !(a.is_topic_message || b.is_topic_message)) && b.date - a.date < 600;
