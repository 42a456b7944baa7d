// grammY as its documentation runs it under load: the runner, with the updates of a chat in order.
import { Bot } from "grammy";
import { run, sequentialize } from "@grammyjs/runner";

const bot = new Bot("1:bench", { client: { apiRoot: process.argv[2] } });
bot.use(sequentialize((ctx) => ctx.chat?.id.toString()));
bot.command("echo", (ctx) => ctx.reply(ctx.match));
await bot.init();
const runner = run(bot);
process.once("SIGTERM", () => runner.stop());
