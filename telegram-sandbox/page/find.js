// Searching the chat that is open.
import { $, failed, state } from "./base.js";
import { loadEarlier } from "./chat.js";
import { jump } from "./message.js";
import { inTopic } from "./topics.js";
import { preview } from "./words.js";

let place = -1;

function matches() {
  const wanted = $("find-text").value.trim().toLowerCase();
  if ($("find").hidden || !wanted) return [];
  return [...state.messages.values()].filter((m) => inTopic(m)
    && [m.text, m.caption, preview(m)].some((text) => text?.toLowerCase().includes(wanted))).map((m) => m.message_id).reverse();
}

/** Marks what fits; the newest is the first. */
export function find() {
  const found = new Set(matches());
  for (const node of $("messages").querySelectorAll(".message")) node.classList.toggle("fits", found.has(Number(node.dataset.id)));
  $("find-count").textContent = $("find-text").value.trim() ? (found.size ? `${Math.max(place, 0) + 1} of ${found.size}` : "nothing") : "";
}

function step(by) {
  const found = matches();
  if (!found.length) { place = -1; find(); return; }
  place = (Math.max(place, by > 0 ? -1 : 0) + by + found.length) % found.length;
  find();
  jump(found[place]);
}

export function stopFinding() {
  $("find").hidden = true;
  $("find-text").value = "";
  place = -1;
  find();
}

export function start() {
  $("find-open").onclick = () => {
    if (!$("find").hidden) { stopFinding(); return; }
    $("find").hidden = false;
    $("find-text").focus();
    // All of the chat is searched.
    if (state.earlier) loadEarlier(0).catch(failed);
  };
  $("find-text").oninput = () => { place = -1; step(1); };
  $("find-text").onkeydown = (event) => {
    if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") stopFinding();
  };
  $("find-next").onclick = () => step(1);
  $("find-close").onclick = stopFinding;
}
