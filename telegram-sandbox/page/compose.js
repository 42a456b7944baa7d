// Writing: text, commands, files, replies, edits.
import { $, api, at, botOf, chat, el, failed, fullName, isPrivate, ofBot, state } from "./base.js";
import { openApp } from "./mini_app.js";
import { preview } from "./words.js";

export async function send(text) {
  const body = { from: state.me, ...at(), text };
  if (state.topic) body.thread = state.topic;
  if (state.replyTo) body.reply_to = state.replyTo;
  try {
    if (state.editing) await api("edits", { from: state.me, ...at(), message_id: state.editing, text });
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
    for (const [name, value] of Object.entries(at())) form.set(name, value);
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
  keepDraft();
  Object.assign(state, { replyTo: null, editing: m.message_id });
  $("replying-who").textContent = "Edit message";
  $("replying-text").textContent = preview(m);
  $("replying").hidden = false;
  $("text").value = m.text ?? m.caption ?? "";
  grow();
  $("text").focus();
}

export function stopReplying() {
  if (state.editing) { $("text").value = state.drafts.get(draftKey()) || ""; grow(); }
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

/** What is written in a chat stays there until somebody comes back to it. */
const draftKey = () => `${state.me}/${JSON.stringify(at())}`;

export function keepDraft() {
  if (!state.chat || state.editing) return;
  state.drafts.set(draftKey(), $("text").value);
}

export function showDraft() {
  $("text").value = state.drafts.get(draftKey()) || "";
  grow();
}

/** The commands that this person sees here; the sandbox knows which scope and language count. */
export async function loadCommands() {
  const here = () => `chat=${state.chat}&user=${state.me}${ofBot()}`;
  const wanted = here();
  const found = state.chat && state.me ? (await api(`commands?${wanted}`)).commands : [];
  if (wanted !== here()) return;
  const isNew = JSON.stringify(found) !== JSON.stringify(state.commands);
  state.commands = found;
  if (isNew) suggest();
  showMenu();
}

/** The button beside the text box that the bot has set. */
function showMenu() {
  const c = chat();
  const set = c && isPrivate(c) ? c.menu_button : null;
  const isApp = set?.type === "web_app";
  $("menu").hidden = !isApp && !(set?.type === "commands" && state.commands.length);
  $("menu").textContent = isApp ? set.text : "Menu";
  $("menu").onclick = () => {
    if (isApp) { openApp({ url: set.web_app.url, name: set.text, chat: c.id }); return; }
    $("text").value = "/";
    grow();
    $("text").focus();
  };
}

let picked = 0, options = [];

/** Rows above the text box, and what taking one does. */
function offer(rows) {
  options = rows;
  picked = Math.min(picked, Math.max(rows.length - 1, 0));
  $("suggestions").hidden = !rows.length;
  $("suggestions").replaceChildren(...rows.map(({ label, about, take }, place) => el("button", {
    type: "button", role: "option", "aria-selected": String(place === picked), onclick: take,
  }, el("b", {}, label), el("span", { class: "muted" }, about))));
}

export function suggest() {
  const typed = /^\/(\w*)$/.exec($("text").value);
  if (!typed) { if (!asked()) offer([]); return; }
  const rank = (c) => (c.command === typed[1] ? 0 : 1);
  const found = state.commands.filter((c) => c.command.startsWith(typed[1])).sort((a, b) => rank(a) - rank(b));
  offer(found.map((c) => ({
    label: `/${c.command}`, about: c.description,
    take: () => { $("text").value = ""; grow(); send(`/${c.command}`); },
  })));
}

/** "@bot words": the bot that is asked, if there is such a bot, and the words. */
function asked() {
  const typed = /^@(\w+) (.*)$/s.exec($("text").value);
  const bot = typed && state.bots.find((b) => b.inline && b.username?.toLowerCase() === typed[1].toLowerCase());
  return bot ? { bot, query: typed[2] } : null;
}

/** Puts "@bot words" into the text box, which asks the bot. */
export function askInline(bot, query) {
  const name = (bot?.is_bot ? bot : botOf(chat())).username;
  $("text").value = `@${name} ${query}`;
  $("text").focus();
  grow();
  inline();
}

let inlineTimer = 0;
/** Asks the bot once nothing more is typed, and shows what it offers. */
function inline() {
  clearTimeout(inlineTimer);
  if (!asked()) return;
  inlineTimer = setTimeout(async () => {
    const text = $("text").value, { bot, query } = asked() || {};
    if (!bot) return;
    try {
      const answer = await api("inline", { from: state.me, chat: state.chat, query, bot: bot.id });
      if ($("text").value !== text) return;
      offer(answer.results.map((result) => ({
        label: result.title || result.caption || result.type, about: result.description || "",
        take: () => {
          $("text").value = "";
          grow();
          api("choices", { inline_query_id: answer.inline_query_id, result_id: result.id }).catch(failed);
        },
      })));
    } catch (error) { if ($("text").value === text) failed(error); }
  }, 300);
}

async function submit() {
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  grow();
  if (!(await send(text))) { $("text").value = text; grow(); }
}

function keys(event) {
  if (options.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    picked = (picked + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
    offer(options);
  } else if (options.length && event.key === "Tab" && options[picked].label.startsWith("/")) {
    event.preventDefault();
    $("text").value = options[picked].label + " ";
    grow();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (options.length) options[picked].take(); else submit();
  } else if (event.key === "Escape") { offer([]); stopReplying(); }
}

export function start() {
  $("composer").onsubmit = (event) => { event.preventDefault(); submit(); };
  $("text").oninput = () => { picked = 0; grow(); inline(); };
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
