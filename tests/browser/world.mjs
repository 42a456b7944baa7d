// What every check stands on: people's browsers, the sandbox, and what must never happen.
import { join } from "node:path";

const PATIENCE = 10_000;

export function stage(browser, play) {
  const contexts = [], pages = [], faults = [];
  const host = new URL(play.base).host;

  const watch = (page) => {
    pages.push(page);
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      // The browser says itself that an answer was 401 or 403; a check that wants one says so.
      const own = message.text().startsWith("Failed to load resource");
      if (["error", "warning"].includes(message.type()) && !own) faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.host !== host) faults.push(`another host: ${url}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 500) faults.push(`${response.status()}: ${response.url()}`);
    });
  };

  return {
    base: play.base,
    // Somebody's browser; `options` are Playwright's, such as a phone's size or dark colours.
    async browserOf(name, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      contexts.push(context);
      if (name) {
        await context.addCookies([{
          name: "__Host-vahta", value: play.sessions[name], url: play.base.replace("http:", "https:"),
          secure: true, httpOnly: true, sameSite: "Lax",
        }]);
      }
      const page = await context.newPage();
      watch(page);
      return {
        page, context,
        open: (path) => page.goto(play.base + path),
        // The page hears what happens.
        live: () => page.waitForFunction(() => document.body.dataset.state === "live"),
      };
    },
    async newTab(context) {
      const page = await context.newPage();
      watch(page);
      return page;
    },
    // Somebody writes to the bot in the sandbox.
    async says(from, text, chat = from) {
      const answer = await fetch(`${play.sandbox}/sandbox/api/messages`, {
        method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ from, chat, text }),
      });
      if (!answer.ok) throw new Error(`sandbox: ${answer.status} ${await answer.text()}`);
    },
    async shoot(name, page = pages.at(-1), options = {}) {
      if (page && !page.isClosed()) await page.screenshot({ path: join(play.screenshots, `${name}.png`), ...options });
    },
    complain() {
      if (faults.length > 0) throw new Error([...new Set(faults)].join("\n"));
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

export function must(holds, what) {
  if (!holds) throw new Error(what);
}
