// Pages that keep themselves up to date. `<main data-live="access. plugin.">` names the beginnings
// of the topics that a page shows: when one happens, the page asks for its main part again and puts
// it in place of the old one, without taking away what somebody is doing.
"use strict";
(() => {
  const body = document.body;
  const main = () => document.getElementById("main");
  // Some pages show what does not change; they hear of notices only.
  const live = () => main().dataset.live !== undefined;
  const wants = (topic) => (main().dataset.live || "").split(" ").some((w) => w && topic.startsWith(w));

  // ---- Asking again: one at a time, and not for each of many events.
  let timer = null, busy = false, more = false;
  const soon = (wait = 60) => {
    if (busy) { more = true; return; }
    timer ??= setTimeout(refresh, wait);
  };
  async function refresh() {
    timer = null;
    if (document.hidden || body.dataset.held !== undefined) { more = true; return; }
    busy = true; more = false;
    try {
      const headers = { "X-Fragment": "main", Accept: "application/json, text/html" };
      const answer = await fetch(location.href, { headers, cache: "no-store", redirect: "manual" });
      if (answer.status === 401 || answer.type === "opaqueredirect") return login();
      if (answer.status === 403 || answer.status === 404) return location.reload();
      if (answer.ok) put(await answer.text());
      else { say("reconnecting"); setTimeout(soon, 2000); }
    } catch { say("reconnecting"); } finally {
      busy = false;
      if (more && !document.hidden) soon(250);
    }
  }
  const login = () => { location.href = "/login?back=" + encodeURIComponent(location.pathname + location.search); };

  // ---- Putting it in: open details, what was typed, focus and scroll stay.
  const name = (element) => element.id || (element.form?.getAttribute("action") || "") + "|" + (element.form?.dataset.key || "") + "|" + (element.name || element.value);
  const FIELDS = "input:not([type=hidden]), textarea, select";
  const dirty = (field) => field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected)
    : field.value !== field.defaultValue;
  function put(html) {
    const old = main();
    const next = document.createElement("template");
    next.innerHTML = html;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const focus = focused && {
      key: name(focused), href: focused.getAttribute("href"), summary: focused.closest("summary") && focused.closest("details")?.id,
      from: focused.selectionStart, to: focused.selectionEnd,
    };
    const open = new Map([...old.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
    const typed = new Map([...old.querySelectorAll(FIELDS)].filter(dirty).map((f) => [name(f), f]));
    // Who edits goes on from the version that they saw: the server says when it is not the newest.
    const formKey = (form) => (form.getAttribute("action") || "") + "|" + (form.dataset.key || "");
    const version = (form) => form.querySelector("input[type=hidden][name=version]");
    const versions = new Map([...typed.values()].map((f) => f.form).filter((f) => f && version(f)).map((f) => [formKey(f), version(f).value]));
    const scrolled = [...old.querySelectorAll("[data-scroll]")].map((e) => [e.dataset.scroll, e.scrollTop]);
    const y = scrollY;
    old.replaceChildren(next.content);
    for (const [id, was] of open) { const d = document.getElementById(id); if (d) d.open = was; }
    for (const field of old.querySelectorAll(FIELDS)) {
      const was = typed.get(name(field));
      if (!was || was.type !== field.type) continue;
      // Chosen files cannot be copied from field to field.
      if (field.type === "file") { field.replaceWith(was); continue; }
      if (field.type === "checkbox" || field.type === "radio") field.checked = was.checked;
      else field.value = was.value;
    }
    for (const form of old.querySelectorAll("form")) {
      const was = versions.get(formKey(form));
      if (was !== undefined && version(form)) version(form).value = was;
    }
    for (const [key, top] of scrolled) { const e = old.querySelector(`[data-scroll="${CSS.escape(key)}"]`); if (e) e.scrollTop = top; }
    if (focus) {
      const all = [...old.querySelectorAll("a, button, input, textarea, select, summary")];
      const found = (focus.summary && document.getElementById(focus.summary)?.querySelector("summary"))
        || all.find((e) => focus.href ? e.getAttribute("href") === focus.href : name(e) === focus.key && e.type !== "hidden");
      if (found) {
        found.focus({ preventScroll: true });
        try { if (focus.from !== null && found.setSelectionRange) found.setSelectionRange(focus.from, focus.to); } catch { /* Not a text. */ }
      }
    }
    scrollTo(0, y);
    say("live");
    document.dispatchEvent(new Event("page:updated"));
  }

  // ---- Notices. A page that somebody looks at shows what they are told, and says that it did; what no
  // page has shown goes to Telegram. So a page in the background keeps silent.
  const toasts = document.getElementById("toasts");
  let asking = false, onceMore = false;
  async function notices() {
    if (!toasts || document.hidden) return;
    if (asking) { onceMore = true; return; }
    asking = true; onceMore = false;
    try {
      const headers = { "X-Fragment": "main", Accept: "application/json, text/html" };
      const answer = await fetch("/notices/offered", { headers, cache: "no-store", redirect: "manual" });
      if (answer.ok) toast(await answer.text());
    } catch { /* Asked again with the next one, or when the stream is back. */ } finally {
      asking = false;
      if (onceMore) notices();
    }
  }
  function toast(html) {
    const next = document.createElement("template");
    next.innerHTML = html;
    const count = next.content.querySelector("[data-unread]"), shown = document.querySelector("nav.places [data-unread]");
    if (count && shown) shown.replaceWith(count);
    const fresh = [...next.content.querySelectorAll("[data-notice]")];
    for (const one of fresh) {
      if (!toasts.querySelector(`[data-notice="${CSS.escape(one.dataset.notice)}"]`)) toasts.append(one);
    }
    while (toasts.children.length > 4) toasts.firstElementChild.remove();
    sayShown(fresh.map((one) => one.dataset.notice));
  }
  // Those of the page of notices as well.
  const look = () => {
    if (document.hidden) return;
    const unshown = [...main().querySelectorAll("[data-unshown]")];
    sayShown(unshown.map((one) => one.dataset.unshown));
    unshown.forEach((one) => { delete one.dataset.unshown; });
  };
  function sayShown(ids) {
    const csrf = document.querySelector("meta[name=csrf]")?.content;
    if (ids.length === 0 || !csrf) return;
    const headers = { "X-Fragment": "main", "X-CSRF-Token": csrf, "Content-Type": "application/x-www-form-urlencoded" };
    fetch("/notices/shown", { method: "POST", headers, body: new URLSearchParams({ ids: ids.join(",") }), keepalive: true }).catch(() => {});
  }
  document.addEventListener("page:free", () => { if (more) soon(0); });
  document.addEventListener("page:updated", look);
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("[data-notice]")?.remove());

  // ---- The stream, shared between tabs where the browser can.
  const say = (state) => { body.dataset.state = state; };
  let seen = "";
  const hear = (message) => {
    if (message.login) return live() ? login() : undefined;
    if (message.again) { notices(); return live() ? soon(0) : undefined; }
    if (message.state) {
      // Whatever was missed is told again by the stream itself; ticks are not, so the page asks.
      if (message.state === "live" && seen === "reconnecting" && live()) soon(0);
      seen = message.state;
      return say(message.state);
    }
    if (message.topic?.startsWith("notice.")) notices();
    if (wants(message.topic)) soon();
  };
  if (body.dataset.user) {
    if (window.SharedWorker) {
      let port = null;
      const join = () => {
        port = new SharedWorker("/assets/live-worker-2.js").port;
        port.onmessage = ({ data }) => hear(data);
      };
      join();
      addEventListener("pagehide", () => { port?.postMessage("bye"); port = null; });
      addEventListener("pageshow", (event) => { if (event.persisted && !port) { join(); notices(); if (live()) soon(0); } });
    } else if ("locks" in navigator && window.BroadcastChannel) {
      // One tab holds the lock and the stream, and tells the others.
      const channel = new BroadcastChannel("live");
      channel.onmessage = ({ data }) => hear(data);
      navigator.locks.request("live", () => new Promise(() => {
        openStream((message) => { hear(message); channel.postMessage(message); });
      }));
    } else openStream(hear);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      if (more) soon(0);
      look();
      notices();
    });
    if (toasts?.dataset.offered !== undefined) notices();
    look();
  }

  // ---- Small things that need no server.
  // On a phone the places are a strip that scrolls: show where we are.
  const here = document.querySelector("nav.places [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.clientWidth) / 2;
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-set-theme]");
    if (theme) {
      const value = theme.dataset.setTheme;
      try { value ? localStorage.setItem("theme", value) : localStorage.removeItem("theme"); } catch { /* Not kept. */ }
      if (value) document.documentElement.dataset.theme = value;
      else delete document.documentElement.dataset.theme;
      themes();
    }
  });
  const themes = () => document.querySelectorAll("[data-set-theme]").forEach((button) =>
    button.setAttribute("aria-pressed", String((document.documentElement.dataset.theme || "") === button.dataset.setTheme)));
  themes();
  document.addEventListener("submit", (event) => {
    const ask = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (ask && !confirm(ask)) { event.preventDefault(); return; }
    // Sent once; a page that comes back from the browser's memory can send again.
    const button = event.submitter;
    if (event.target.method === "post" && button) setTimeout(() => { button.disabled = true; });
  });
  addEventListener("pageshow", () => document.querySelectorAll("button:disabled").forEach((b) => { b.disabled = b.hasAttribute("data-off"); }));
  // Filters work at once; without this script their button does it.
  document.addEventListener("change", (event) => {
    if (event.target.closest("form[data-auto]") && event.target.tagName === "SELECT") event.target.form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((d) => { if (!d.contains(event.target)) d.open = false; });
  });
})();
