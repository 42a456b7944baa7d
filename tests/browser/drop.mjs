// Drop zones: many files at once, over reloads and lines that break.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADA, must } from "./world.mjs";

const ZONE = "/p/takes", MIB = 1 << 20;

// So many bytes a second go up; -1: as fast as it goes. One session a page, for each has its own word.
const networks = new WeakMap();
async function slowly(page, bytes, offline = false) {
  if (!networks.has(page)) networks.set(page, await page.context().newCDPSession(page));
  const network = networks.get(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
}

// Drops files `prefix-<n>.bin`; the same ones each time, as far as anybody can tell.
const drop = (page, prefix, count, size) => page.evaluate(({ prefix, count, size }) => {
  const dataTransfer = new DataTransfer();
  for (let n = 0; n < count; n++) {
    const content = new Uint8Array(size + n).fill(n + 1);
    dataTransfer.items.add(new File([content], `${prefix}-${n}.bin`, { lastModified: 1_700_000_000_000 + n }));
  }
  const zone = document.querySelector(".drop");
  zone.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }));
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}, { prefix, count, size });

const rows = (page, state) => page.locator(`.drop > ul > li[data-state=${state}]`);
const arrived = (page, name) => page.locator("#came li", { hasText: name });
const all = (page, count) => page.waitForFunction((count) => {
  const here = document.querySelectorAll(".drop > ul > li[data-state=done], .drop > ul > li[data-state=known]");
  return here.length === count;
}, count, { timeout: 60_000 });

