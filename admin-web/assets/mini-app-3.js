// Telegram opens the page with its proof behind the "#". The page trades it for a token, keeps the
// token in memory only, and shows the site's own pages, part by part.
"use strict";
(() => {
  const main = document.getElementById("main");
  const proof = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  let token = "";
  // The page that is shown.
  let here = new URL("/", location.href);

  const say = (name) => {
    const box = document.createElement("div");
    box.className = "empty";
    box.textContent = main.dataset[name];
    main.replaceChildren(box);
  };

  const save = async (answer, kind) => {
    if (!answer.headers.has("content-disposition")) {
      const text = document.createElement("pre");
      text.textContent = kind.includes("json") ? await answer.text() : String(answer.status);
      return main.replaceChildren(text);
    }
    const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name ? decodeURIComponent(name[1]) : "file";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  // Every request goes to this site and says who we are; a session that is over is said so, and
  // not led to a login that cannot work in here.
  const ask = async (address, options = {}) => {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) return;
    const answer = await fetch(url, {
      ...options,
      headers: {
        authorization: "Bearer " + token,
        "x-fragment": "app",
        accept: "text/html, application/json;q=0.5",
      },
    });
    if (answer.status === 401 || new URL(answer.url).pathname === "/login") return say("bad");
    const kind = answer.headers.get("content-type") || "";
    // Only the site's own pages are put in: a file that somebody uploaded is saved, whatever it is.
    if (answer.headers.has("content-disposition") || !kind.startsWith("text/html")) return save(answer, kind);
    // The server escapes what people typed; the policy of this page lets no script in.
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    const places = part.content.querySelector("nav.places");
    if (places) {
      document.querySelector("body > nav.places")?.remove();
      main.before(places);
      document.body.classList.add("in");
    }
    main.replaceChildren(part.content);
    here = new URL(answer.url);
    const at = document.querySelector("nav.places [aria-current]");
    if (at) at.parentElement.scrollLeft = at.offsetLeft - (at.parentElement.clientWidth - at.clientWidth) / 2;
    window.scrollTo(0, 0);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !token || new URL(link.href).origin !== location.origin) return;
    event.preventDefault();
    ask(link.href);
  });

  document.addEventListener("submit", (event) => {
    if (!token) return;
    event.preventDefault();
    const form = event.target;
    const url = new URL(form.getAttribute("action") || here, location.href);
    const data = new FormData(form, event.submitter);
    // Files go as they are; anything else as other forms do.
    const fields = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    if (form.method === "get") {
      url.search = fields;
      ask(url);
    } else {
      ask(url, { method: "POST", body: fields });
    }
  });

  const login = async () => {
    if (!proof) return say("bad");
    history.replaceState(null, "", location.pathname);
    const answer = await fetch("/mini-app/login", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ initData: proof }),
    });
    if (!answer.ok) return say(answer.status === 422 ? "nobody" : "bad");
    token = (await answer.json()).token;
    await ask("/");
  };
  login().catch(() => say("bad"));
})();
