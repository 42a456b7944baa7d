// Topics of a forum: a row of them above the messages.
import { $, api, chat, el, failed, state } from "./base.js";
import { showMessages } from "./chat.js";

/** The chat's topics: by id, with their names. */
export const topics = () => state.topics || new Map();

/** Asks for the topics of a forum, also for those that no loaded message tells of. */
export async function loadTopics() {
  const id = state.chat;
  if (!chat()?.is_forum) { state.topics = null; return; }
  const found = await api(`topics?chat=${id}`);
  if (id !== state.chat) return;
  state.topics = new Map(found.topics.map((topic) => [topic.message_thread_id, topic.name]));
  // The one that was open is gone.
  if (state.topic && !state.topics.has(state.topic)) state.topic = null;
}

export const inTopic = (m) => state.topic === null || (state.topic === 0 ? !m.message_thread_id : m.message_thread_id === state.topic);

export function showTopics() {
  const known = topics();
  const bar = $("topics");
  bar.hidden = !chat()?.is_forum;
  if (bar.hidden) { state.topic = null; return; }
  const choose = (id) => () => { state.topic = id; showTopics(); showMessages(new Set()); $("messages").scrollTop = $("messages").scrollHeight; };
  const chip = (id, name) => el("button", { class: "topic", "aria-pressed": String(state.topic === id), onclick: choose(id) }, name);
  bar.replaceChildren(chip(null, "All"), chip(0, "General"), ...[...known].map(([id, name]) => chip(id, `# ${name}`)),
    el("button", { class: "topic", title: "Open a topic", onclick: () => { $("topic-dialog").querySelector("form").reset(); $("topic-dialog").showModal(); } }, "+ Topic"));
}

export function start() {
  $("topic-dialog").onclose = async () => {
    if ($("topic-dialog").returnValue !== "ok") return;
    const name = new FormData($("topic-dialog").querySelector("form")).get("name");
    try {
      const opened = await api("topics", { from: state.me, chat: state.chat, name });
      await loadTopics();
      state.topic = opened.message_thread_id;
      showTopics();
      showMessages(new Set());
    } catch (error) { failed(error); }
  };
}
