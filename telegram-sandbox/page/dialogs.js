// Dialogs: people, groups, members, and saving what happened.
import { $, api, at, chat, copied, el, failed, fullName, isPrivate, present, standing, state, toast, user, userAvatar } from "./base.js";
import { openChat } from "./chat.js";
import { become, loadLists } from "./lists.js";

function more() {
  const c = chat();
  if (!c) return;
  if (isPrivate(c)) { block(true); return; }
  showMembers();
  $("members-dialog").showModal();
}

const block = (blocked) => api("blocks", { user: state.me, blocked, bot: at().bot }).then(loadLists).catch(failed);

export function showMembers() {
  const c = chat();
  const act = (id, action) => api("members", { chat: c.id, user: id, action }).then(loadLists).catch(failed);
  showRequests(c).catch(failed);
  $("member-list").replaceChildren(...[...state.bots, ...state.users].map((u) => {
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

/** Who has asked to be let in. */
async function showRequests(c) {
  const { requests } = await api(`joins?chat=${c.id}`);
  const answer = (id, letIn) => api("joins", { user: id, chat: c.id, let_in: letIn, by: state.me }).then(loadLists).catch(failed);
  $("request-list").replaceChildren(...requests.map(user).filter(Boolean).map((u) => el("div", { class: "member request" }, userAvatar(u),
    el("span", { class: "who" }, el("b", {}, fullName(u)), el("span", { class: "muted small" }, "asks to join")),
    el("button", { onclick: () => answer(u.id, true) }, "Let in"), el("button", { onclick: () => answer(u.id, false) }, "Decline"))));
}

export function start() {
  $("chat-more").onclick = more;
  $("unblock").onclick = () => block(false);
  $("json-copy").onclick = () => copied($("json-text").textContent, "Copied");
  $("save-story").onclick = saveStory;
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
    const given = new FormData($("group-dialog").querySelector("form"));
    const group = { type: given.get("type"), title: given.get("title"), members, is_forum: given.has("is_forum") };
    try { const added = await api("chats", group); await loadLists(); openChat(added.id, true); } catch (error) { failed(error); }
  };
}

/** Everything so far as a story file. */
async function saveStory() {
  const answer = await fetch(`/sandbox/api/story?title=${encodeURIComponent("saved from the page")}`);
  const text = await answer.text();
  if (!answer.ok) { toast(text, true); return; }
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: "story.txt" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
