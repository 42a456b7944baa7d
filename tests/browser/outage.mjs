// The database goes away while pages are open, and comes back.
import { ADA, must } from "./world.mjs";

const database = (stage, act) => fetch(`${stage.switch}/${act}`).then((answer) => must(answer.ok, `${act}: ${answer.status}`));
// What a browser meets while it is away is what the check is about; nothing else is.
const expected = (stage) => {
  stage.allow(/^503: /);
  stage.atEnd(() => database(stage, "mend"));
};

export default {
  "an open page says so, and goes on by itself": async (stage) => {
    expected(stage);
    const { page, open, live } = await stage.browserOf("ada");
    await open("/roles");
    await live();
    await page.fill("main input[name=name]", "half-typ");
    await database(stage, "cut");
    await page.locator(".top .state").waitFor({ state: "visible", timeout: 30_000 });
    must(await page.locator("main h1").count() === 1, "what was there stays");
    await stage.shoot("away", page);
    await database(stage, "mend");
    await live();
    await page.locator(".top .state").waitFor({ state: "hidden" });
    must(await page.inputValue("main input[name=name]") === "half-typ", "what was typed is there");
    // It hears again what happens.
    await stage.says(ADA, "/role create after-the-storm task.view");
    await page.locator("#role-after-the-storm").waitFor({ timeout: 20_000 });
  },

  "a page that is asked for meanwhile says so, and comes by itself": async (stage) => {
    expected(stage);
    const { page, open } = await stage.browserOf("ada");
    await database(stage, "cut");
    const response = await open("/users");
    must(response.status() === 503, `${response.status()}`);
    must(response.headers()["retry-after"] === "2", "it says when to come back");
    must(await page.locator("main h1").count() === 1, "it is a page");
    await stage.shoot("unavailable", page);
    await database(stage, "mend");
    await page.locator("td.title a").first().waitFor({ timeout: 30_000 });
    must(new URL(page.url()).pathname === "/users", page.url());
  },

  "a form that is sent meanwhile can be sent again": async (stage) => {
    expected(stage);
    const { page, open } = await stage.browserOf("ada");
    await open("/settings");
    await page.fill("input[name=time_zone]", "Asia/Bangkok");
    await database(stage, "cut");
    const answer = page.waitForResponse((response) => response.request().method() === "POST", { timeout: 30_000 });
    await page.click("form[action='/settings/own'] button.main");
    must((await answer).status() === 503, "the form is refused");
    await page.locator("main h1", { hasText: "away" }).waitFor();
    must((await page.locator("main").innerText()).includes("send it again"), "the page says what to do");
    await stage.shoot("form-unavailable", page);
    await database(stage, "mend");
    await page.goBack();
    await page.waitForFunction(async () => (await fetch("/settings")).ok);
    await page.fill("input[name=time_zone]", "Asia/Bangkok");
    await page.click("form[action='/settings/own'] button.main");
    await page.waitForFunction(() => document.querySelector("input[name=time_zone]")?.defaultValue === "Asia/Bangkok");
  },
};
