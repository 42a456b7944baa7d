// Keyboards below messages and below the text box.
import { $, api, at, copied, el, failed, openLink, state, toast, user } from "./base.js";
import { askInline, send } from "./compose.js";
import { openApp } from "./mini_app.js";

const LOOKS = [["url", "link"], ["web_app", "app"], ["copy_text", "copy"], ["login_url", "link"]];

export function keyboard(m) {
  return el("div", { class: "keyboard" }, ...m.reply_markup.inline_keyboard.map((row) => el("div", { class: "keys" },
    ...row.map((button) => el("button", {
      class: `key ${LOOKS.find(([field]) => button[field])?.[1] || ""}`,
      title: button.callback_data || button.url || button.web_app?.url || "",
      onclick: (event) => press(m, button, event.currentTarget),
    }, button.text)))));
}

async function press(m, button, node) {
  if (button.url) { openLink(button.url); return; }
  if (button.web_app) { openApp({ url: button.web_app.url, name: button.text, chat: m.chat.id }); return; }
  const inline = button.switch_inline_query_current_chat ?? button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
  if (inline !== undefined) { askInline(m.via_bot || m.from, inline); return; }
  if (button.copy_text) { await copied(button.copy_text.text, "Copied"); return; }
  node.classList.add("busy");
  try {
    const body = { from: state.me, ...at(m.chat.id), message_id: m.message_id };
    const answer = await api("clicks", button.callback_data ? { ...body, data: button.callback_data } : { ...body, text: button.text });
    if (answer.url) openLink(answer.url);
    if (answer.text && answer.show_alert) { $("alert-text").textContent = answer.text; $("alert").showModal(); }
    else if (answer.text) toast(answer.text);
  } catch (error) { failed(error); }
  node.classList.remove("busy");
}

/** A one-time keyboard goes once it was used, until the bot says something again. */
let used = "";
const latest = () => [...state.messages.values()].filter((m) => m.from?.is_bot).pop()?.message_id ?? 0;

export function showKeyboard(markup) {
  state.keyboard = markup && markup.keyboard ? markup : null;
  const box = $("reply-keyboard");
  box.hidden = !state.keyboard || used === `${state.chat}/${latest()}`;
  $("text").placeholder = markup?.input_field_placeholder || "Message";
  box.replaceChildren(...(state.keyboard ? state.keyboard.keyboard.map((row) => el("div", { class: "keys" }, ...row.map(replyKey))) : []));
}

const share = (what) => api("messages", { from: state.me, ...at(), ...what }).catch(failed);

/** A number that nobody has, the same each time. */
function myContact() {
  const me = user(state.me);
  return { phone_number: `+999${String(me.id).padStart(8, "0")}`, first_name: me.first_name, user_id: me.id };
}

function shareLocation() {
  const [latitude, longitude] = (prompt("Latitude, longitude", "52.52, 13.405") || "").split(",").map(Number);
  if (Number.isFinite(latitude) && Number.isFinite(longitude)) share({ location: { latitude, longitude } });
}

function replyKey(key) {
  const text = typeof key === "string" ? key : key.text;
  const app = key.web_app;
  return el("button", {
    class: app ? "app" : "",
    onclick: () => {
      if (app) openApp({ url: app.url, name: text, chat: state.chat, sends: true });
      else if (key.request_contact) share({ contact: myContact() });
      else if (key.request_location) shareLocation();
      else send(text);
      if (!state.keyboard?.one_time_keyboard) return;
      used = `${state.chat}/${latest()}`;
      $("reply-keyboard").hidden = true;
    },
  }, text);
}
