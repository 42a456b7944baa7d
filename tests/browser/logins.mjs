// Every way in, as a person takes it.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { ADA, KIM, NIA, must, tabTo } from "./world.mjs";

const GOOD = "correct horse battery staple";
const LINK = /(http\S+\/login#[\w-]{22})/;

// RFC 6238, as an authenticator does it; `steps` of 30 s from now.
function code(secret, steps = 0) {
  let bits = "";
  for (const letter of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function cookies(context) {
  return (await context.cookies()).filter((cookie) => cookie.name === "__Host-vahta");
}

// Somebody who is logged in, as the page says it.
const isIn = async (page, name) => {
  await page.locator("#me > summary").waitFor();
  must((await page.locator("#me > summary").innerText()).includes(name), `${name} is logged in`);
};

async function byLink(stage, from, name, { sandbox = stage.sandbox, base = stage.base } = {}) {
  const link = await stage.asks(from, "/login", LINK, sandbox);
  const browser = await stage.browserOf(null, {}, base);
  await browser.page.goto(link);
  await browser.page.waitForURL(/\/login\/confirm/);
  must(!(await browser.page.url()).includes("#"), "the code is out of the address");
  must((await browser.page.locator("main").innerText()).includes(name), "the page says as whom");
  must((await cookies(browser.context)).length === 0, "nobody is logged in before the question is answered");
  await browser.page.click("form[action='/login/confirm'] button");
  return { ...browser, link };
}

async function byPassword(stage, options) {
  const browser = await stage.browserOf(null, options);
  await browser.open("/login");
  await browser.page.fill("input[name=username]", "kim.w");
  await browser.page.fill("input[name=password]", GOOD);
  await browser.page.click("form[action='/login/password'] button");
  return browser;
}

// Pages of another site, on localhost: one that may frame the Mini App, or (by address) one that may not.
function elsewhere(stage, frame) {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>Elsewhere</title><iframe src="${frame}" width="400" height="700"></iframe>`);
  });
  stage.atEnd(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
  return new Promise((ready) => server.listen(stage.framePort, "127.0.0.1", ready));
}

let secret = "", recovery = [];

export default {
  "with the link from the bot, after a question": async (stage) => {
    const { page, context, link } = await byLink(stage, ADA, "Ada");
    await isIn(page, "Ada");
    const [cookie] = await cookies(context);
    must(cookie.httpOnly && cookie.secure && cookie.sameSite === "Lax", `the cookie is ${JSON.stringify(cookie)}`);
    const other = await stage.browserOf(null);
    await other.page.goto(link);
    await other.page.locator(".fault").waitFor();
    must((await cookies(other.context)).length === 0, "a link works once");
  },

  "a password is set, and logs in": async (stage) => {
    const { page, open } = await stage.browserOf("kim");
    await open("/account");
    await page.fill("input[name=username]", "kim.w");
    await page.fill("input[name=password]", GOOD);
    await page.fill("input[name=again]", GOOD);
    await page.click("form[action='/account/password'] button.main");
    await page.locator("form[action='/account/password/off']").waitFor();
    const kim = await byPassword(stage);
    await isIn(kim.page, "Kim");
    const wrong = await stage.browserOf(null);
    await wrong.open("/login");
    await wrong.page.fill("input[name=username]", "kim.w");
    await wrong.page.fill("input[name=password]", "wrong horse");
    await wrong.page.click("form[action='/login/password'] button");
    await wrong.page.locator(".fault[role=alert]").waitFor();
    await stage.shoot("wrong-password", wrong.page);
    must((await cookies(wrong.context)).length === 0, "a wrong password opens nothing");
  },

  "with the keyboard alone, through the login and one act": async (stage) => {
    const { page, open } = await stage.browserOf(null);
    await open("/login");
    await tabTo(page, "input[name=username]");
    await page.keyboard.type("kim.w");
    await tabTo(page, "input[name=password]");
    await page.keyboard.type(GOOD);
    await tabTo(page, "form[action='/login/password'] button");
    await page.keyboard.press("Enter");
    await isIn(page, "Kim");
    await tabTo(page, "nav.places a[href='/settings']");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/settings$/);
    await tabTo(page, "input[name=time_zone]");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("Asia/Tokyo");
    await tabTo(page, "form[action='/settings/own'] button.main");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/settings$/);
    await page.waitForFunction(() => document.querySelector("input[name=time_zone]")?.defaultValue === "Asia/Tokyo");
  },

  "a session that is over leads to the login, and the login back to the page": async (stage) => {
    const { page, open, live } = await byPassword(stage), other = await byPassword(stage);
    await open("/settings?from=the-test");
    await live();
    await other.open("/sessions");
    await other.page.click("form[action='/sessions/end-others'] button");
    await page.waitForURL(/\/login\?back=/);
    await stage.shoot("session-over", page);
    await page.fill("input[name=username]", "kim.w");
    await page.fill("input[name=password]", GOOD);
    await page.click("form[action='/login/password'] button");
    await page.waitForURL(/\/settings\?from=the-test$/);
    await isIn(page, "Kim");
  },

  "a second factor is set up and asked for": async (stage) => {
    const { page, open } = await byPassword(stage);
    await isIn(page, "Kim");
    await open("/account");
    await page.click("form[action='/account/totp/begin'] button");
    secret = await page.locator("p code").innerText();
    await stage.shoot("second-factor-begun", page, { fullPage: true });
    await page.fill("input[name=code]", code(secret));
    await page.click("form[action='/account/totp/confirm'] button");
    await page.locator("ul.codes").waitFor();
    await stage.shoot("recovery-codes", page);
    recovery = await page.locator("ul.codes code").allInnerTexts();
    must(recovery.length === 8, `recovery codes: ${recovery}`);
  },

  "with password and the authenticator's code": async (stage) => {
    const { page, context } = await byPassword(stage);
    await page.waitForURL(/\/login\/second/);
    must((await cookies(context)).length === 0, "a password alone is not enough");
    await stage.shoot("second-step", page);
    await page.fill("input[name=code]", "000000");
    await page.click("form[action='/login/second'] button");
    await page.locator(".fault[role=alert]").waitFor();
    // The code of now was taken when the factor was set up.
    await page.fill("input[name=code]", code(secret, 1));
    await page.click("form[action='/login/second'] button");
    await isIn(page, "Kim");
  },

  "with password and a recovery code, which works once": async (stage) => {
    const first = await byPassword(stage);
    await first.page.fill("input[name=code]", recovery[0].toLowerCase());
    await first.page.click("form[action='/login/second'] button");
    await isIn(first.page, "Kim");
    const second = await byPassword(stage);
    await second.page.fill("input[name=code]", recovery[0]);
    await second.page.click("form[action='/login/second'] button");
    await second.page.locator(".fault[role=alert]").waitFor();
    must((await cookies(second.context)).length === 0, "a recovery code works once");
  },

  "with the link, and the second factor after it": async (stage) => {
    const { page, context } = await byLink(stage, KIM, "Kim");
    await page.waitForURL(/\/login\/second/);
    must((await cookies(context)).length === 0, "a link alone is not enough");
    await page.fill("input[name=code]", recovery[1]);
    await page.click("form[action='/login/second'] button");
    await isIn(page, "Kim");
  },

  "by an invitation": async (stage) => {
    const ada = await stage.browserOf("ada");
    await ada.open("/invites");
    await ada.page.selectOption("select[name=role]", "operator");
    await ada.page.click("main form[action='/invites'] button");
    const link = await ada.page.locator("main a[href*='start=']").getAttribute("href");
    must(await ada.page.locator(".qr svg").count() === 1, "there is a QR code");
    const token = new URL(link).searchParams.get("start");
    await stage.asks(NIA, `/start ${token}`, /You have the role/);
    const { page } = await byLink(stage, NIA, "Nia");
    await isIn(page, "Nia");
    const seen = await page.locator("nav.places a").evaluateAll((links) => links.map((a) => a.getAttribute("href")));
    must(seen.includes("/jobs") && !seen.includes("/users"), `an operator sees ${seen}`);
  },

  "by the claim code, while nobody is in charge": async (stage) => {
    const { base, sandbox, code } = stage.unclaimed;
    const { page, open } = await stage.browserOf(null, {}, base);
    await open("/login");
    await page.click("a[href='/claim']");
    await page.fill("input[name=code]", "not-the-code");
    await page.click("form[action='/claim'] button");
    await page.locator(".fault[role=alert]").waitFor();
    await page.fill("input[name=code]", code);
    await page.click("form[action='/claim'] button");
    const link = await page.locator("main a[href*='start=']").getAttribute("href");
    must(link.endsWith(code) && await page.locator(".qr svg").count() === 1, `a link and a QR code: ${link}`);
    await stage.shoot("claim", page);
    await stage.asks(ADA, `/start ${code}`, /first admin/, sandbox);
    const ada = await byLink(stage, ADA, "Ada", { base, sandbox });
    await isIn(ada.page, "Ada");
    must(await ada.page.locator("nav.places a[href='/users']").count() === 1, "an admin");
    must((await open("/claim")).status() === 404, "there is nothing left to claim");
  },

  "inside Telegram, in a frame of another site": async (stage) => {
    const proof = encodeURIComponent(stage.initData[0]);
    await elsewhere(stage, `${stage.base}/mini-app#tgWebAppData=${proof}`);
    const { page, context } = await stage.browserOf(null, { viewport: { width: 440, height: 760 } });
    stage.allow(new RegExp(`^another host: http://localhost:${stage.framePort}/`));
    await page.goto(`http://localhost:${stage.framePort}/`);
    const app = page.frameLocator("iframe");
    await app.locator("main h1").waitFor();
    await stage.shoot("mini-app", page);
    must((await context.cookies()).length === 0, "nothing of it lies in a cookie");
    const frame = page.frames()[1];
    must(new URL(frame.url()).hash === "", "the proof is out of the address");
    // From page to page, and one act.
    await app.locator("nav.places a[href='/roles']").click();
    await app.locator("form[action='/roles'] input[name=name]").fill("from-the-frame");
    await app.locator("main form[action='/roles'] button.main").click();
    await app.locator("#role-from-the-frame").waitFor();
    await stage.shoot("mini-app-roles", page);
    must(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), "it fits into its frame");
    must((await context.cookies()).length === 0, "nothing of it lies in a cookie");
  },

  "a Mini App without Telegram's proof shows nothing": async (stage) => {
    const { page, open } = await stage.browserOf(null);
    await open("/mini-app");
    await page.waitForFunction(() => document.getElementById("main").textContent === document.getElementById("main").dataset.bad);
    // The same proof does not work twice.
    const again = await stage.browserOf(null);
    await again.open(`/mini-app#tgWebAppData=${encodeURIComponent(stage.initData[0])}`);
    await again.page.waitForFunction(() => document.getElementById("main").textContent === document.getElementById("main").dataset.bad);
  },

  "no other page can be framed, nor the Mini App by everybody": async (stage) => {
    stage.allow(/^another host: http:\/\/(localhost|127\.0\.0\.1):/);
    stage.allow(/^console: .*frame-ancestors/);
    for (const [site, path] of [
      ["localhost", "/"], ["localhost", "/login"], ["localhost", "/users"], ["localhost", "/nowhere"],
      // Another origin than the one that is configured.
      ["127.0.0.1", "/mini-app"],
    ]) {
      const inner = await stage.browserOf("ada");
      await inner.page.route(`http://${site}:${stage.framePort}/`, (route) => route.fulfill({
        contentType: "text/html", body: `<!doctype html><title>Elsewhere</title><iframe src="${stage.base}${path}"></iframe>`,
      }));
      await inner.page.goto(`http://${site}:${stage.framePort}/`);
      await inner.page.waitForFunction(() => document.readyState === "complete");
      const frame = inner.page.frames()[1];
      await frame.waitForLoadState();
      must(frame.url().startsWith("chrome-error:"), `${path} is shown in a frame of ${site}: ${frame.url()}`);
    }
  },
};
