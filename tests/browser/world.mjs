// What every check stands on: people's browsers, the sandbox, and what must never happen.
import { join } from "node:path";

const PATIENCE = 10_000;
export const ADA = 1001, LIM = 1002, GUS = 1003, KIM = 1004, NIA = 1005;

export function stage(browser, play) {
  const contexts = [], pages = [], faults = [], allowed = [], ends = [];

  const watch = (page, base) => {
    const host = new URL(base).host;
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
    ...play,
    // Somebody's browser, at the site or at another one; `options` are Playwright's, such as a
    // phone's size or dark colours.
    async browserOf(name, options = {}, base = play.base) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      contexts.push(context);
      if (name) {
        await context.addCookies([{
          name: "__Host-vahta", value: play.sessions[name], url: base.replace("http:", "https:"),
          secure: true, httpOnly: true, sameSite: "Lax",
        }]);
      }
      const page = await context.newPage();
      watch(page, base);
      return {
        page, context,
        open: (path) => page.goto(base + path),
        // The page hears what happens.
        live: () => page.waitForFunction(() => document.body.dataset.state === "live"),
      };
    },
    async newTab(context) {
      const page = await context.newPage();
      watch(page, play.base);
      return page;
    },
    // Faults of this check that fit are what it is about.
    allow: (pattern) => allowed.push(pattern),
    atEnd: (end) => ends.push(end),
    // Somebody writes to the bot in the sandbox.
    async says(from, text, sandbox = play.sandbox) {
      const answer = await fetch(`${sandbox}/sandbox/api/messages`, {
        method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ from, chat: from, text }),
      });
      if (!answer.ok) throw new Error(`sandbox: ${answer.status} ${await answer.text()}`);
      return (await answer.json()).message_id;
    },
    // Waits for what the bot says to somebody, and answers what the pattern found in it.
    async hears(chat, pattern, after, sandbox = play.sandbox) {
      let shown = [];
      for (const until = Date.now() + PATIENCE; Date.now() < until;) {
        const answer = await fetch(`${sandbox}/sandbox/api/chats/${chat}/messages?after=0&wait=0`);
        const { messages } = await answer.json();
        shown = messages.filter((message) => message.from?.is_bot && message.message_id > after);
        const found = shown.map((message) => pattern.exec(message.text ?? "")).find(Boolean);
        if (found) return found[1] ?? found[0];
        await new Promise((wake) => setTimeout(wake, 50));
      }
      throw new Error(`${chat} waited for ${pattern}; the bot said ${shown.map((message) => message.text).join("\n")}`);
    },
    // Writes, and waits for an answer that fits.
    async asks(from, text, pattern, sandbox = play.sandbox) {
      return this.hears(from, pattern, await this.says(from, text, sandbox), sandbox);
    },
    async shoot(name, page = pages.at(-1), options = {}) {
      if (!page || page.isClosed()) return;
      const shot = () => page.screenshot({ path: join(play.screenshots, `${name}.png`), ...options });
      // Chromium has no picture to give now and then on a busy machine; the next moment it has.
      await shot().catch((fault) => { if (!/Unable to capture/.test(fault.message)) throw fault; return shot(); });
    },
    complain() {
      const left = faults.filter((fault) => !allowed.some((pattern) => pattern.test(fault)));
      if (left.length > 0) throw new Error([...new Set(left)].join("\n"));
    },
    async close() {
      for (const context of contexts) await context.close();
      for (const end of ends) await end();
    },
  };
}

export function must(holds, what) {
  if (!holds) throw new Error(what);
}

// The keyboard alone: from stop to stop until the one with the focus fits the selector. Whoever
// looks must see at each stop where they are.
export async function tabTo(page, selector) {
  for (let stop = 0; stop < 90; stop += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const element = document.activeElement, style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        what: `${element.tagName} ${element.name || element.className || element.textContent.trim().slice(0, 20)}`,
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        there: element.matches(wanted),
        out: element === document.body,
      };
    }, selector);
    if (at.out) continue;
    must(at.ring, `no ring around ${at.what}`);
    must(at.seen, `${at.what} has the focus and is not to be seen`);
    if (at.there) return;
  }
  throw new Error(`the keyboard does not come to ${selector}`);
}
