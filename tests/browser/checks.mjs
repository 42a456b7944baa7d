// What people do on the site, and what they see of each other.
import { ADA, GUS, LIM, must, tabTo } from "./world.mjs";

export default {
  "colours chosen by hand are kept": async (stage) => {
    const { page, open } = await stage.browserOf("ada", { colorScheme: "light" });
    await open("/");
    await page.click("#me > summary");
    await page.click("[data-set-theme=dark]");
    await open("/users");
    must(await page.evaluate(() => document.documentElement.dataset.theme) === "dark", "the choice is kept");
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    must(/rgb\((\d+), /.exec(ground)[1] < 60, `the ground is ${ground}`);
  },

  "a stranger sees who the bot is and the way in": async (stage) => {
    const { page, open } = await stage.browserOf(null);
    await open("/");
    must(await page.locator("a[href='/login']").count() === 1, "a way to log in");
    must(await page.locator("nav.places").count() === 0, "no navigation");
    await stage.shoot("stranger", page);
    must(!(await page.content()).includes("Queue"), "no figures");
  },

  "what people may see differs by role": async (stage) => {
    const lim = await stage.browserOf("lim");
    await lim.open("/");
    const seen = await lim.page.locator("nav.places a").evaluateAll((links) => links.map((a) => a.getAttribute("href")));
    must(seen.includes("/plugins") && seen.includes("/jobs"), `an operator sees ${seen}`);
    must(!seen.includes("/users") && !seen.includes("/messages") && !seen.includes("/updates"), `an operator sees ${seen}`);
    must((await lim.open("/users")).status() === 403, "people are not for operators");
    await stage.shoot("forbidden", lim.page);
    await lim.open("/plugins/task");
    must(await lim.page.locator("main form").count() === 0, "an operator changes no plugin");
    const gus = await stage.browserOf("gus");
    await gus.open("/");
    must(!(await gus.page.locator("main").innerText()).includes("Latency"), "a guest sees no figures");
    must((await gus.open("/plugins")).status() === 403, "plugins are not for guests");
  },

  "hostile texts stay texts": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    for (const path of ["/messages", `/chats/${GUS}`]) {
      await open(path);
      must((await page.locator("main").innerText()).includes("<img src=x onerror=alert(1)>"), `${path} shows the text`);
      must(await page.locator("main img").count() === 0, `${path} made an element of it`);
    }
    await stage.shoot("thread", page);
  },

  "a change in one browser is seen in another": async (stage) => {
    const one = await stage.browserOf("ada"), two = await stage.browserOf("ada");
    await two.open("/roles");
    await two.live();
    await one.open("/roles");
    await one.page.fill("input[name=name]", "browser-made");
    const began = Date.now();
    // Two browsers at once: the click waits for the answer to its own page, the other does not.
    await Promise.all([
      one.page.click("main form[action='/roles'] button.main"),
      two.page.locator("#role-browser-made").waitFor({ timeout: 5000 })
        .then(() => console.log(`        seen in the other browser ${Date.now() - began} ms after the click`)),
    ]);
  },

  "a change in Telegram is seen in a browser": async (stage) => {
    const ada = await stage.browserOf("ada");
    await ada.open("/users");
    await ada.live();
    const row = ada.page.locator("tr", { hasText: "1003" });
    must(await row.locator(".badge.bad").count() === 0, "Gus is not blocked yet");
    await stage.says(ADA, "/block 1003 for the test");
    await row.locator(".badge.bad").waitFor();
    await stage.says(ADA, "/unblock 1003");
    await row.locator(".badge.bad").waitFor({ state: "detached" });
  },

  "what is written to the bot appears in the log": async (stage) => {
    const ada = await stage.browserOf("ada");
    await ada.open("/messages");
    await ada.live();
    await stage.says(LIM, "/task Seen while it happens");
    await ada.page.locator("td.text", { hasText: "/task Seen while it happens" }).waitFor();
  },

  "an update of the page takes nothing from whoever types": async (stage) => {
    const ada = await stage.browserOf("ada");
    await ada.open("/roles");
    await ada.live();
    await ada.page.click("#edit-night > summary");
    await ada.page.focus("main input[name=name]");
    await ada.page.keyboard.type("half-a-na");
    await ada.page.evaluate(() => { window.updates = 0; document.addEventListener("page:updated", () => { window.updates += 1; }); });
    await stage.says(ADA, "/role create beside task.view");
    await ada.page.locator("#role-beside").waitFor();
    must(await ada.page.evaluate(() => window.updates) > 0, "the page was updated in place");
    await ada.page.keyboard.type("me");
    must(await ada.page.inputValue("main input[name=name]") === "half-a-name", "what was typed is there, and the focus");
    must(await ada.page.locator("#edit-night").evaluate((d) => d.open), "what was open is open");
  },

  "tabs of a browser share one stream": async (stage) => {
    const ada = await stage.browserOf("ada");
    await ada.open("/users");
    await ada.live();
    const tab = await stage.newTab(ada.context);
    await tab.goto(`${stage.base}/roles`);
    await tab.waitForFunction(() => document.body.dataset.state === "live");
    const own = await Promise.all([ada.page, tab].map((page) => page.evaluate(() =>
      performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/live")).length)));
    must(own[0] + own[1] === 0, `no tab opened a stream of its own: ${own}`);
    await stage.says(ADA, "/role create shared task.view");
    await tab.locator("#role-shared").waitFor();
  },

  "a role is given and taken with the keyboard alone": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open("/users");
    await page.keyboard.press("Tab");
    must(await page.evaluate(() => document.activeElement.className) === "skip", "the first stop skips to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("/");
    await page.keyboard.type("gus");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=gus/);
    await tabTo(page, "td.title a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/users\/\d+$/);
    await tabTo(page, "#give > summary");
    await page.keyboard.press("Enter");
    await tabTo(page, "#give select[name=role]");
    await page.keyboard.type("operator");
    await tabTo(page, "#give button.main");
    await page.keyboard.press("Enter");
    await page.locator("ul.rows strong", { hasText: "operator" }).waitFor();
    await page.selectOption("select[name=permission]", "core.users.manage");
    await page.locator("ol li").first().waitFor();
    must((await page.locator("main").innerText()).includes("may not"), "the denial is explained");
    await stage.shoot("person", page, { fullPage: true });
    await tabTo(page, "form[action$='/revoke'] button");
    await page.keyboard.press("Enter");
    await page.locator("ul.rows strong", { hasText: "operator" }).waitFor({ state: "detached" });
  },

  "a plugin is disabled and enabled": async (stage) => {
    const ada = await stage.browserOf("ada");
    ada.page.on("dialog", (dialog) => dialog.accept());
    await ada.open("/plugins/task");
    await ada.page.click("form[action$='/disable'] button");
    await ada.page.click("form[action$='/enable'] button");
    await ada.page.locator("form[action$='/reload'] button").waitFor();
  },

  "limits and one's time zone are set": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open("/settings");
    await page.fill("input[name=time_zone]", "Asia/Tokyo");
    await page.click("form[action='/settings/own'] button");
    await page.waitForLoadState();
    must(await page.inputValue("input[name=time_zone]") === "Asia/Tokyo", "the zone is kept");
    await open("/users");
    must(/JST/.test(await page.locator("time").first().getAttribute("title")), "times are told in it");
    await open("/settings");
    await page.fill("input[name=time_zone]", "Nowhere/Land");
    await page.click("form[action='/settings/own'] button");
    must((await page.locator("main").innerText()).includes("Nowhere/Land"), "a wrong one is refused with its name");
  },

  "a session that is over leads to the login": async (stage) => {
    const lim = await stage.browserOf("lim"), other = await stage.browserOf("lim");
    await lim.open("/settings");
    await lim.live();
    await other.open("/settings");
    await other.page.click("#me > summary");
    await other.page.click("form[action='/logout'] button");
    await lim.page.waitForURL(/\/login\?back=/);
  },

  "the dashboard is small and quick": async (stage) => {
    const ada = await stage.browserOf("ada");
    const session = await ada.context.newCDPSession(ada.page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
    await ada.open("/");
    await ada.live();
    must(bytes > 0 && bytes <= 120 * 1024, `${bytes} bytes were transferred`);
    const paint = await ada.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    console.log(`        dashboard: ${bytes} bytes, first paint after ${Math.round(paint)} ms`);
  },
};
