// The sandbox's chat page: a client of /sandbox/api/. Data only ever becomes text nodes and
// attributes, never markup. The stream says where something changed; the page fetches it.
"use strict";

const API = "/sandbox/api/";
const SHOWN_AT_ONCE = 150;
const CALLS_KEPT = 300;

const state = {
  me: 0, chat: 0, users: [], chats: [], bot: { user: { id: 0, first_name: "Bot" }, commands: [] },
  messages: new Map(), cursor: 0, reactions: {}, keyboard: null, shown: SHOWN_AT_ONCE,
  replyTo: null, editing: null, seen: JSON.parse(sessionStorage.getItem("seen") || "{}"),
  calls: [], callCursor: 0, people: -1, rooms: -1, actions: [],
};

const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings become text nodes. */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name in node && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function api(path, body, method) {
  const options = { method: method || (body ? "POST" : "GET") };
  if (body instanceof FormData) options.body = body;
  else if (body) {
    options.body = JSON.stringify(body);
    options.headers = { "content-type": "application/json" };
  }
  const response = await fetch(API + path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.description || response.statusText);
  return answer;
}

function toast(text, bad) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 2500 + Math.min(text.length * 45, 6000));
}

const failed = (error) => toast(error.message, true);

// People and chats -------------------------------------------------------------------------

const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");
const user = (id) => state.users.find((u) => u.id === id) || (id === state.bot.user.id ? state.bot.user : null);
const chat = () => state.chats.find((c) => c.id === state.chat);
const isPrivate = (c) => c.type === "private";
const title = (c) => (isPrivate(c) ? fullName(state.bot.user) : c.title || `Chat ${c.id}`);
const color = (id) => Math.abs(id) % 7;
const standing = (c, id) => c.members.find((m) => m.user.id === id);
const present = (member) => !!member && !["left", "kicked"].includes(member.status) && member.is_member !== false;

function avatar(id, name) {
  const letters = name.split(/\s+/).map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();
  return el("span", { class: `avatar c${color(id)}`, "aria-hidden": "true" }, letters || "?");
}
const userAvatar = (u) => avatar(u.is_bot ? 5 : u.id, fullName(u));
const chatAvatar = (c) => (isPrivate(c) ? userAvatar(state.bot.user) : avatar(c.id, title(c)));

/** The chats that somebody sees: the one with the bot, and groups. */
const chatsOf = (id) => state.chats.filter((c) => !c.migrated_to && (isPrivate(c) ? c.id === id : present(standing(c, id))));

const seenKey = (person, c) => `${person}/${c}`;
function unread(person, c) {
  const last = c.last_message;
  if (!last || (last.from && last.from.id === person)) return 0;
  return Math.max(0, last.message_id - (state.seen[seenKey(person, c.id)] || 0));
}
function markSeen() {
  const c = chat();
  if (!c || document.visibilityState !== "visible") return;
  const last = [...state.messages.keys()].pop() || 0;
  state.seen[seenKey(state.me, c.id)] = Math.max(last, c.last_message ? c.last_message.message_id : 0);
  sessionStorage.setItem("seen", JSON.stringify(state.seen));
}

