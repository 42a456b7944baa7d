// Writing: text, commands, files, replies, edits.
import { $, api, chat, el, failed, fullName, isPrivate, standing, state, user } from "./base.js";
import { preview } from "./words.js";

export async function send(text) {
  const body = { from: state.me, chat: state.chat, text };
  if (state.topic) body.thread = state.topic;
  if (state.replyTo) body.reply_to = state.replyTo;
  try {
    if (state.editing) await api("edits", { from: state.me, chat: state.chat, message_id: state.editing, text });
    else await api("messages", body);
    stopReplying();
    $("messages").scrollTop = $("messages").scrollHeight;
  } catch (error) { failed(error); return false; }
  return true;
}

/** As a chat client would send it; "As files" leaves everything a document. */
function kindOf(file) {
  if ($("as-files").checked) return "document";
  if (["image/png", "image/jpeg", "image/webp"].includes(file.type) && file.size < 10 << 20) return "photo";
  if (["video/mp4", "video/webm"].includes(file.type)) return "video";
  if (file.type === "audio/ogg") return "voice";
  return file.type.startsWith("audio/") ? "audio" : "document";
}

async function sendFiles(files) {
  // Telegram mixes pictures and films in an album, and nothing else.
  const kinds = new Set(files.map((file) => kindOf(file).replace("video", "photo")));
  const album = files.length > 1 && kinds.size === 1 ? String(Date.now()) : null;
  let caption = $("text").value.trim();
  for (const file of files) {
    const form = new FormData();
    form.set("from", state.me);
    form.set("chat", state.chat);
    if (state.topic) form.set("thread", state.topic);
    if (caption) form.set("caption", caption);
    if (album) form.set("album", album);
    if (state.replyTo) form.set("reply_to", state.replyTo);
    form.set(kindOf(file), file, file.name || "file");
    try { await api("messages", form); } catch (error) { failed(error); return; }
    caption = "";
  }
  $("text").value = "";
  stopReplying();
  grow();
}

export function startReplying(m) {
  Object.assign(state, { replyTo: m.message_id, editing: null });
  $("replying-who").textContent = `Reply to ${m.from ? fullName(m.from) : "message"}`;
  $("replying-text").textContent = preview(m);
  $("replying").hidden = false;
  $("text").focus();
}

export function startEditing(m) {
  Object.assign(state, { replyTo: null, editing: m.message_id });
  $("replying-who").textContent = "Edit message";
  $("replying-text").textContent = preview(m);
  $("replying").hidden = false;
  $("text").value = m.text ?? m.caption ?? "";
  grow();
  $("text").focus();
}

export function stopReplying() {
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
export function suggest() {
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

export function start() {
  $("composer").onsubmit = (event) => { event.preventDefault(); submit(); };
  $("text").oninput = grow;
  $("text").onkeydown = keys;
  $("text").onpaste = (event) => { if (event.clipboardData.files.length) { event.preventDefault(); sendFiles([...event.clipboardData.files]); } };
  $("attach").onclick = () => $("files").click();
  $("files").onchange = async () => { await sendFiles([...$("files").files]); $("files").value = ""; };
  $("replying-cancel").onclick = stopReplying;
  const main = $("chat");
  let inside = 0;
  main.ondragenter = (event) => { event.preventDefault(); inside += 1; $("drop").hidden = false; };
  main.ondragleave = () => { inside -= 1; if (inside <= 0) { inside = 0; $("drop").hidden = true; } };
  main.ondragover = (event) => event.preventDefault();
  main.ondrop = (event) => { event.preventDefault(); inside = 0; $("drop").hidden = true; sendFiles([...event.dataTransfer.files]); };
}
