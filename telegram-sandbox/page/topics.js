// Topics of a forum: a row of them above the messages.
import { $, api, chat, el, failed, state } from "./base.js";
import { showMessages } from "./chat.js";

/** Topics that the chat's messages tell of: by id, with their names. */
export function topics() {
  const found = new Map();
  for (const m of state.messages.values()) {
    const id = m.message_thread_id;
    if (!id || !(m.is_topic_message || m.forum_topic_created || chat()?.is_forum)) continue;
    const name = m.forum_topic_created?.name || m.forum_topic_edited?.name || m.reply_to_message?.forum_topic_created?.name;
    if (!found.has(id) || name) found.set(id, name || found.get(id) || `Topic ${id}`);
  }
  return found;
}

export const inTopic = (m) => state.topic === null || (state.topic === 0 ? !m.message_thread_id : m.message_thread_id === state.topic);

export function showTopics() {
  const known = topics();
  const bar = $("topics");
  bar.hidden = !chat()?.is_forum && !known.size;
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
      state.topic = opened.message_thread_id;
      showTopics();
      showMessages(new Set());
    } catch (error) { failed(error); }
  };
}
