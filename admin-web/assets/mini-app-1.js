// Telegram opens the page with its proof behind the "#". The page trades it for a token, keeps the
// token in memory only, and shows the site's own pages, part by part.
"use strict";
(() => {
  const main = document.getElementById("main");
  const proof = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  let token = "";

  const say = (name) => {
    main.textContent = main.dataset[name];
  };

  const show = async (path) => {
    const headers = { authorization: "Bearer " + token, "x-fragment": "main" };
    const answer = await fetch(path, { headers });
    if (answer.status === 401) {
      say("bad");
      return;
    }
    // The server escapes what people typed; the policy of this page lets no script in.
    main.innerHTML = await answer.text();
    window.scrollTo(0, 0);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/']");
    if (link && token) {
      event.preventDefault();
      show(link.getAttribute("href"));
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!token) return;
    event.preventDefault();
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { authorization: "Bearer " + token, "x-fragment": "main" },
      body: new URLSearchParams(new FormData(form, event.submitter)),
    });
    main.innerHTML = await answer.text();
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
    await show("/");
  };
  login().catch(() => say("bad"));
})();
