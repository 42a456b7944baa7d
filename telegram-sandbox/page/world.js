// The world as a whole: its clock, and what goes wrong on purpose.
import { $, api, el, failed } from "./base.js";

const show = (clock) => {
  $("world-now").textContent = `${new Date(clock.now_ms).toLocaleString()}${clock.stopped ? " · stopped" : ""}`;
  $("world-stop").textContent = clock.stopped ? "Go on" : "Stop";
  $("world-stop").onclick = () => set({ stopped: !clock.stopped });
};
const set = (change) => api("clock", change).then(show).catch(failed);

async function load() {
  const [clock, stats, { faults }] = await Promise.all([api("clock"), api("stats"), api("faults")]);
  show(clock);
  $("world-limits").checked = stats.flood_limits;
  $("fault-list").replaceChildren(...faults.map((fault) => el("p", { class: "small fault" },
    `${fault.method || "any method"} → ${fault.kind}, ${fault.times ? `${fault.times} ×` : "for ever"}`)));
}

export function start() {
  $("show-world").onclick = () => load().then(() => $("world-dialog").showModal()).catch(failed);
  for (const button of document.querySelectorAll("[data-ahead]")) button.onclick = () => set({ advance_ms: Number(button.dataset.ahead) });
  $("world-limits").onchange = () => api("limits", { enforce: $("world-limits").checked }).catch(failed);
  $("fault-form").onsubmit = (event) => {
    event.preventDefault();
    const given = [...new FormData($("fault-form"))].filter(([, value]) => value.trim());
    api("faults", Object.fromEntries(given)).then(load).catch(failed);
  };
  $("faults-clear").onclick = () => api("faults", null, "DELETE").then(load).catch(failed);
}
