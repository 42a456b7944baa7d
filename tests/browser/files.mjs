// Files on their way up: with the site's script, and without any.
import { must } from "./world.mjs";

const SHELF = "/p/pages/files";
const file = (name, size) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.alloc(size, 7) });

// So many bytes a second go up, so that something is to be seen.
async function slowly(page, bytes) {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const limits = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes };
  await network.send("Network.emulateNetworkConditions", limits);
}

async function choose(page, name, size) {
  await page.setInputFiles("main input[type=file]", [file(name, size)]);
}

const underWay = (page) => page.waitForFunction(() => {
  const progress = document.querySelector(".upload progress");
  return progress && progress.value > 0 && progress.value < 1;
});

export default {
  "a form with files shows how far it is, and ends where the answer leads": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open(SHELF);
    await slowly(page, 2 * 1024 * 1024);
    await choose(page, "slow.bin", 4 * 1024 * 1024);
    await page.click("main form button");
    await underWay(page);
    must(/^\d+ %$/.test(await page.locator(".upload output").innerText()), "per cent are shown");
    await stage.shoot("uploading", page);
    await page.waitForSelector("main a:has-text('slow.bin')");
    must(await page.locator(".upload").count() === 0, "nothing is under way any more");
  },

  "an upload can be given up, and the form sends again": async (stage) => {
    const { page, open } = await stage.browserOf("ada");
    await open(SHELF);
    await slowly(page, 256 * 1024);
    await choose(page, "given-up.bin", 4 * 1024 * 1024);
    await page.click("main form button");
    await underWay(page);
    await page.click(".upload button");
    await page.waitForSelector(".upload", { state: "detached" });
    await slowly(page, -1);
    await choose(page, "second.bin", 16);
    await page.click("main form button");
    await page.waitForSelector("main a:has-text('second.bin')");
    must(await page.locator("main a:has-text('given-up.bin')").count() === 0, "what was given up is not there");
  },

  "a refusal is told beside the form, which keeps what was typed": async (stage) => {
    const { page, open } = await stage.browserOf("ada", { viewport: { width: 390, height: 844 } });
    await open(SHELF);
    await page.fill("main input[name=note]", "refuse");
    await choose(page, "refused.bin", 16);
    await page.click("main form button");
    await page.waitForSelector(".upload[role=alert]:has-text('Not today.')");
    await stage.shoot("refused", page);
    must(await page.inputValue("main input[name=note]") === "refuse", "the note is still there");
    await page.click(".upload button");
    must(await page.locator(".upload").count() === 0, "read and gone");
  },

  "in the Mini App files go up, and what was uploaded comes back as a file and not as a page": async (stage) => {
    const { page } = await stage.browserOf(null);
    await page.goto(`${stage.base}/mini-app#tgWebAppData=${encodeURIComponent(stage.initData[0])}`);
    await page.waitForSelector("nav.places");
    await page.evaluate((shelf) => {
      const link = document.createElement("a");
      link.href = shelf;
      document.getElementById("main").append(link);
      link.click();
    }, SHELF);
    const trap = "<form id='trap' method='post' action='/users/1/block'><button>Open</button></form>";
    const hostile = { name: "hostile.html", mimeType: "text/html", buffer: Buffer.from(trap) };
    await page.waitForSelector("main input[type=file]");
    await page.setInputFiles("main input[type=file]", [hostile]);
    await page.click("main form button");
    const link = page.locator("main a:has-text('hostile.html')");
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    must(download.suggestedFilename() === "hostile.html", `saved as ${download.suggestedFilename()}`);
    must(await page.locator("#trap").count() === 0, "nothing of it stands in the page");
  },

  "without script the form works as well": async (stage) => {
    const { page, open } = await stage.browserOf("ada", { javaScriptEnabled: false });
    await open(SHELF);
    await choose(page, "plain.bin", 16);
    await page.click("main form button");
    await page.waitForSelector("main a:has-text('plain.bin')");
  },
};
