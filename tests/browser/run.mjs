// The admin site in Chromium. `tests/tests/browser.rs` starts the bot and the sandbox and says in
// PLAY where they are and which suite is played. One browser, a context per person; each check has
// its own patience.
import { chromium } from "playwright-core";
import * as world from "./world.mjs";

const play = JSON.parse(process.env.PLAY);
const { default: checks } = await import(`./${play.suite}.mjs`);
const browser = await chromium.launch({
  executablePath: play.chromium,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"],
});
const failed = [];
for (const [name, check] of Object.entries(checks)) {
  const began = Date.now();
  const stage = world.stage(browser, play);
  try {
    await check(stage);
    stage.complain();
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}\n${error.stack}`);
    await stage.shoot(`failed-${name.replaceAll(/\W+/g, "-")}`);
  }
  await stage.close();
}
await browser.close();
if (failed.length > 0) process.exitCode = 1;
