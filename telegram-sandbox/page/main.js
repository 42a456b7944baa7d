// The page's beginning, and the stream that keeps several windows in step.
import { $, API, chat, failed, isPrivate, state, withBot } from "./base.js";
import { loadMessages, showHead } from "./chat.js";
import * as compose from "./compose.js";
import * as dialogs from "./dialogs.js";
import * as finding from "./find.js";
import { loadLists, showLists } from "./lists.js";
import * as miniApp from "./mini_app.js";
import * as panel from "./panel.js";
import * as topics from "./topics.js";
import * as world from "./world.js";

let listsTimer = 0;
const refreshListsSoon = () => { listsTimer ||= setTimeout(() => { listsTimer = 0; loadLists().catch(failed); }, 150); };

/** Whether the chat that is open has changed. */
function isHere(poke) {
  const c = chat();
  if (c && isPrivate(c) && c.bot !== state.bots[0].id) return poke.others.some((other) => other.chat === c.id && other.bot === withBot());
  return poke.chats.includes(state.chat);
}

function listen() {
  const stream = new EventSource(`${API}stream`);
  stream.onopen = () => {
    $("link-state").classList.remove("lost");
    $("link-state").title = "Connected to the sandbox";
    loadLists().then(loadMessages).then(panel.loadPanel).then(() => {
      $("messages").scrollTop = $("messages").scrollHeight;
      document.body.dataset.state = "live";
    }).catch(failed);
  };
  stream.onerror = () => {
    $("link-state").classList.add("lost");
    $("link-state").title = "Not connected; trying again";
    document.body.dataset.state = "lost";
  };
  stream.onmessage = async (event) => {
    const poke = JSON.parse(event.data);
    try {
      // Another world: the sandbox was emptied, or started anew.
      if (state.world && poke.world !== state.world) { location.reload(); return; }
      const lists = ["people", "rooms", "bots"].map((name) => poke[name]).join();
      if (poke.chats.length || poke.others.length || lists !== state.lists) refreshListsSoon();
      Object.assign(state, { world: poke.world, actions: poke.actions, lists });
      if (isHere(poke)) await loadMessages();
      await panel.loadPanel();
      if (poke.calls > 0) refreshListsSoon();
      showHead();
    } catch (error) { failed(error); }
  };
}

function theme() {
  const saved = localStorage.getItem("theme");
  if (saved) document.documentElement.dataset.theme = saved;
  $("theme").onclick = () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
  };
}

const place = new URLSearchParams(location.hash.slice(1));
state.me = Number(place.get("as")) || 0;
state.chat = Number(place.get("chat")) || 0;
state.with = Number(place.get("bot")) || 0;
document.body.dataset.view = place.get("chat") ? "chat" : "list";
theme();
for (const part of [compose, dialogs, finding, miniApp, panel, topics, world]) part.start();
$("back").onclick = () => { document.body.dataset.view = "list"; showLists(); };
$("chat-filter").oninput = showLists;
document.onvisibilitychange = showLists;
loadLists().catch(failed).finally(listen);