export default {
  "twenty files are dropped, the page is reloaded in the middle, and each arrives once": async (stage) => {
    const { page, open, live } = await stage.browserOf("ada");
    await open(ZONE);
    await live();
    await slowly(page, 6 * MIB);
    await drop(page, "many", 20, 1.5 * MIB);
    await rows(page, "done").nth(2).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".drop li[data-state=sending] progress")].some((bar) => bar.value > 200_000));
    await stage.shoot("dropped", page);
    await page.reload();
    await live();
    await page.locator(".drop .lost li").first().waitFor();
    await stage.shoot("reloaded", page);
    const before = await arrived(page, "many-").count();
    must(before >= 3 && before < 20, `${before} had arrived`);
    await drop(page, "many", 20, 1.5 * MIB);
    await slowly(page, -1);
    await all(page, 20);
    must(await rows(page, "known").count() >= 3, "what was here was not sent again");
    // The page was put in anew for each that came; the zone stayed as it was.
    await page.waitForFunction(() => document.querySelectorAll("#came li").length === 20);
    must(await page.locator(".drop > ul > li").count() === 20, "the zone still tells what it did");
    const wrong = await page.evaluate(async (size) => {
      const wrong = [];
      for (const link of document.querySelectorAll("#came a")) {
        const n = Number(/-(\d+)\./.exec(link.textContent)[1]);
        const bytes = new Uint8Array(await (await fetch(link.href)).arrayBuffer());
        if (bytes.length !== size + n || bytes.some((byte) => byte !== n + 1)) wrong.push(link.textContent);
      }
      return wrong;
    }, 1.5 * MIB);
    must(wrong.length === 0, `not as they were: ${wrong}`);
    await stage.shoot("arrived", page);
    await page.reload();
    await page.locator(".drop").waitFor();
    must(await page.locator(".drop .lost").isHidden(), "nothing is unfinished");
  },

  "a file waits while it is paused, and goes on": async (stage) => {
    const { page, open } = await stage.browserOf(null, { viewport: { width: 390, height: 844 } });
    await open("/pub/takes/bring");
    await slowly(page, MIB);
    await drop(page, "paused", 1, 3 * MIB);
    await page.waitForFunction(() => document.querySelector(".drop li progress")?.value > 300_000);
    await page.getByRole("button", { name: "Pause" }).click();
    await rows(page, "paused").waitFor();
    await stage.shoot("paused-drop", page);
    const sent = () => page.locator(".drop li progress").evaluate((bar) => bar.value);
    const stood = await sent();
    await slowly(page, -1);
    await page.getByRole("button", { name: "Go on" }).click();
    await all(page, 1);
    must(stood < await sent(), "the rest came afterwards");
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    must(width <= 390, `the page is ${width} wide on a telephone`);
  },

  "what does not fit is said before it is sent, and what is removed frees its place": async (stage) => {
    const { page, open } = await stage.browserOf(null);
    await open("/pub/takes/bring");
    const room = page.locator(".drop p.quiet");
    await room.filter({ hasText: "more files" }).waitFor();
    await drop(page, "big", 1, 70 * MIB);
    await rows(page, "failed").filter({ hasText: "Too large" }).waitFor();
    await page.getByRole("button", { name: "Remove" }).click();
    must(await page.locator(".drop > ul > li").count() === 0, "it is gone");
    const before = await room.innerText();
    await slowly(page, MIB);
    await drop(page, "removed", 1, 4 * MIB);
    await page.waitForFunction(() => document.querySelector(".drop li progress")?.value > 300_000);
    await page.getByRole("button", { name: "Pause" }).click();
    await rows(page, "paused").waitFor();
    await page.getByRole("button", { name: "Remove" }).click();
    await room.filter({ hasText: before }).waitFor();
  },

  "what is dropped while the line is away waits for it": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open(ZONE);
    await page.locator(".drop p.quiet", { hasText: "more files" }).waitFor();
    await slowly(page, -1, true);
    await drop(page, "waits", 2, 2 * MIB);
    await page.locator(".drop li", { hasText: "Waiting for the connection" }).first().waitFor();
    await slowly(page, -1);
    await all(page, 2);
    await arrived(page, "waits-1.bin").waitFor();
  },

  "a whole folder comes with its folders": async (stage) => {
    const folder = mkdtempSync(join(tmpdir(), "vahta-drop-"));
    stage.atEnd(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "trip", "day one"), { recursive: true });
    writeFileSync(join(folder, "trip", "list.txt"), "a list");
    writeFileSync(join(folder, "trip", "day one", "empty.txt"), "");
    const { page, open } = await stage.browserOf("ada");
    await open(ZONE);
    await page.setInputFiles(".drop input[webkitdirectory]", join(folder, "trip"));
    await all(page, 2);
    await arrived(page, "trip/list.txt").waitFor();
    await arrived(page, "trip/day one/empty.txt").waitFor();
  },

  "in the Mini App files are dropped as well": async (stage) => {
    const { page } = await stage.browserOf(null);
    await page.goto(`${stage.base}/mini-app#tgWebAppData=${encodeURIComponent(stage.initData[0])}`);
    await page.waitForSelector("nav.places");
    await page.locator("nav.places a[href='/p/takes']").click();
    await page.locator(".drop p.quiet", { hasText: "more files" }).waitFor();
    await drop(page, "app", 1, 2 * MIB);
    await all(page, 1);
  },

  "without script a form brings files as well": async (stage) => {
    const { page, open } = await stage.browserOf("ada", { javaScriptEnabled: false });
    await open(ZONE);
    await page.setInputFiles("main input[type=file]", [{ name: "plain.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(16, 7) }]);
    await page.click("main form button");
    await page.waitForURL(/\/p\/takes$/);
    await stage.hears(ADA, /plain\.bin/, await stage.says(ADA, "/taken"));
  },

  "a link that is over says so": async (stage) => {
    const { page, open } = await stage.browserOf(null);
    await open("/pub/takes/bring");
    await page.locator(".drop p.quiet", { hasText: "more files" }).waitFor();
    await stage.asks(ADA, "/ends page", /Ended: 1/);
    await drop(page, "late", 1, 10);
    await page.locator(".drop .fault", { hasText: "This link is over" }).waitFor();
    must(await rows(page, "failed").count() === 1, "nothing was sent");
  },
};
