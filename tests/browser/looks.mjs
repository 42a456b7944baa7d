// Every page in every colour and size: what it looks like, whether everybody can read and use it.
import axe from "axe-core";
import { must } from "./world.mjs";

// As an administrator sees them.
const PAGES = {
  overview: "/", people: "/users", "nobody-found": "/users?q=nobody-of-that-name", person: "/users/1",
  "persons-sessions": "/users/1/sessions", roles: "/roles", invites: "/invites", chats: "/chats", thread: "/chats/1003",
  messages: "/messages", "no-messages": "/messages?q=never-said", calls: "/calls", plugins: "/plugins",
  plugin: "/plugins/task", jobs: "/jobs", "jobs-finished": "/jobs?state=finished", "outbox-failed": "/outbox?state=failed",
  outbox: "/outbox", announcements: "/announcements", approvals: "/approvals", notices: "/notices", tasks: "/p/task", board: "/p/task/board", task: "/p/task/1", templates: "/p/task/templates", updates: "/updates", audit: "/audit", keys: "/keys", api: "/api", settings: "/settings",
  account: "/account", sessions: "/sessions", wall: "/p/pages", "drop-zone": "/p/takes", "not-found": "/nowhere",
};
// As a stranger sees them.
const OPEN = { stranger: "/", login: "/login", "login-confirm": "/login/confirm", "login-second": "/login/second", "mini-app": "/mini-app", join: "/join", link: "/account/link", bring: "/pub/takes/bring" };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

// What lies too far to the right to be seen without scrolling the page.
const tooWide = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 1) return "";
  const wide = [...document.querySelectorAll("main *, .top *")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 3).map((e) => `${e.tagName}.${e.className} to ${Math.round(e.getBoundingClientRect().right)} of ${width}`).join(", ");
});

// WCAG 2 A and AA (contrast among them), with what each finding is about.
async function faults(page) {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
      `${rule.id}: ${node.target.join(" ")}: ${node.any.concat(node.all, node.none).map((one) => one.message).join("; ")}`));
  });
}

// The contrast of all text as it is painted, measured without a library: 4.5:1, large text 3:1.
const pale = (page) => page.evaluate(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest(":disabled, script, style, .hidden, .skip")) continue;
    count += 1;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const behind = ground(element), color = over(rgba(style.color), behind);
    const [high, low] = [light(color), light(behind)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)}:1 of “${node.textContent.trim().slice(0, 30)}” (${element.tagName}.${element.className})`);
  }
  return { count, found: [...found] };
});

async function look(stage, theme, options, measured) {
  const ada = await stage.browserOf("ada", { ...options });
  const stranger = await stage.browserOf(null, { ...options });
  const said = [];
  let texts = 0;
  for (const [who, pages] of [[ada, PAGES], [stranger, OPEN]]) {
    for (const [name, path] of Object.entries(pages)) {
      const response = await who.open(path);
      must(response.status() < 500, `${path}: ${response.status()}`);
      const page = who.page;
      if (name !== "mini-app" && await page.locator("main h1").count() !== 1) said.push(`${path} has not one heading`);
      const wide = await tooWide(page);
      if (wide) said.push(`${path} is wider than the screen: ${wide}`);
      const text = await page.locator("body").innerText();
      if (/\b[a-z]+(-[a-z]+)+-do\b/.test(text)) said.push(`${path} shows the name of a text: ${text}`);
      await stage.shoot(`${name}-${theme}`, page, { fullPage: true });
      if (!measured) continue;
      // Everything that can be unfolded is looked at too.
      await page.evaluate(() => document.querySelectorAll("main details").forEach((d) => { d.open = true; }));
      for (const fault of await faults(page)) said.push(`${path} ${fault}`);
      const contrast = await pale(page);
      texts += contrast.count;
      for (const fault of contrast.found) said.push(`${path} contrast ${fault}`);
    }
  }
  if (measured) {
    must(texts > 500, `only ${texts} texts were measured`);
    console.log(`        ${Object.keys(PAGES).length + Object.keys(OPEN).length} pages, contrast of ${texts} texts`);
  }
  must(said.length === 0, [...new Set(said)].join("\n"));
  return ada;
}

const isDark = async (page) => {
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  must(/rgb\((\d+), /.exec(ground)[1] < 60, `the ground is ${ground}`);
};

export default {
  "there is something to look at": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open("/keys");
    await page.fill("main form input[name=name]", "night report");
    await page.check("main form input[value='core.status.view']");
    await page.click("main form[action='/keys'] button");
    must(/vahta_/.test(await page.locator("code.secret").innerText()), "a key is shown once");
    await stage.shoot("key-made", page, { fullPage: true });
    await open("/invites");
    await page.click("main form[action='/invites'] button");
    await stage.shoot("invite-made", page, { fullPage: true });
    await open("/account");
    await page.click("form[action='/account/totp/begin'] button");
    await stage.shoot("second-factor", page, { fullPage: true });
  },

  "by day every page can be read and used by everybody": (stage) => look(stage, "light", { colorScheme: "light" }, true),

  "at night as well": async (stage) => {
    const { page } = await look(stage, "dark", { colorScheme: "dark" }, true);
    await isDark(page);
  },

  "on a phone nobody has to scroll sideways": (stage) => look(stage, "phone", PHONE, false),

  "on the smallest phone neither": (stage) => look(stage, "small", { ...PHONE, viewport: { width: 320, height: 640 }, colorScheme: "dark" }, false),
};
