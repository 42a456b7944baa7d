// A Mini App in a frame: signed launch data in its address, and the events that it posts to its
// client, <https://core.telegram.org/bots/webapps#event-handling>.
import { $, api, at, el, failed, openLink, state, toast } from "./base.js";

let app = null;

export async function openApp({ url, name, chat, sends }) {
  try {
    // A frame of our own origin could leave its sandbox.
    if (new URL(url).origin === location.origin) throw new Error("An app cannot live in the sandbox's own address");
    const given = { from: state.me, ...at(chat), url, theme: JSON.stringify(theme()) };
    const launch = await api("web_apps", given);
    app = { origin: new URL(url).origin, name, place: at(chat), sends, from: state.me };
    $("app-title").textContent = name;
    $("app-main").hidden = true;
    $("app-back").hidden = true;
    $("app-frame").src = launch.url;
    $("mini-app").showModal();
  } catch (error) { failed(error); }
}

function closeApp() {
  app = null;
  $("app-frame").src = "about:blank";
  if ($("mini-app").open) $("mini-app").close();
}

/** The page's colours, under the names that apps know. */
function theme() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    bg_color: of("--bg"), secondary_bg_color: of("--bg-2"), text_color: of("--text"), hint_color: of("--muted"),
    link_color: of("--ink"), button_color: of("--accent"), button_text_color: of("--accent-text"),
  };
}

const tell = (eventType, eventData = {}) => $("app-frame").contentWindow.postMessage(JSON.stringify({ eventType, eventData }), app.origin);

function viewport() {
  const box = $("app-frame").getBoundingClientRect();
  tell("viewport_changed", { height: box.height, width: box.width, is_state_stable: true, is_expanded: true });
}

const WORDS = { ok: "OK", close: "Close", cancel: "Cancel" };
const popupButton = ({ type, id, text }) => el("button", { value: `=${id ?? ""}`, class: type === "destructive" ? "bad" : "" }, String(WORDS[type] || text || "OK"));

const EVENTS = {
  web_app_close: closeApp,
  web_app_request_theme: () => tell("theme_changed", { theme_params: theme() }),
  web_app_request_viewport: viewport,
  web_app_open_link: ({ url }) => openLink(String(url)),
  web_app_open_tg_link: ({ path_full }) => toast(`The app opens t.me${path_full}`),
  web_app_setup_main_button: (data) => {
    $("app-main").hidden = !data.is_visible;
    $("app-main").disabled = data.is_active === false;
    $("app-main").textContent = String(data.text || "Continue");
    // Anything that is no colour leaves the page's own.
    $("app-main").style.background = "";
    $("app-main").style.color = "";
    $("app-main").style.background = String(data.color || "");
    $("app-main").style.color = String(data.text_color || "");
  },
  web_app_setup_back_button: (data) => { $("app-back").hidden = !data.is_visible; },
  web_app_open_popup: (data) => {
    const words = el("p", {}, [data.title, data.message].filter(Boolean).join("\n\n"));
    const buttons = data.buttons?.length ? data.buttons.slice(0, 3) : [{ type: "ok", id: "" }];
    const popup = el("dialog", { class: "popup" }, words, el("form", { method: "dialog", class: "row" }, ...buttons.map(popupButton)));
    document.body.append(popup);
    popup.addEventListener("close", () => {
      const pressed = popup.returnValue;
      popup.remove();
      // Closed without a button (Escape), it names none.
      if (app) tell("popup_closed", pressed.startsWith("=") ? { button_id: pressed.slice(1) } : {});
    });
    popup.showModal();
  },
  // Only an app that a key of a reply keyboard opened may send data, and it closes then.
  web_app_data_send: async ({ data }) => {
    const { name, place, sends, from } = app;
    if (!sends) { toast("Only an app opened by a keyboard's key can send data", true); return; }
    closeApp();
    const sent = { from, ...place, button_text: name, data: String(data) };
    await api("web_app_data", sent).then(() => toast("Sent to the bot")).catch(failed);
  },
};

export function start() {
  addEventListener("message", (event) => {
    // Only the app in the frame is listened to.
    if (!app || event.source !== $("app-frame").contentWindow) return;
    let said;
    try { said = typeof event.data === "string" ? JSON.parse(event.data) : event.data; } catch { return; }
    EVENTS[said?.eventType]?.(said.eventData || {});
  });
  $("app-close").onclick = closeApp;
  $("app-back").onclick = () => tell("back_button_pressed");
  $("app-main").onclick = () => tell("main_button_pressed");
  $("mini-app").onclose = closeApp;
}
