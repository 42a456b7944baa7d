// Messages in few words: previews, service lines, dates.
import { fullName, state } from "./base.js";

const two = (n) => String(n).padStart(2, "0");
export const clock = (date) => { const d = new Date(date * 1000); return `${two(d.getHours())}:${two(d.getMinutes())}`; };
export const day = (date) => new Date(date * 1000).toLocaleDateString(undefined, { day: "numeric", month: "long" });
export const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);
export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${two(Math.round(seconds % 60))}`;

export const KINDS = {
  photo: "Photo", animation: "GIF", video: "Video", audio: "Audio", voice: "Voice message", video_note: "Video message",
  sticker: "Sticker", document: "File", venue: "Venue", location: "Location", contact: "Contact", poll: "Poll", dice: "Dice",
};

/** What the grey line in the middle says; null for what somebody said. */
export function serviceText(m) {
  const who = m.from ? fullName(m.from) : m.sender_chat?.title || "Somebody";
  if (m.new_chat_members) {
    const names = m.new_chat_members.map(fullName).join(", ");
    return m.new_chat_members.some((u) => m.from && u.id === m.from.id) ? `${names} joined` : `${who} added ${names}`;
  }
  if (m.left_chat_member) return m.from && m.from.id === m.left_chat_member.id ? `${who} left` : `${who} removed ${fullName(m.left_chat_member)}`;
  if (m.pinned_message) return `${who} pinned “${preview(m.pinned_message).slice(0, 40)}”`;
  if (m.new_chat_title) return `${who} named the group “${m.new_chat_title}”`;
  if (m.new_chat_photo) return `${who} changed the group's photo`;
  if (m.delete_chat_photo) return `${who} removed the group's photo`;
  if (m.migrate_to_chat_id) return `The group became supergroup ${m.migrate_to_chat_id}`;
  if (m.migrate_from_chat_id) return `Upgraded from group ${m.migrate_from_chat_id}`;
  if (m.forum_topic_created) return `${who} opened the topic “${m.forum_topic_created.name}”`;
  if (m.forum_topic_edited) return m.forum_topic_edited.name ? `${who} renamed the topic to “${m.forum_topic_edited.name}”` : `${who} changed the topic's icon`;
  if (m.forum_topic_closed) return `${who} closed the topic`;
  if (m.forum_topic_reopened) return `${who} opened the topic again`;
  if (m.general_forum_topic_hidden) return `${who} hid the general topic`;
  if (m.general_forum_topic_unhidden) return `${who} showed the general topic`;
  if (m.web_app_data) return `Data from the app “${m.web_app_data.button_text}” went to the bot`;
  if (m.users_shared) return `${who} shared people with the bot`;
  if (m.chat_shared) return `${who} shared a chat with the bot`;
  return null;
}

export function preview(m, named) {
  const kind = Object.keys(KINDS).find((k) => m[k]);
  const about = m.document?.file_name || m.poll?.question || m.venue?.title || (m.dice && `${m.dice.emoji} ${m.dice.value}`)
    || (m.sticker && `${m.sticker.emoji || ""} Sticker`.trim()) || (kind && KINDS[kind]);
  const text = serviceText(m) || m.text || [about, m.caption].filter(Boolean).join(": ") || "Message";
  const name = named && m.from && !serviceText(m) ? (m.from.id === state.me ? "You: " : `${m.from.first_name}: `) : "";
  return name + text.replace(/\s+/g, " ");
}
