// What one is told while one looks at a page, and while one does not.
import { ADA, must } from "./world.mjs";

const count = (page) => page.locator("nav.places [data-unread]");

export default {
  "what one is told is shown on any page, and is not sent": async (stage) => {
    const { page, open, live } = await stage.browserOf("ada");
    // A page that shows nothing live.
    await open("/account");
    await live();
    must(await count(page).isHidden(), "nothing is unread");
    await stage.asks(ADA, "/tell 1 fire Fire in the cellar", /Told fire/);
    const toast = page.locator("#toasts .toast");
    await toast.waitFor();
    must((await toast.innerText()).includes("Fire in the"), "the text is shown");
    must(await page.locator("#toasts").getAttribute("role") === "status", "and told to ears");
    await page.waitForFunction(() => document.querySelector("nav.places [data-unread]")?.textContent === "1");
    await stage.shoot("toast", page);
    await toast.locator("[data-close]").click();
    must(await toast.count() === 0, "it is closed");
    await open("/notices");
    await live();
    must((await page.locator("main").innerText()).includes("Fire in the"), "it stays in the list");
    await stage.shoot("notices", page);
    await page.locator("main .notice button", { hasText: "Mark as read" }).click();
    await page.waitForFunction(() => document.querySelector("nav.places [data-unread]")?.hidden);
    const told = await page.evaluate(async () => (await (await fetch("/api/v1/notices")).json()).items[0]);
    must(told.shown_at && told.read_at && !told.sent_at, `shown, read and not sent: ${JSON.stringify(told)}`);
  },

  "a list that is open grows by itself, and opening is reading": async (stage) => {
    const { page, open, live } = await stage.browserOf("ada");
    await open("/notices");
    await live();
    await stage.asks(ADA, "/tell 1 hail Hail on the roof", /Told hail/);
    const one = page.locator("main .notice", { hasText: "Hail on the roof" });
    await one.waitFor();
    await one.locator("button", { hasText: "Open" }).click();
    await page.waitForURL(/\/p\/tells$/);
    await open("/notices");
    must(await one.locator("button").count() === 0, "it is read");
  },
};
