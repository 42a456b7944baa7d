// Drop zones: `<div data-upload="/u/<token>">` takes files and whole folders, sends them piece by
// piece (tus 1.0.0), and goes on where it was when the line, the page or the browser comes back.
// What stands in the div before is the form for browsers without script.
"use strict";
(() => {
  const texts = JSON.parse(document.currentScript.dataset.texts);
  const say = (id, ...values) => texts[id].replace(/%(\d)/g, (_, n) => values[n - 1]);
  // Files at once; what one request carries; up to where a file comes with its announcement.
  const AT_ONCE = 3, PIECE = 64 << 20, SMALL = 1 << 20;
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const button = (id, act, className = "little") => element("button", { type: "button", className, textContent: say(id), onclick: act });
  const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
  function bytes(count) {
    const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    for (; count >= 1024 && unit < units.length - 1; unit++) count /= 1024;
    return count.toFixed(1).replace(/\.0$/, "") + " " + units[unit];
  }

  // ---- What is remembered of a file, by what it is called and when it was changed.
  const memory = {
    key: (link, item) => `upload:${link}:${item.path}|${item.file.size}|${item.file.lastModified}`,
    read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* Then it begins anew. */ } },
    forget(key) { try { localStorage.removeItem(key); } catch { /* Nothing was kept. */ } },
    all(link) {
      try {
        return Object.keys(localStorage).filter((key) => key.startsWith(`upload:${link}:`)).map((key) => [key, this.read(key)]);
      } catch { return []; }
    },
    // Of links that are over.
    tidy() {
      try {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith("upload:/u/") && !(this.read(key)?.until > Date.now())) localStorage.removeItem(key);
        }
      } catch { /* Nothing was kept. */ }
    },
  };

  // ---- One request; an answer of 4xx is an error with what it says, others are tried again.
  class Refused extends Error {
    constructor(status, text) { super(text); this.status = status; }
  }
  function ask(method, url, { headers = {}, body = null, progress, begun } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", Accept: "application/json", ...headers })) {
        request.setRequestHeader(name, value);
      }
      if (progress) request.upload.onprogress = ({ loaded }) => progress(loaded);
      request.onload = () => {
        if (request.status < 400) return resolve(request);
        let said = say("failed");
        try { const problem = JSON.parse(request.responseText); said = problem.detail || problem.title; } catch { /* A HEAD says nothing. */ }
        const again = request.status >= 500 && request.status !== 507 || [408, 429].includes(request.status);
        reject(Object.assign(again ? new Error(said) : new Refused(request.status, said), { after: Number(request.getResponseHeader("Retry-After")) }));
      };
      request.onerror = () => reject(new Error(say("failed")));
      request.onabort = () => reject(new DOMException("", "AbortError"));
      begun?.(request);
      request.send(body);
    });
  }
  // As UTF-8, in base64.
  const encoded = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

  class Zone {
    items = []; left = null; paused = false; over = "";
    constructor(link) {
      this.link = link;
      const choose = (properties) => element("input", { type: "file", multiple: true, hidden: true, onchange: ({ target }) => {
        this.add([...target.files].map((file) => [file.webkitRelativePath || file.name, file]));
        target.value = "";
      }, ...properties });
      const files = choose({}), folder = choose({ webkitdirectory: true });
      this.room = element("p", { className: "quiet small" });
      this.whole = element("progress", { max: 1, value: 0, hidden: true });
      this.whole.setAttribute("aria-label", say("here"));
      this.sum = element("output", { className: "num" });
      this.pause = button("pause", () => this.setPaused(!this.paused));
      this.list = element("ul");
      this.lost = element("div", { className: "lost", hidden: true });
      this.node = element("section", { className: "drop" },
        element("p", { className: "lead", textContent: say("here") }),
        element("p", { className: "line" }, button("files", () => files.click(), "main"), button("folder", () => folder.click(), ""), files, folder),
        this.room, this.lost, element("p", { className: "line whole" }, this.whole, this.sum, this.pause), this.list);
      const over = (event, is) => { event.preventDefault(); this.node.classList.toggle("over", is); };
      this.node.ondragover = (event) => over(event, true);
      this.node.ondragleave = (event) => over(event, false);
      this.node.ondrop = async (event) => { over(event, false); this.add(await dropped(event.dataTransfer)); };
      this.show();
      this.look(true);
    }

    // What the link has left, and what of ours is under way by it.
    async look(first) {
      try {
        this.left = JSON.parse((await ask("GET", this.link)).responseText);
        this.over = "";
        if (first) this.showLost();
      } catch (error) {
        if (error instanceof Refused) this.over = error.status === 404 ? say("over") : error.message;
        else if (first) { await sleep(2000); return this.look(first); }
      }
      this.show();
    }

    showLost() {
      const mine = new Map(memory.all(this.link).filter(([, kept]) => kept && !kept.done).map(([key, kept]) => [kept.url, key]));
      const lost = this.left.uploads.filter(({ path }) => mine.has(path) && !this.items.some((item) => item.url === path));
      const rows = lost.map((upload) => element("li", {}, element("span", { textContent: upload.name }),
        element("span", { className: "quiet num", textContent: say("total", bytes(upload.offset), bytes(upload.length)) }),
        button("remove", async () => {
          memory.forget(mine.get(upload.path));
          await ask("DELETE", upload.path).catch(() => { /* It ends by itself. */ });
          await this.look(true);
        })));
      this.lost.replaceChildren(element("p", { textContent: say("again") }), element("ul", {}, ...rows));
      this.lost.hidden = rows.length === 0;
    }

    add(files) {
      for (const [path, file] of files) {
        const item = { path, file, sent: 0, state: "waiting" };
        item.key = memory.key(this.link, item);
        if (this.items.some((other) => other.key === item.key)) continue;
        const kept = memory.read(item.key);
        item.url = kept?.url;
        if (kept?.done) Object.assign(item, { state: "known", sent: file.size });
        else if (!item.url) this.refuse(item);
        item.row = this.row(item);
        this.list.append(item.row.li);
        this.items.push(item);
      }
      if (this.left) this.showLost();
      this.go();
    }

    // Said before it is sent; the server says it again.
    refuse(item) {
      const left = this.left;
      if (!left) return;
      const waiting = this.items.filter((other) => !other.url && ["waiting", "sending", "paused"].includes(other.state));
      const room = left.left_bytes - waiting.reduce((sum, other) => sum + other.file.size, 0);
      const kind = item.file.type || "application/octet-stream";
      const fits = left.media_types.length === 0 || left.media_types.some((wanted) => wanted === kind || wanted.endsWith("/*") && kind.startsWith(wanted.slice(0, -1)));
      const why = !fits ? say("wrong-kind") : waiting.length >= left.left_files ? say("too-many") : item.file.size > room ? say("too-large", bytes(Math.max(room, 0))) : "";
      if (why) Object.assign(item, { state: "failed", why });
    }

    row(item) {
      const progress = element("progress", { max: Math.max(item.file.size, 1), value: 0 });
      progress.setAttribute("aria-label", item.path);
      const state = element("span", { className: "quiet num" });
      const again = button("retry", () => { item.state = "waiting"; item.why = ""; this.go(); });
      const remove = button("remove", () => this.remove(item));
      return { li: element("li", {}, element("span", { textContent: item.path }), progress, state, again, remove), progress, state, again, remove };
    }

    async remove(item) {
      this.items = this.items.filter((other) => other !== item);
      item.row.li.remove();
      item.request?.abort();
      if (item.url && !["done", "known"].includes(item.state)) {
        memory.forget(item.key);
        await ask("DELETE", item.url).catch(() => { /* It ends by itself. */ });
      }
      this.look();
    }

    setPaused(paused) {
      this.paused = paused;
      if (paused) this.items.forEach((item) => item.request?.abort());
      else for (const item of this.items) if (item.state === "paused") item.state = "waiting";
      this.go();
    }

    go() {
      while (!this.paused && this.items.filter((item) => item.state === "sending").length < AT_ONCE) {
        const next = this.items.find((item) => item.state === "waiting");
        if (!next) break;
        next.state = "sending";
        this.bring(next);
      }
      this.show();
    }

    async bring(item) {
      for (let tries = 0; item.state === "sending"; tries++) {
        const before = item.sent;
        try {
          await this.send(item);
          item.state = "done";
          this.remember(item);
        } catch (error) {
          item.request = null;
          if (error.name === "AbortError") item.state = "paused";
          // Somebody, or time, ended it: it begins anew, once.
          else if (error instanceof Refused && item.url && [404, 409, 410].includes(error.status) && tries < 5) {
            if (error.status !== 409) { item.url = undefined; item.sent = 0; memory.forget(item.key); }
          } else if (error instanceof Refused || error.name === "NotReadableError") Object.assign(item, { state: "failed", why: error.message });
          else {
            if (item.sent > before) tries = 0;
            item.why = navigator.onLine ? error.message : say("offline");
            this.show();
            await sleep(error.after * 1000 || Math.min(500 * 2 ** tries, 15_000));
            if (this.paused && item.state === "sending") item.state = "paused";
          }
        }
      }
      this.look();
      this.go();
    }

    async send(item) {
      const { file } = item;
      const tell = (request) => { item.request = request; };
      const sends = (from) => ({ begun: tell, progress: (loaded) => { item.sent = Math.min(from + loaded, file.size); item.why = ""; this.soon(); } });
      const octets = { "Content-Type": "application/offset+octet-stream" };
      if (item.url) item.sent = Number((await ask("HEAD", item.url, { begun: tell })).getResponseHeader("Upload-Offset"));
      else {
        const small = file.size <= SMALL;
        const said = `filename ${encoded(file.name)},relativePath ${encoded(item.path)},filetype ${encoded(file.type || "application/octet-stream")}`;
        const headers = { "Upload-Length": file.size, "Upload-Metadata": said, ...(small ? octets : {}) };
        const answer = await ask("POST", this.link + "/files", { headers, body: small ? file : null, ...sends(0) });
        item.url = answer.getResponseHeader("Location");
        item.sent = Number(answer.getResponseHeader("Upload-Offset"));
        this.remember(item);
      }
      while (item.sent < file.size) {
        const from = item.sent;
        const answer = await ask("PATCH", item.url, { headers: { ...octets, "Upload-Offset": from }, body: file.slice(from, from + PIECE), ...sends(from) });
        item.sent = Number(answer.getResponseHeader("Upload-Offset"));
      }
      item.request = null;
    }

    remember(item) {
      const until = this.left ? this.left.expires_at / 1000 : Date.now() + 86_400_000;
      memory.write(item.key, { url: item.url, done: item.state === "done", until });
    }

    // Not for each of many pieces.
    soon() { this.timer ??= setTimeout(() => { this.timer = null; this.show(); }, 100); }

    show() {
      const { left } = this;
      this.room.textContent = this.over || (left ? [say("left", bytes(left.left_bytes), left.left_files), left.media_types.length ? say("kinds", left.media_types.join(", ")) : ""].filter(Boolean).join(" · ") : "");
      this.room.classList.toggle("fault", Boolean(this.over));
      const counted = this.items.filter((item) => item.state !== "failed");
      const [sent, all] = ["sent", "size"].map((what) => counted.reduce((sum, item) => sum + (what === "sent" ? item.sent : item.file.size), 0));
      const open = counted.some((item) => ["waiting", "sending", "paused"].includes(item.state));
      this.whole.hidden = counted.length === 0;
      this.whole.value = all ? sent / all : open ? 0 : 1;
      this.sum.textContent = counted.length ? say("total", bytes(sent), bytes(all)) : "";
      this.pause.hidden = !open;
      this.pause.textContent = say(this.paused ? "resume" : "pause");
      this.node.dataset.state = open ? this.paused ? "paused" : "sending" : "idle";
      for (const item of this.items) {
        const { li, progress, state, again, remove } = item.row;
        li.dataset.state = item.state;
        progress.value = item.file.size ? item.sent : item.state === "done" ? 1 : 0;
        state.textContent = item.why || (item.state === "sending" ? say("total", bytes(item.sent), bytes(item.file.size)) : say(item.state));
        again.hidden = item.state !== "failed";
        remove.hidden = item.state === "sending" && !this.paused;
      }
    }
  }

  // Files of a drop, with those in folders.
  async function dropped(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
    if (!entries.some(Boolean)) return [...transfer.files].map((file) => [file.name, file]);
    const found = [];
    const walk = async (entry) => {
      if (!entry) return;
      if (entry.isFile) return found.push([entry.fullPath.slice(1), await new Promise((resolve, reject) => entry.file(resolve, reject))]);
      const reader = entry.createReader();
      // A folder is told in parts.
      for (let some = [0]; some.length;) {
        some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        for (const one of some) await walk(one);
      }
    };
    for (const entry of entries) await walk(entry);
    return found;
  }

  // ---- A zone stays the same when its page is put in anew.
  const zones = new Map();
  function attach() {
    for (const place of document.querySelectorAll("[data-upload]")) {
      const link = place.dataset.upload;
      if (!zones.has(link)) zones.set(link, new Zone(link));
      const { node } = zones.get(link);
      if (node.parentElement !== place) place.replaceChildren(node);
    }
  }
  memory.tidy();
  attach();
  new MutationObserver(attach).observe(document.getElementById("main"), { childList: true });
  // Dropped beside the zone, a file would take the page's place.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => { if (zones.size && event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  addEventListener("online", () => zones.forEach((zone) => zone.go()));
})();
