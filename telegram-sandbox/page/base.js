// What every module of the page stands on. Data only ever becomes text nodes and attributes, never
// markup. The stream says where something changed; the page fetches it.

export const API = "/sandbox/api/";
export const AT_ONCE = 200;

export const state = {
  me: 0, chat: 0, topic: null, users: [], chats: [], bots: [], commands: [], blocks: new Set(),
  // The bot of the private chat that is open; 0: the first one.
  with: 0,
  messages: new Map(), earlier: false, topics: null, cursor: 0, reactions: {}, keyboard: null, replyTo: null,
  editing: null, drafts: new Map(), seen: JSON.parse(sessionStorage.getItem("seen") || "{}"),
  world: 0, lists: "", actions: [],
};

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings become text nodes. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name in node && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export async function api(path, body, method) {
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

export function toast(text, bad) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 2500 + Math.min(text.length * 45, 6000));
}

export const failed = (error) => toast(error.message, true);

export async function copied(text, said) {
  try { await navigator.clipboard.writeText(text); toast(said); } catch { toast("The clipboard is not available", true); }
}

// People and chats, as the lists last told.

export const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");
export const user = (id) => state.users.find((u) => u.id === id) || state.bots.find((b) => b.id === id) || null;
export const isPrivate = (c) => c.type === "private";
const firstBot = () => state.bots[0]?.id || 0;
/** Private chats are of a person, whose id they have, and a bot. */
export const withBot = () => state.with || firstBot();
export const chat = () => state.chats.find((c) => c.id === state.chat && (!isPrivate(c) || c.bot === withBot()));
export const botOf = (c) => user(c.bot) || { id: 0, is_bot: true, first_name: "Bot" };
export const title = (c) => (isPrivate(c) ? fullName(botOf(c)) : c.title || `Chat ${c.id}`);
/** Where a control call happens; the first bot goes without saying. */
export const at = (id = state.chat) => (id > 0 && withBot() !== firstBot() ? { chat: id, bot: withBot() } : { chat: id });
/** The same for a query string. */
export const ofBot = (id = state.chat) => (at(id).bot ? `&bot=${at(id).bot}` : "");
export const isBlocked = () => state.blocks.has(`${state.me}/${withBot()}`);
/** A bot's name, where there are several. */
export const botName = (id) => (state.bots.length > 1 && user(id) ? `@${user(id).username || id}` : "");
export const standing = (c, id) => c.members.find((m) => m.user.id === id);
export const present = (member) => !!member && !["left", "kicked"].includes(member.status) && member.is_member !== false;
/** The chats that somebody sees: those with the bots, and groups. */
export const chatsOf = (id) => state.chats.filter((c) => !c.migrated_to && (isPrivate(c) ? c.id === id : present(standing(c, id))));

export const color = (id) => Math.abs(id) % 7;
export function avatar(id, name) {
  const letters = name.split(/\s+/).map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();
  return el("span", { class: `avatar c${color(id)}`, "aria-hidden": "true" }, letters || "?");
}
export const userAvatar = (u) => avatar(u.is_bot ? 5 : u.id, fullName(u));
export const chatAvatar = (c) => (isPrivate(c) ? userAvatar(botOf(c)) : avatar(c.id, title(c)));

/** Opens a link outside; nothing but what browsers may open safely. */
export function openLink(url) {
  if (/^(https?|tg|mailto):/i.test(url)) open(url, "_blank", "noopener");
  else toast(`This link is not opened: ${url}`, true);
}
