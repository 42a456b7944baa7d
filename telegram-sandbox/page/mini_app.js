// A Mini App in a frame: signed launch data in its address, and the events that it posts to its
// client, <https://core.telegram.org/bots/webapps#event-handling>.
import { $, api, failed, openLink, state, toast } from "./base.js";

let app = null;

export async function openApp({ url, name, chat, sends }) {
  try {
    // A frame of our own origin could leave its sandbox.
    if (new URL(url).origin === location.origin) throw new Error("An app cannot live in the sandbox's own address");
    const given = { from: state.me, chat, url, theme: JSON.stringify(theme()) };
    const launch = await api("web_apps", given);
    app = { origin: new URL(url).origin, name, chat, sends, from: state.me };
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
  },
  web_app_setup_back_button: (data) => { $("app-back").hidden = !data.is_visible; },
  web_app_open_popup: (data) => {
    $("alert-text").textContent = [data.title, data.message].filter(Boolean).join("\n\n");
    $("alert").showModal();
    $("alert").addEventListener("close", () => app && tell("popup_closed", { button_id: data.buttons?.[0]?.id ?? "" }), { once: true });
  },
  // Only an app that a key of a reply keyboard opened may send data, and it closes then.
  web_app_data_send: async ({ data }) => {
    const { name, chat, sends, from } = app;
    if (!sends) { toast("Only an app opened by a keyboard's key can send data", true); return; }
    closeApp();
    const sent = { from, chat, button_text: name, data: String(data) };
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
