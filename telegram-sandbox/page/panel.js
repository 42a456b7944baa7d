// The side panel: every call of the bot and every update that it was given.
import { $, api, botName, copied, el, fullName, isPrivate, state, toast } from "./base.js";
import { preview, size } from "./words.js";

const KEPT = 300;
const panel = { calls: [], updates: [], callCursor: 0, updateCursor: 0, shows: "all" };

const isPoll = (call) => call.method.toLowerCase() === "getupdates";

export async function loadPanel() {
  const [calls, updates] = await Promise.all([api(`calls?after=${panel.callCursor}`), api(`updates?after=${panel.updateCursor}`)]);
  panel.callCursor = calls.cursor;
  panel.updateCursor = updates.cursor;
  if (!calls.calls.length && !updates.updates.length) return;
  panel.calls.push(...calls.calls);
  // Polls are many and dull: they may not push the others out.
  const polls = panel.calls.filter(isPoll).slice(-50);
  panel.calls = [...polls, ...panel.calls.filter((call) => !isPoll(call)).slice(-KEPT)].sort((a, b) => a.id - b.id);
  panel.updates = [...panel.updates, ...updates.updates].slice(-KEPT);
  showPanel();
}

/** Both kinds as rows: a key, a time, what a search looks through, and a node. */
function rows() {
  const calls = panel.shows === "updates" ? [] : panel.calls
    .filter((call) => $("show-polls").checked || !isPoll(call))
    .map((call) => ({ key: `c${call.id}`, at: call.at, text: () => `${botName(call.bot)} ${call.method} ${call.chat_id ?? ""} ${call.status} ${JSON.stringify(call.request)} ${JSON.stringify(call.response)}`, node: () => callNode(call) }));
  const updates = panel.shows === "calls" ? [] : panel.updates
    .map(({ at, bot, update }) => ({ key: `u${bot}/${update.update_id}`, at, text: () => `${botName(bot)} ${JSON.stringify(update)}`, node: () => updateNode(update, at, bot) }));
  // What came first at the same millisecond is the update: the call answers it.
  return [...updates, ...calls].sort((a, b) => b.at - a.at);
}

export function showPanel() {
  const list = $("call-list");
  const filter = $("call-filter").value.trim().toLowerCase();
  const wanted = rows().filter((row) => !filter || row.text().toLowerCase().includes(filter));
  const have = new Map([...list.children].map((node) => [node.dataset.key, node]));
  list.replaceChildren(...wanted.map((row) => {
    const node = have.get(row.key) || row.node();
    node.dataset.key = row.key;
    return node;
  }));
  if (!wanted.length) list.append(el("p", { class: "muted small nothing" }, filter ? "Nothing fits." : "Nothing yet. What the bot calls and what it is told appear here."));
}

function chatName(id) {
  const c = state.chats.find((other) => other.id === id);
  return c ? (isPrivate(c) ? fullName(c) : c.title) : id ?? "";
}

const json = (value) => JSON.stringify(value, null, 2);

/** A row that builds its inside when it is opened. */
function row(kind, summary, inside) {
  const node = el("details", { class: `call ${kind}` }, el("summary", {}, ...summary.filter(Boolean)));
  node.addEventListener("toggle", () => {
    if (node.open && node.children.length === 1) node.append(el("div", { class: "body" }, ...inside()));
  });
  return node;
}

function callNode(call) {
  const bad = call.status === 0 || call.status >= 500 ? "bad" : call.status >= 400 ? "warn" : "";
  const ms = call.elapsed_us / 1000;
  const time = ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  const where = chatName(call.chat_id);
  return row("", [
    el("span", { class: `status ${bad}` }, call.status === 0 ? "lost" : String(call.status)),
    botMark(call.bot), el("span", { class: "method" }, call.method), el("span", { class: "chat" }, where ? `→ ${where}` : ""), el("span", { class: "time" }, time),
  ], () => [
    el("h3", {}, `Request · ${new Date(call.at).toLocaleTimeString()}`, el("button", { onclick: () => copyCurl(call) }, "Copy as curl")),
    el("pre", {}, json(call.request)),
    ...(call.files || []).map((file) => el("p", { class: "muted small" }, `${file.field}: ${file.name || "a file"}, ${size(file.size)}`)),
    el("h3", {}, "Answer", el("button", { onclick: () => copied(json(call.response), "Copied") }, "Copy")), el("pre", {}, json(call.response)),
  ]);
}

/** Whose it is, where there are several bots. */
const botMark = (id) => (botName(id) ? el("span", { class: "whose small" }, botName(id)) : null);

function updateNode(update, at, bot) {
  const kind = Object.keys(update).find((key) => key !== "update_id") || "update";
  const inner = update[kind] || {};
  const who = inner.from || inner.user;
  const words = inner.message_id && inner.chat && !inner.new_reaction ? preview(inner) : inner.data ?? inner.query ?? "";
  const where = chatName((inner.chat || inner.message?.chat)?.id);
  return row("update", [
    el("span", { class: "status up" }, "update"), botMark(bot), el("span", { class: "method" }, kind),
    el("span", { class: "chat" }, [who ? fullName(who) : where, words].filter(Boolean).join(": ")), el("span", { class: "time" }, `#${update.update_id}`),
  ], () => [
    el("h3", {}, `To ${botName(bot) || "the bot"} · ${new Date(at).toLocaleTimeString()}`, el("button", { onclick: () => copied(json(update), "Copied") }, "Copy")),
    el("pre", {}, json(update)),
  ]);
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** The call for a shell; files are looked for where it runs. */
export function curl(call) {
  const address = `curl -s ${location.origin}/bot$TOKEN/${call.method}`;
  if (!call.files?.length) return `${address} -H 'content-type: application/json' -d ${quoted(JSON.stringify(call.request))}`;
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const fields = Object.entries(call.request || {}).map(([name, value]) => ` --form-string ${quoted(`${name}=${text(value)}`)}`);
  const files = call.files.map((file) => ` -F ${quoted(`${file.field}=@${file.name || "file"}`)}`);
  return address + fields.join("") + files.join("");
}

function copyCurl(call) {
  if (call.request?.truncated_bytes !== undefined) toast("The request was too long to be kept", true);
  else copied(curl(call), call.files?.length ? "Copied; set TOKEN first, and have the files at hand" : "Copied; set TOKEN first");
}

export function start() {
  for (const id of ["show-calls", "show-calls-list"]) $(id).onclick = () => { document.body.dataset.calls = document.body.dataset.calls === "open" ? "" : "open"; };
  $("hide-calls").onclick = () => { document.body.dataset.calls = ""; };
  $("clear-calls").onclick = () => { panel.calls = []; panel.updates = []; showPanel(); };
  $("call-filter").oninput = showPanel;
  $("show-polls").onchange = showPanel;
  for (const tab of document.querySelectorAll("[data-shows]")) {
    tab.onclick = () => {
      panel.shows = tab.dataset.shows;
      for (const other of document.querySelectorAll("[data-shows]")) other.setAttribute("aria-pressed", String(other === tab));
      showPanel();
    };
  }
}
