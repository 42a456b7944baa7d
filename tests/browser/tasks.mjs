// Tasks on the site: what one does the others see, in the chat and in their browsers.
import { ADA, LIM, must } from "./world.mjs";

const column = (page, state) => page.locator(`#column-${state}`);

// Telegram and the site are one: how long until the other side shows it.
async function within(what, show) {
  const began = Date.now();
  await show();
  console.log(`        ${what}: ${Date.now() - began} ms`);
}

export default {
  "a task goes from the chat over the site to the chat, and each sees the other": async (stage) => {
    const ada = await stage.browserOf("ada"), lim = await stage.browserOf("lim");
    await stage.asks(ADA, "/template fitting\nmeasure the door @creator\nhang the door @ada", /%fitting, 2 steps/);
    await lim.open("/p/task");
    await lim.live();
    await ada.open("/p/task/board");
    await ada.live();
    const before = await stage.says(LIM, "/task Fit the door @ada %fitting !high");
    await within("a task of the chat is on the board", () => column(ada.page, "open").getByText("Fit the door").waitFor());
    await lim.page.locator("main").getByText("Fit the door").first().waitFor();
    await stage.hears(LIM, /0\/2/, before);
    const path = await column(ada.page, "open").locator("a", { hasText: "Fit the door" }).getAttribute("href");
    await Promise.all([ada.open(path), lim.open(path)]);
    await Promise.all([ada.live(), lim.live()]);
    // Each does one step.
    await lim.page.locator("#part-1 button", { hasText: "Done" }).click();
    await within("a step done on the site is on the other's page", () => ada.page.locator("#steps", { hasText: "1/2" }).waitFor());
    const told = await stage.says(ADA, `/task_${path.split("/").pop()}`);
    await stage.hears(ADA, /1\/2/, told);
    await ada.page.locator("#part-2 button", { hasText: "Done" }).click();
    await within("the last step completes it for the other", () => lim.page.locator(".badge.good", { hasText: "done" }).waitFor());
    await stage.shoot("task-done", lim.page);
  },

  "a task is dragged to where its state may lead, and nowhere else": async (stage) => {
    const { page, open, live } = await stage.browserOf("ada");
    const other = await stage.browserOf("lim");
    await stage.asks(ADA, "/task Dragged along @lim", /Dragged along/);
    await open("/p/task/board");
    await live();
    await other.open("/p/task/board");
    await other.live();
    const item = column(page, "open").locator("li", { hasText: "Dragged along" });
    await item.waitFor();
    await stage.shoot("board-open", page);
    // Nobody rejects what is open: it stays.
    await item.dragTo(column(page, "rejected"));
    must(await item.count() === 1, "it did not move");
    await Promise.all([
      page.waitForURL(/\/p\/task\/board$/),
      item.dragTo(column(page, "done")),
    ]);
    await column(page, "done").getByText("Dragged along").waitFor();
    await within("what is dragged moves on the other's board", () => column(other.page, "done").getByText("Dragged along").waitFor());
    await live();
    // And back, with the keyboard: the button does the same.
    await column(page, "done").locator("li", { hasText: "Dragged along" }).locator("button", { hasText: "Reopen" }).press("Enter");
    await column(page, "open").getByText("Dragged along").waitFor();
    const boxes = await page.locator(".board > section").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    must(new Set(boxes).size === 1, "the columns stand side by side");
    await stage.shoot("board", page);
    const phone = await stage.browserOf("ada", { viewport: { width: 390, height: 800 } });
    await phone.open("/p/task/board");
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth);
    must(width <= 390, `the page is ${width} wide on a telephone: the board scrolls, the page does not`);
    await stage.shoot("board-phone", phone.page);
  },
};
