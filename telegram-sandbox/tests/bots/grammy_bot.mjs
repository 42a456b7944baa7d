// The small bot of story.txt with grammY; only the address is the sandbox's.
import { Bot, InlineKeyboard, InputFile, Keyboard } from "grammy";

const bot = new Bot(process.env.TELEGRAM_BOT_TOKEN, {
  client: { apiRoot: process.env.TELEGRAM_API_URL },
});

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const keys = (count) => new InlineKeyboard().text(`Count ${count}`, `count:${count + 1}`).text("Warn", "warn");
const reply = (ctx) => ({ reply_parameters: { message_id: ctx.msg.message_id } });

bot.command("start", (ctx) => ctx.reply(
  `Hello, <b>${escaped(ctx.from.first_name)}</b>! 2 &lt; 3 &amp; <code>1_000</code>\nChoose:`,
  { parse_mode: "HTML", reply_markup: keys(0).row().url("Site", "https://example.org/") },
));
bot.callbackQuery(/^count:(\d+)$/, async (ctx) => {
  const count = Number(ctx.match[1]);
  await ctx.answerCallbackQuery(String(count));
  await ctx.editMessageText(`Pressed ${count} times`, { reply_markup: keys(count) });
});
bot.callbackQuery("warn", (ctx) => ctx.answerCallbackQuery({ text: "Mind the step", show_alert: true }));
bot.command("ask", (ctx) => ctx.reply("Yes or no?", { reply_markup: new Keyboard().text("Yes").text("No") }));
bot.command("file", (ctx) => ctx.replyWithDocument(
  new InputFile(Buffer.from("hello\n"), "hello.txt"), { caption: "As a file" },
));
bot.command("when", (ctx) => {
  const now = new Date().toISOString().slice(0, 19).replace("T", " ");
  return ctx.reply(`Now: ${now}, number ${1e6 + Math.floor(Math.random() * 9e6)}`);
});
bot.command("is", (ctx) => ctx.reply(`${ctx.match} it is`));
bot.command("ping", async (ctx) => {
  await ctx.reply("pong", reply(ctx));
  await ctx.react("👍");
});
bot.command("pin", async (ctx) => {
  const sent = await ctx.reply("Keep this in mind");
  await ctx.api.pinChatMessage(ctx.chat.id, sent.message_id);
  await ctx.api.deleteMessage(ctx.chat.id, sent.message_id);
});
bot.on("message:document", async (ctx) => {
  const file = await ctx.getFile();
  const answer = await fetch(`${process.env.TELEGRAM_API_URL}/file/bot${bot.token}/${file.file_path}`);
  const bytes = (await answer.arrayBuffer()).byteLength;
  await ctx.reply(`${ctx.msg.document.file_name} has ${bytes} bytes`);
});
bot.on("message:left_chat_member", (ctx) => ctx.reply(`Goodbye, ${ctx.msg.left_chat_member.first_name}`));
bot.chatType("private").on("message:text", (ctx) => ctx.reply(`Noted: ${ctx.msg.text}`, {
  ...reply(ctx),
  ...(["Yes", "No"].includes(ctx.msg.text) ? { reply_markup: { remove_keyboard: true } } : {}),
}));
bot.on("edited_message:text", (ctx) => ctx.reply(`Changed: ${ctx.msg.text}`, reply(ctx)));

process.once("SIGTERM", () => bot.stop());
await bot.start();