async function loadLists() {
  const [users, chats, bot, stats] = await Promise.all([api("users"), api("chats"), api("bot"), api("stats")]);
  Object.assign(state, { users: users.users, chats: chats.chats, bot });
  $("pending").textContent = stats.pending_updates ? `${stats.pending_updates} pending` : "";
  // What was there before this window was opened is not news.
  for (const u of state.users) {
    for (const c of chatsOf(u.id)) {
      const key = seenKey(u.id, c.id);
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
}

function showLists() {
  markSeen();
  $("people").replaceChildren(...state.users.map((u) => el("button", {
    class: "person", role: "radio", "aria-checked": String(u.id === state.me),
    title: `Write as ${fullName(u)} (${u.id})`, onclick: () => become(u.id),
  }, userAvatar(u), el("span", { class: "name" }, fullName(u)),
  u.id !== state.me && chatsOf(u.id).some((c) => isPrivate(c) && unread(u.id, c)) ? el("span", { class: "dot" }) : null)));
  const rows = chatsOf(state.me).sort((a, b) => (b.last_message?.date || 0) - (a.last_message?.date || 0));
  $("chats").replaceChildren(...rows.map((c) => {
    const news = c.id === state.chat ? 0 : unread(state.me, c);
    return el("button", { class: "chat-row", "aria-current": String(c.id === state.chat), onclick: () => openChat(c.id, true) },
      chatAvatar(c),
      el("span", { class: "lines" },
        el("span", { class: "line" }, el("span", { class: "title" }, title(c)),
          el("span", { class: "muted small" }, c.last_message ? clock(c.last_message.date) : "")),
        el("span", { class: "line" }, el("span", { class: "last" }, c.last_message ? preview(c.last_message, !isPrivate(c)) : "No messages yet"),
          news ? el("span", { class: "badge" }, news > 99 ? "99+" : String(news)) : null)));
  }));
}

function become(id) {
  state.me = id;
  const chats = chatsOf(id);
  const kept = chats.find((c) => c.id === state.chat && !isPrivate(c));
  openChat((kept || chats.find((c) => c.id === id) || chats[0] || { id: 0 }).id, false);
}

async function openChat(id, show) {
  Object.assign(state, { chat: id, messages: new Map(), cursor: 0, reactions: {}, keyboard: null, shown: SHOWN_AT_ONCE });
  stopReplying();
  suggest();
  history.replaceState(null, "", `#as=${state.me}&chat=${id}`);
  if (show) document.body.dataset.view = "chat";
  showHead();
  await loadMessages();
  $("messages").scrollTop = $("messages").scrollHeight;
  showLists();
  if (show && matchMedia("(min-width: 721px)").matches) $("text").focus();
}

function showHead() {
  const c = chat();
  $("chat-head").hidden = !c;
  if (!c) return;
  $("chat-avatar").replaceWith(Object.assign(chatAvatar(c), { id: "chat-avatar" }));
  $("chat-title").textContent = title(c);
  const doing = state.actions.find((a) => a.chat === c.id);
  const count = c.members.filter(present).length;
  $("chat-subtitle").textContent = doing ? doing.action.replaceAll("_", " ") + "…"
    : isPrivate(c) ? `bot · chat with ${fullName(user(state.me) || { first_name: "?" })}` : `${c.type} · ${count} members · ${c.id}`;
  $("chat-subtitle").classList.toggle("active", !!doing);
  const me = user(state.me);
  $("chat-more").textContent = isPrivate(c) ? "Block" : "Members";
  $("chat-more").hidden = isPrivate(c) && me && me.blocked_bot;
  $("blocked").hidden = !(isPrivate(c) && me && me.blocked_bot);
  $("composer").hidden = !$("blocked").hidden;
  const pinned = state.messages.get(c.pinned[c.pinned.length - 1]);
  $("pinned").hidden = !pinned;
  if (pinned) $("pinned").replaceChildren(el("b", {}, "Pinned message"), preview(pinned));
  document.title = `${title(c)} · sandbox`;
}

// Messages ---------------------------------------------------------------------------------

const two = (n) => String(n).padStart(2, "0");
const clock = (date) => { const d = new Date(date * 1000); return `${two(d.getHours())}:${two(d.getMinutes())}`; };
const day = (date) => new Date(date * 1000).toLocaleDateString(undefined, { day: "numeric", month: "long" });
const KINDS = { photo: "Photo", video: "Video", audio: "Audio", voice: "Voice message", sticker: "Sticker", document: "File" };

function serviceText(m) {
  const who = m.from ? fullName(m.from) : "Somebody";
  if (m.new_chat_members) {
    const names = m.new_chat_members.map(fullName).join(", ");
    return m.new_chat_members.some((u) => m.from && u.id === m.from.id) ? `${names} joined` : `${who} added ${names}`;
  }
  if (m.left_chat_member) return m.from && m.from.id === m.left_chat_member.id ? `${who} left` : `${who} removed ${fullName(m.left_chat_member)}`;
  if (m.pinned_message) return `${who} pinned “${preview(m.pinned_message).slice(0, 40)}”`;
  if (m.migrate_to_chat_id) return `The group became supergroup ${m.migrate_to_chat_id}`;
  if (m.migrate_from_chat_id) return `Upgraded from group ${m.migrate_from_chat_id}`;
  return null;
}

function preview(m, named) {
  const kind = Object.keys(KINDS).find((k) => m[k]);
  const text = serviceText(m) || m.text || [m.document?.file_name || (kind && KINDS[kind]), m.caption].filter(Boolean).join(": ") || "Message";
  const name = named && m.from && !serviceText(m) ? (m.from.id === state.me ? "You: " : `${m.from.first_name}: `) : "";
  return name + text.replace(/\s+/g, " ");
}

async function loadMessages() {
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
  showMessages(first ? new Set() : changed);
  showHead();
}

function showMessages(fresh) {
  const log = $("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const all = [...state.messages.values()];
  const list = all.slice(-state.shown);
  const nodes = [];
  if (all.length > list.length) {
    nodes.push(el("button", { class: "earlier", onclick: () => { state.shown += 300; showMessages(new Set()); } }, `Show earlier (${all.length - list.length})`));
  }
  list.forEach((m, place) => {
    const before = list[place - 1], after = list[place + 1];
    if (!before || day(before.date) !== day(m.date)) nodes.push(el("div", { class: "day" }, day(m.date)));
    const service = serviceText(m);
    if (service) nodes.push(el("div", { class: "service" }, service));
    else nodes.push(message(m, !follows(before, m), !follows(m, after), fresh.has(m.message_id)));
  });
  if (!list.length) nodes.push(el("div", { class: "empty" }, isPrivate(chat() || { type: "" }) ? "No messages yet. Say /start." : "No messages yet."));
  log.replaceChildren(...nodes);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

const follows = (a, b) => a && b && !serviceText(a) && !serviceText(b) && a.from?.id === b.from?.id && b.date - a.date < 600;

function message(m, starts, ends, isFresh) {
  const mine = m.from?.id === state.me;
  const group = !isPrivate(m.chat);
  const parts = [];
  if (group && !mine && starts && m.from) parts.push(el("span", { class: `sender ink${m.from.is_bot ? 5 : color(m.from.id)}` }, fullName(m.from)));
  if (m.forward_origin) parts.push(el("span", { class: "forwarded" }, `Forwarded from ${fullName(m.forward_origin.sender_user || { first_name: "somebody" })}`));
  if (m.reply_to_message) {
    parts.push(el("span", { class: "quote" }, el("b", {}, m.reply_to_message.from ? fullName(m.reply_to_message.from) : ""), el("span", {}, preview(m.reply_to_message))));
  }
  parts.push(...media(m));
  const text = m.text ?? m.caption;
  if (text) {
    const words = el("span", { class: "words" });
    rich(words, text, 0, text.length, [...(m.entities || m.caption_entities || [])]);
    parts.push(words);
  }
  const meta = [m.message_thread_id ? `topic ${m.message_thread_id}` : null, m.edit_date ? "edited" : null, clock(m.date)].filter(Boolean).join(" · ");
  parts.push(el("span", { class: "meta", title: `message_id ${m.message_id}` }, meta));
  const stack = el("div", { class: "stack" }, el("div", { class: isFresh ? "bubble fresh" : "bubble" }, ...parts));
  if (m.reply_markup) stack.append(keyboard(m));
  const reactions = Object.values(state.reactions[m.message_id] || {}).flat();
  if (reactions.length) stack.append(el("div", { class: "reactions" }, ...reactions.map((r) => el("span", { class: "reaction" }, r.emoji || "★"))));
  stack.append(tools(m, mine));
  return el("div", { class: ["message", mine && "mine", starts && "starts", ends && "ends"].filter(Boolean).join(" ") },
    mine || !group ? null : ends && m.from ? userAvatar(m.from) : el("span", { class: "gap" }), stack);
}

function tools(m, mine) {
  const react = (emoji) => api("reactions", { from: state.me, chat: m.chat.id, message_id: m.message_id, emoji }).catch(failed);
  const reacted = (state.reactions[m.message_id] || {})[state.me];
  return el("div", { class: "tools" },
    el("button", { title: "Reply", onclick: () => startReplying(m) }, "↩"),
    el("button", { title: reacted ? "Take the reaction back" : "React", onclick: () => react(reacted ? "" : "👍") }, "👍"),
    mine ? el("button", { title: "Edit", onclick: () => startEditing(m) }, "✎") : null);
}

const fileUrl = (id) => `${API}files/${encodeURIComponent(id)}`;
const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

function media(m) {
  if (m.photo) {
    const largest = m.photo[m.photo.length - 1];
    return [el("a", { class: "photo", href: fileUrl(largest.file_id), target: "_blank", rel: "noopener" },
      el("img", { src: fileUrl(largest.file_id), alt: m.caption || "Photo", width: largest.width, height: largest.height, loading: "lazy" }))];
  }
  const kind = ["document", "video", "audio", "voice", "sticker"].find((k) => m[k]);
  if (!kind) return [];
  const file = m[kind];
  const name = file.file_name || file.title || KINDS[kind];
  const extension = name.includes(".") ? name.split(".").pop().slice(0, 4) : kind.slice(0, 4);
  return [el("a", { class: "file", href: fileUrl(file.file_id), download: name },
    el("span", { class: "sheet" }, extension),
    el("span", { class: "about" }, el("b", {}, name), el("span", { class: "muted small" }, size(file.file_size))))];
}

// Text with entities; offsets are UTF-16 code units, which is what JavaScript counts.
function rich(parent, text, start, end, entities) {
  let at = start;
  while (entities.length) {
    const entity = entities.shift();
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || stop <= entity.offset) continue;
    parent.append(text.slice(at, entity.offset));
    const inside = [];
    while (entities.length && entities[0].offset < stop) inside.push(entities.shift());
    const piece = text.slice(entity.offset, stop);
    const [outer, inner] = dressed(entity, piece);
    rich(inner, text, entity.offset, stop, inside);
    parent.append(outer);
    at = stop;
  }
  parent.append(text.slice(at, end));
}

function dressed(entity, piece) {
  const same = (node) => [node, node];
  const link = (url) => same(/^(https?|tg|mailto):/i.test(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }) : el("span"));
  switch (entity.type) {
    case "bold": return same(el("b"));
    case "italic": return same(el("i"));
    case "underline": return same(el("u"));
    case "strikethrough": return same(el("s"));
    case "code": return same(el("code"));
    case "pre": return same(el("pre", { "data-language": entity.language }));
    case "blockquote": case "expandable_blockquote": return same(el("blockquote"));
    case "spoiler": {
      const inner = el("span");
      const outer = el("span", { class: "spoiler", title: "Show", onclick: () => outer.classList.toggle("open") }, inner);
      return [outer, inner];
    }
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z]+:\/\//i.test(piece) ? piece : `http://${piece}`);
    case "email": return link(`mailto:${piece}`);
    case "bot_command": return same(el("button", { class: "tap", title: `Send ${piece}`, onclick: () => send(piece) }));
    case "mention": case "hashtag": case "cashtag": case "text_mention": return same(el("span", { class: "tap" }));
    default: return same(el("span"));
  }
}

// Buttons ----------------------------------------------------------------------------------

function keyboard(m) {
  return el("div", { class: "keyboard" }, ...m.reply_markup.inline_keyboard.map((row) => el("div", { class: "keys" },
    ...row.map((button) => el("button", {
      class: button.url ? "key link" : "key", title: button.callback_data || button.url || "",
      onclick: (event) => press(m, button, event.currentTarget),
    }, button.text)))));
}

async function press(m, button, node) {
  if (button.url) { open(button.url, "_blank", "noopener"); return; }
  if (button.copy_text) { await navigator.clipboard?.writeText(button.copy_text.text); toast("Copied"); return; }
  node.classList.add("busy");
  try {
    const body = { from: state.me, chat: m.chat.id, message_id: m.message_id };
    const answer = await api("clicks", button.callback_data ? { ...body, data: button.callback_data } : { ...body, text: button.text });
    if (answer.url) open(answer.url, "_blank", "noopener");
    if (answer.text && answer.show_alert) { $("alert-text").textContent = answer.text; $("alert").showModal(); }
    else if (answer.text) toast(answer.text);
  } catch (error) { failed(error); }
  node.classList.remove("busy");
}

function showKeyboard(markup) {
  state.keyboard = markup && markup.keyboard ? markup : null;
  const box = $("reply-keyboard");
  box.hidden = !state.keyboard;
  box.replaceChildren(...(state.keyboard ? state.keyboard.keyboard.map((row) => el("div", { class: "keys" },
    ...row.map((key) => { const text = typeof key === "string" ? key : key.text; return el("button", { onclick: () => send(text) }, text); }))) : []));
}

// Writing ----------------------------------------------------------------------------------

async function send(text) {
  const body = { from: state.me, chat: state.chat, text };
  if (state.replyTo) body.reply_to = state.replyTo;
  try {
    if (state.editing) await api("edits", { from: state.me, chat: state.chat, message_id: state.editing, text });
    else await api("messages", body);
    stopReplying();
    $("messages").scrollTop = $("messages").scrollHeight;
  } catch (error) { failed(error); return false; }
  return true;
}

async function sendFiles(files) {
  const album = files.length > 1 ? String(Date.now()) : null;
  let caption = $("text").value.trim();
  for (const file of files) {
    const form = new FormData();
    form.set("from", state.me);
    form.set("chat", state.chat);
    if (caption) form.set("caption", caption);
    if (album) form.set("album", album);
    if (state.replyTo) form.set("reply_to", state.replyTo);
    const picture = ["image/png", "image/jpeg", "image/webp"].includes(file.type) && file.size < 10 << 20;
    form.set(picture ? "photo" : "document", file, file.name || "file");
    try { await api("messages", form); } catch (error) { failed(error); return; }
    caption = "";
  }
  $("text").value = "";
  stopReplying();
  grow();
}

function startReplying(m) {
  Object.assign(state, { replyTo: m.message_id, editing: null });
  $("replying-who").textContent = `Reply to ${m.from ? fullName(m.from) : "message"}`;
  $("replying-text").textContent = preview(m);
  $("replying").hidden = false;
  $("text").focus();
}

function startEditing(m) {
  Object.assign(state, { replyTo: null, editing: m.message_id });
  $("replying-who").textContent = "Edit message";
  $("replying-text").textContent = preview(m);
  $("replying").hidden = false;
  $("text").value = m.text ?? m.caption ?? "";
  grow();
  $("text").focus();
}

function stopReplying() {
  if (state.editing) { $("text").value = ""; grow(); }
  Object.assign(state, { replyTo: null, editing: null });
  $("replying").hidden = true;
}

function grow() {
  const box = $("text"), log = $("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  suggest();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** The commands that this person sees here: the narrowest scope that has any, as clients do. */
function commandsHere() {
  const c = chat();
  if (!c) return [];
  const admin = ["creator", "administrator"].includes(standing(c, state.me)?.status);
  const scopes = isPrivate(c) ? [`chat:${c.id}`, "all_private_chats", "default"]
    : [`chat_member:${c.id}:${state.me}`, ...(admin ? [`chat_administrators:${c.id}`] : []), `chat:${c.id}`,
      ...(admin ? ["all_chat_administrators"] : []), "all_group_chats", "default"];
  const language = user(state.me)?.language_code || "";
  for (const scope of scopes) {
    for (const code of [language, ""]) {
      const found = state.bot.commands.find((set) => set.scope === scope && set.language_code === code);
      if (found) return found.commands;
    }
  }
  return [];
}

let picked = 0;
function suggest() {
  const typed = /^\/(\w*)$/.exec($("text").value);
  const found = typed ? commandsHere().filter((c) => c.command.startsWith(typed[1])) : [];
  const box = $("suggestions");
  picked = Math.min(picked, Math.max(found.length - 1, 0));
  box.hidden = !found.length;
  box.replaceChildren(...found.map((c, place) => el("button", {
    type: "button", role: "option", "aria-selected": String(place === picked),
    onclick: () => { $("text").value = ""; grow(); send(`/${c.command}`); },
  }, el("b", {}, `/${c.command}`), el("span", { class: "muted" }, c.description))));
}

async function submit() {
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  grow();
  if (!(await send(text))) { $("text").value = text; grow(); }
}

function keys(event) {
  const options = $("suggestions").hidden ? 0 : $("suggestions").children.length;
  if (options && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    picked = (picked + (event.key === "ArrowDown" ? 1 : options - 1)) % options;
    suggest();
  } else if (options && event.key === "Tab") {
    event.preventDefault();
    $("text").value = $("suggestions").children[picked].querySelector("b").textContent + " ";
    grow();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape") stopReplying();
}

// Members and dialogs ----------------------------------------------------------------------

function more() {
  const c = chat();
  if (!c) return;
  if (isPrivate(c)) { block(true); return; }
  showMembers();
  $("members-dialog").showModal();
}

const block = (blocked) => api("blocks", { user: state.me, blocked }).then(loadLists).catch(failed);

function showMembers() {
  const c = chat();
  const act = (id, action) => api("members", { chat: c.id, user: id, action }).then(loadLists).then(showMembers).catch(failed);
  $("member-list").replaceChildren(...[state.bot.user, ...state.users].map((u) => {
    const status = standing(c, u.id)?.status || "left";
    const here = present(standing(c, u.id));
    const actions = !here ? [["join", "Add"]]
      : status === "creator" ? []
      : [status === "administrator" ? ["demote", "Demote"] : ["promote", "Promote"], u.is_bot ? ["leave", "Remove"] : ["leave", "Leave"], ["kick", "Ban"]];
    return el("div", { class: "member" }, userAvatar(u),
      el("span", { class: "who" }, el("b", {}, fullName(u)), el("span", { class: "muted small" }, u.is_bot ? `bot · ${status}` : status)),
      ...actions.map(([action, label]) => el("button", { onclick: () => act(u.id, action) }, label)));
  }));
}

function dialogs() {
  $("add-person").onclick = () => { $("person-dialog").querySelector("form").reset(); $("person-dialog").showModal(); };
  $("add-group").onclick = () => {
    const boxes = state.users.map((u) => el("label", {}, el("input", { type: "checkbox", value: u.id, checked: true }), fullName(u)));
    $("group-members").replaceChildren($("group-members").firstElementChild, ...boxes);
    $("group-dialog").showModal();
  };
  $("person-dialog").onclose = async () => {
    if ($("person-dialog").returnValue !== "ok") return;
    const given = [...new FormData($("person-dialog").querySelector("form"))].filter(([, value]) => value.trim());
    try { const added = await api("users", Object.fromEntries(given)); await loadLists(); become(added.id); } catch (error) { failed(error); }
  };
  $("group-dialog").onclose = async () => {
    if ($("group-dialog").returnValue !== "ok") return;
    const members = [...$("group-members").querySelectorAll("input:checked")].map((box) => Number(box.value));
    const name = new FormData($("group-dialog").querySelector("form")).get("title");
    try { const added = await api("chats", { type: "supergroup", title: name, members }); await loadLists(); openChat(added.id, true); } catch (error) { failed(error); }
  };
}

// Bot API calls ----------------------------------------------------------------------------

const isPoll = (call) => call.method.toLowerCase() === "getupdates";

async function loadCalls() {
  const { calls, cursor } = await api(`calls?after=${state.callCursor}`);
  state.callCursor = cursor;
  if (!calls.length) return;
  state.calls.push(...calls);
  // Polls are many and dull: they may not push the others out.
  const polls = state.calls.filter(isPoll).slice(-50);
  const others = state.calls.filter((call) => !isPoll(call)).slice(-CALLS_KEPT);
  state.calls = [...polls, ...others].sort((a, b) => a.id - b.id);
  showCalls();
}

function showCalls() {
  const list = $("call-list");
  const filter = $("call-filter").value.trim().toLowerCase();
  const wanted = state.calls.filter((call) => ($("show-polls").checked || !isPoll(call))
    && (!filter || `${call.method} ${call.chat_id ?? ""} ${call.status}`.toLowerCase().includes(filter)));
  const have = new Map([...list.children].map((node) => [node.dataset.id, node]));
  list.replaceChildren(...wanted.reverse().map((call) => have.get(String(call.id)) || callNode(call)));
  if (!wanted.length) list.append(el("p", { class: "muted small empty-calls" }));
}

function callNode(call) {
  const bad = call.status === 0 || call.status >= 500 ? "bad" : call.status >= 400 ? "warn" : "";
  const c = state.chats.find((other) => other.id === call.chat_id);
  const where = c ? (isPrivate(c) ? fullName(c) : c.title) : call.chat_id ?? "";
  const ms = call.elapsed_us / 1000;
  const node = el("details", { class: "call", "data-id": call.id },
    el("summary", {}, el("span", { class: `status ${bad}` }, call.status === 0 ? "lost" : String(call.status)),
      el("span", { class: "method" }, call.method), el("span", { class: "chat" }, where ? `→ ${where}` : ""),
      el("span", { class: "time" }, ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`)));
  node.addEventListener("toggle", () => {
    if (!node.open || node.children.length > 1) return;
    const json = (value) => JSON.stringify(value, null, 2);
    node.append(el("div", { class: "body" },
      el("h3", {}, `Request · ${new Date(call.at).toLocaleTimeString()}`, el("button", { onclick: () => copyCurl(call) }, "Copy as curl")),
      el("pre", {}, json(call.request)), el("h3", {}, "Answer"), el("pre", {}, json(call.response))));
  });
  return node;
}

async function copyCurl(call) {
  const quoted = JSON.stringify(call.request).replaceAll("'", "'\\''");
  const line = `curl -s ${location.origin}/bot$TOKEN/${call.method} -H 'content-type: application/json' -d '${quoted}'`;
  try { await navigator.clipboard.writeText(line); toast("Copied; set TOKEN first"); } catch { toast("The clipboard is not available", true); }
}

// The stream -------------------------------------------------------------------------------

let listsTimer = 0;
const refreshListsSoon = () => { listsTimer ||= setTimeout(() => { listsTimer = 0; loadLists().catch(failed); }, 150); };

function listen() {
  const stream = new EventSource(`${API}stream`);
  stream.onopen = () => {
    $("link-state").classList.remove("lost");
    loadLists().then(loadMessages).then(loadCalls).then(() => { $("messages").scrollTop = $("messages").scrollHeight; }).catch(failed);
  };
  stream.onerror = () => { $("link-state").classList.add("lost"); $("link-state").title = "Not connected; trying again"; };
  stream.onmessage = async (event) => {
    const poke = JSON.parse(event.data);
    try {
      // A smaller counter is another world: the sandbox was started anew.
      if (poke.cursor < state.cursor || poke.calls < state.callCursor) { location.reload(); return; }
      state.actions = poke.actions;
      if (poke.chats.includes(state.chat)) await loadMessages();
      if (poke.chats.length || poke.people !== state.people || poke.rooms !== state.rooms) refreshListsSoon();
      Object.assign(state, { people: poke.people, rooms: poke.rooms });
      if (poke.calls > state.callCursor) { await loadCalls(); refreshListsSoon(); }
      showHead();
    } catch (error) { failed(error); }
  };
}

function start() {
  const saved = localStorage.getItem("theme");
  if (saved) document.documentElement.dataset.theme = saved;
  const place = new URLSearchParams(location.hash.slice(1));
  state.me = Number(place.get("as")) || 0;
  state.chat = Number(place.get("chat")) || 0;
  document.body.dataset.view = place.get("chat") ? "chat" : "list";
  dialogs();
  $("composer").onsubmit = (event) => { event.preventDefault(); submit(); };
  $("text").oninput = grow;
  $("text").onkeydown = keys;
  $("text").onpaste = (event) => { if (event.clipboardData.files.length) { event.preventDefault(); sendFiles([...event.clipboardData.files]); } };
  $("attach").onclick = () => $("files").click();
  $("files").onchange = async () => { await sendFiles([...$("files").files]); $("files").value = ""; };
  $("replying-cancel").onclick = stopReplying;
  $("back").onclick = () => { document.body.dataset.view = "list"; showLists(); };
  $("chat-more").onclick = more;
  $("unblock").onclick = () => block(false);
  $("theme").onclick = () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
  };
  for (const id of ["show-calls", "show-calls-list"]) $(id).onclick = () => { document.body.dataset.calls = "open"; };
  $("hide-calls").onclick = () => { document.body.dataset.calls = ""; };
  $("clear-calls").onclick = () => { state.calls = []; showCalls(); };
  $("call-filter").oninput = showCalls;
  $("show-polls").onchange = showCalls;
  document.onvisibilitychange = showLists;
  const main = $("chat");
  let inside = 0;
  main.ondragenter = (event) => { event.preventDefault(); inside += 1; $("drop").hidden = false; };
  main.ondragleave = () => { inside -= 1; if (inside <= 0) { inside = 0; $("drop").hidden = true; } };
  main.ondragover = (event) => event.preventDefault();
  main.ondrop = (event) => { event.preventDefault(); inside = 0; $("drop").hidden = true; sendFiles([...event.dataTransfer.files]); };
  loadLists().catch(failed).finally(listen);
}

start();
