// Things that can be dragged into another place. `<li data-drag="state">` has forms with a field
// `state`; a place `<section data-drop="done">` takes it when one of them says "done", and then that
// form is sent. Without this script, and on a telephone, its button does the same.
"use strict";
(() => {
  let item = null;
  const wayTo = (place) => [...item.querySelectorAll("form")]
    .find((form) => form.elements[item.dataset.drag]?.value === place?.dataset.drop);
  const places = () => document.querySelectorAll("[data-drop]");
  const placeOf = (event) => {
    const place = item && event.target.closest?.("[data-drop]");
    return place && wayTo(place) ? place : null;
  };
  const over = (place) => places().forEach((one) => one.classList.toggle("over", one === place));
  document.addEventListener("dragstart", (event) => {
    item = event.target.closest?.("[data-drag]") ?? null;
    if (!item) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.innerText);
    // While something is in the hand, nothing is put in its place.
    document.body.dataset.held = "";
    places().forEach((place) => place.classList.toggle("takes", Boolean(wayTo(place))));
  });
  document.addEventListener("dragover", (event) => {
    const place = placeOf(event);
    if (place) { event.preventDefault(); event.dataTransfer.dropEffect = "move"; }
    over(place);
  });
  document.addEventListener("drop", (event) => {
    const place = placeOf(event);
    if (!place) return;
    event.preventDefault();
    wayTo(place).requestSubmit();
  });
  document.addEventListener("dragend", () => {
    if (!item) return;
    item = null;
    over(null);
    places().forEach((place) => place.classList.remove("takes"));
    delete document.body.dataset.held;
    document.dispatchEvent(new Event("page:free"));
  });
})();
