// The sandbox's chat page: what people see and do there. The bot is played here, call by call, so
// that each thing on the page has one cause.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import axe from "axe-core";
import { ADA, GUS, LIM, must } from "./world.mjs";

const OPS = -1001, TOKEN = "1:sandbox";
const LIGHT = { colorScheme: "light" }, DARK = { colorScheme: "dark" };
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
// 96 × 64 in coloured squares.
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAGAAAABACAIAAABqVuVZAAABbUlEQVR42u3ZzW3DMAxA4QzWSTyJJuEknIQTtbUdRX8UiRTN6QUPQS5Bws/Qgfbjq5ifXh3FEqmfXJWi++T3XfzqJxnSqeGb/S8dz4pFPQACCCCAAAIIIIAAAuh9ILG4DNBikC6RHND00qkUkBSLAigEElvWDl+lhjoFudvM35w1t9Rrq3iLSKLXWXMDCCCAAAIIIIAAAggggAD6JNCZXqWWVVE/uUotqyJ+9WNiWe2/2tMcz/6wrAIEEEAAAQQQQAABBFAMpBaXAVLdJ5oDmjx0KgWkxaIACoHUlrXDV6mhTkHvNvM3Z81tcVpWTwXDomtx9jprbgABBBBAAAEEEEAAAQQQQJ8EOtOr1LKq6ve8uZBZVrcP+pr7ItGy2t9KGa5UvZrvL6sAAQQQQAABBBBAAAEUA5nFZYCivyOWAzIZ0qkUkBWLAigEMlvWDl+lhjoFu9vM35w1t3n4RRo+xC4/w8fpEQYQQAD9K9A33NImwHOWX0wAAAAASUVORK5CYII=", "base64");

async function post(stage, path, body) {
  const answer = await fetch(`${stage.sandbox}/${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(read)}`);
  return read;
}

// The bot's call, and what people do, of which the page is told by the stream.
const call = async (stage, method, body) => (await post(stage, `bot${TOKEN}/${method}`, body)).result;
const control = (stage, path, body) => post(stage, `sandbox/api/${path}`, body);

// A page as somebody sees it, in a chat.
async function at(stage, person, chat, options = LIGHT) {
  // Chromium warns of what matters only to frames of the page's own origin, which are not opened.
  stage.allow(/^console: An iframe which has both allow-scripts and allow-same-origin/);
  const browser = await stage.browserOf(null, { viewport: { width: 1440, height: 900 }, ...options });
  await browser.open(`/#as=${person}&chat=${chat}`);
  await browser.live();
  return browser.page;
}

const bubble = (page, text) => page.locator(".bubble", { hasText: text }).last();

async function pressed(stage) {
  for (let offset = 0; ;) {
    for (const update of await call(stage, "getUpdates", { timeout: 10, offset })) {
      offset = update.update_id + 1;
      if (update.callback_query) return update.callback_query;
    }
  }
}

// Nothing sticks out of the window, which a phone would have to push aside.
async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  must(wide <= 1, `${wide} px too wide`);
}

// WCAG 2.2 AA, as far as a program sees it.
async function everybodyCanUse(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 8).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" · ")}`);
  });
  must(found.length === 0, found.join("\n"));
}

export default {
  "people write, and the bot's words have their looks": async (stage) => {
    const page = await at(stage, ADA, ADA);
    await page.fill("#text", "/start <b>no markup</b>");
    await page.keyboard.press("Enter");
    await bubble(page, "/start <b>no markup</b>").waitFor();
    await call(stage, "sendMessage", {
      chat_id: ADA, parse_mode: "HTML",
      text: "<b>Welcome</b>, <i>Ada</i>! Use /help, see https://example.org and <code>cargo run</code>.\n<blockquote>Quoted words</blockquote><pre><code class=\"language-rust\">fn main() {}</code></pre><tg-spoiler>secret</tg-spoiler>",
      reply_markup: { inline_keyboard: [[{ text: "Done", callback_data: "done" }, { text: "Docs", url: "https://example.org" }], [{ text: "Later", callback_data: "later" }]] },
    });
    const words = bubble(page, "Welcome");
    await words.locator("b", { hasText: "Welcome" }).waitFor();
    await words.locator("pre[data-language=rust]").waitFor();
    must(await page.locator(".bubble script, .bubble b", { hasText: "no markup" }).count() === 0, "what people write is never markup");
    await call(stage, "sendMessage", { chat_id: ADA, text: "Which colour?", reply_markup: { keyboard: [["Red", "Green"], ["Blue"]], resize_keyboard: true } });
    await page.locator("#reply-keyboard button", { hasText: "Green" }).click();
    await page.locator(".mine .bubble", { hasText: "Green" }).waitFor();
    await stage.shoot("chat", page);
  },

  "buttons are pressed, alerts shown, edits seen at once": async (stage) => {
    const page = await at(stage, ADA, ADA);
    await page.locator(".key", { hasText: "Done" }).click();
    const query = await pressed(stage);
    must(query.data === "done" && query.from.id === ADA, "the bot hears of the press");
    await call(stage, "answerCallbackQuery", { callback_query_id: query.id, text: "Are you <sure>?", show_alert: true });
    await page.locator("#alert[open]", { hasText: "Are you <sure>?" }).waitFor();
    await stage.shoot("alert", page);
    await page.locator("#alert button").click();
    await call(stage, "editMessageText", { chat_id: ADA, message_id: query.message.message_id, text: "It is done.", reply_markup: { inline_keyboard: [[{ text: "Again", callback_data: "again" }]] } });
    await bubble(page, "It is done.").getByText("edited").waitFor();
    await page.locator(".key", { hasText: "Again" }).waitFor();
    const other = await at(stage, LIM, LIM);
    must(await bubble(other, "It is done.").count() === 0, "others do not see Ada's chat");
  },

  "files come by drag and drop, and every kind of media is shown": async (stage) => {
    const page = await at(stage, ADA, ADA);
    const data = await page.evaluateHandle((bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "chart.png", { type: "image/png" }));
      transfer.items.add(new File(["a,b\n1,2\n"], "table.csv", { type: "text/csv" }));
      return transfer;
    }, PICTURE.toString("base64"));
    await page.dispatchEvent("#chat", "dragenter", { dataTransfer: data });
    await page.locator("#drop:not([hidden])").waitFor();
    await page.dispatchEvent("#chat", "drop", { dataTransfer: data });
    await page.locator(".mine .photo img").waitFor();
    await page.locator(".mine .file", { hasText: "table.csv" }).waitFor();
    await page.waitForFunction(() => document.querySelector(".photo img").naturalWidth === 96);
    await page.setInputFiles("#files", { name: "minutes.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") });
    await page.locator(".mine .file", { hasText: "minutes.pdf" }).waitFor();
    const send = async (method, field, name, type, more = {}) => {
      const form = new FormData();
      form.set("chat_id", String(ADA));
      for (const [key, value] of Object.entries(more)) form.set(key, String(value));
      form.set(field, new Blob([field === "sticker" ? PICTURE : "x"], { type }), name);
      const answer = await fetch(`${stage.sandbox}/bot${TOKEN}/${method}`, { method: "POST", body: form });
      must(answer.ok, `${method}: ${answer.status}`);
    };
    await send("sendAudio", "audio", "song.mp3", "audio/mpeg", { duration: 125, title: "The Song", performer: "Band" });
    await send("sendVoice", "voice", "voice.ogg", "audio/ogg", { duration: 7 });
    await send("sendVideo", "video", "clip.mp4", "video/mp4", { duration: 12, caption: "A clip" });
    await send("sendSticker", "sticker", "sticker.webp", "image/png", { emoji: "🎉" });
    await page.locator(".sound", { hasText: "The Song" }).waitFor();
    await page.locator(".film video").waitFor();
    await page.waitForFunction(() => document.querySelector(".sticker img")?.naturalWidth === 96);
    await stage.shoot("media", page);
    await call(stage, "sendPoll", { chat_id: ADA, question: "Ship it?", options: [{ text: "Yes" }, { text: "Not today" }], is_anonymous: false });
    await page.locator(".poll .option", { hasText: "Yes" }).click();
    await page.locator(".poll", { hasText: "1 vote" }).waitFor();
    await call(stage, "sendVenue", { chat_id: ADA, latitude: 52.52, longitude: 13.405, title: "Office", address: "Main street 1" });
    await call(stage, "sendContact", { chat_id: ADA, phone_number: "+49 30 1", first_name: "Desk" });
    await call(stage, "sendDice", { chat_id: ADA });
    await page.locator(".file", { hasText: "Office" }).waitFor();
    await page.locator(".file", { hasText: "+49 30 1" }).waitFor();
    await page.locator(".dice").waitFor();
    const album = new FormData();
    album.set("chat_id", String(ADA));
    album.set("media", JSON.stringify(["a", "b", "c"].map((name, place) => ({ type: "photo", media: `attach://${name}`, caption: place ? undefined : "Three of them" }))));
    for (const name of ["a", "b", "c"]) album.set(name, new Blob([PICTURE], { type: "image/png" }), `${name}.png`);
    must((await fetch(`${stage.sandbox}/bot${TOKEN}/sendMediaGroup`, { method: "POST", body: album })).ok, "an album is sent");
    await page.waitForFunction(() => document.querySelectorAll(".album .photo img").length === 3);
    must(await bubble(page, "Three of them").count() === 1, "an album is one bubble");
    await call(stage, "sendMessage", { chat_id: ADA, text: "Who are you?", reply_markup: { keyboard: [[{ text: "My number", request_contact: true }]], one_time_keyboard: true } });
    await page.locator("#reply-keyboard button", { hasText: "My number" }).click();
    await page.locator(".mine .file", { hasText: "+99900001001" }).waitFor();
    await page.locator("#reply-keyboard").waitFor({ state: "hidden" });
    await stage.shoot("more-media", page);
  },

  "a group: replies, reactions, forwards, members, pins, search": async (stage) => {
    const lim = await at(stage, LIM, OPS, DARK);
    const ada = await at(stage, ADA, OPS);
    await lim.fill("#text", "The build is red again");
    await lim.keyboard.press("Enter");
    await bubble(ada, "The build is red again").waitFor();
    const asked = (await (await fetch(`${stage.sandbox}/sandbox/api/chats/${OPS}/messages?after=0`)).json()).messages.at(-1);
    await call(stage, "sendMessage", { chat_id: OPS, text: "I look into it.", reply_parameters: { message_id: asked.message_id } });
    await call(stage, "setMessageReaction", { chat_id: OPS, message_id: asked.message_id, reaction: [{ type: "emoji", emoji: "👍" }] });
    await call(stage, "pinChatMessage", { chat_id: OPS, message_id: asked.message_id });
    await call(stage, "forwardMessage", { chat_id: OPS, from_chat_id: OPS, message_id: asked.message_id });
    await ada.locator(".quote", { hasText: "The build is red" }).waitFor();
    await ada.locator(".reaction", { hasText: "👍" }).waitFor();
    await ada.locator("#pinned", { hasText: "The build is red" }).waitFor();
    await ada.locator(".forwarded", { hasText: "Lim" }).waitFor();
    // Ada reacts as well, from the page.
    const message = ada.locator(".message", { hasText: "The build is red" }).first();
    await message.hover();
    await message.locator("button[title=React]").click();
    await message.locator("button[title='React with 🔥']").click();
    await lim.locator(".reaction", { hasText: "🔥" }).waitFor();
    await control(stage, "members", { chat: OPS, user: GUS, action: "leave" });
    await ada.locator(".service", { hasText: "Gus left" }).waitFor();
    await ada.click("#chat-more");
    await ada.locator("#members-dialog .member", { hasText: "Gus" }).getByText("Add").click();
    await lim.locator(".service", { hasText: "Gus" }).nth(1).waitFor();
    await stage.shoot("members", ada);
    await ada.locator("#members-dialog button.primary").click();
    // Ada answers with a reply of her own, and mends it.
    await message.hover();
    await message.locator("button[title=Reply]").click();
    await ada.fill("#text", "Thx");
    await ada.keyboard.press("Enter");
    const mine = ada.locator(".message.mine", { hasText: "Thx" });
    await mine.hover();
    await mine.locator("button[title=Edit]").click();
    await ada.fill("#text", "Thank you!");
    await ada.keyboard.press("Enter");
    await bubble(lim, "Thank you!").getByText("edited").waitFor();
    await lim.click("#find-open");
    await lim.fill("#find-text", "red again");
    await lim.getByText(/1 of \d/).waitFor();
    must(await lim.locator(".message.fits").count() >= 2, "what fits is marked");
    await stage.shoot("group", ada);
    await stage.shoot("group-dark-search", lim);
    await everybodyCanUse(ada);
    await everybodyCanUse(lim);
  },

  "a forum has topics": async (stage) => {
    const page = await at(stage, ADA, ADA);
    await page.click("#add-group");
    await page.fill("#group-dialog input[name=title]", "Forum");
    await page.check("#group-dialog input[name=is_forum]");
    await page.locator("#group-dialog button.primary").click();
    await page.locator("#topics .topic", { hasText: "General" }).waitFor();
    const chats = (await (await fetch(`${stage.sandbox}/sandbox/api/chats`)).json()).chats;
    const { id } = chats.find((chat) => chat.title === "Forum");
    const deploys = (await call(stage, "createForumTopic", { chat_id: id, name: "Deploys" })).message_thread_id;
    await page.locator("#topics button", { hasText: "+ Topic" }).click();
    await page.fill("#topic-dialog input[name=name]", "Lunch");
    await page.locator("#topic-dialog button.primary").click();
    await page.locator("#topics .topic[aria-pressed=true]", { hasText: "# Lunch" }).waitFor();
    const { topics } = await (await fetch(`${stage.sandbox}/sandbox/api/topics?chat=${id}`)).json();
    const lunch = topics.find((topic) => topic.name === "Lunch").message_thread_id;
    await page.locator("#topics .topic", { hasText: "All" }).click();
    await control(stage, "messages", { from: LIM, chat: id, thread: deploys, text: "1.4 is out" });
    await control(stage, "messages", { from: GUS, chat: id, thread: lunch, text: "Soup today" });
    await bubble(page, "Soup today").waitFor();
    await stage.shoot("topics", page);
    await page.locator("#topics .topic", { hasText: "# Deploys" }).click();
    await bubble(page, "1.4 is out").waitFor();
    must(await bubble(page, "Soup today").count() === 0, "a topic shows its own messages");
    await page.fill("#text", "Great");
    await page.keyboard.press("Enter");
    await bubble(page, "Great").waitFor();
    const said = (await (await fetch(`${stage.sandbox}/sandbox/api/chats/${id}/messages?after=0`)).json()).messages.at(-1);
    must(said.message_thread_id === deploys, "what is written goes into the topic");
  },

  "a Mini App opens in a frame with signed launch data": async (stage) => {
    const page = await at(stage, ADA, ADA);
    const html = `<!doctype html><title>App</title><body style="font:16px sans-serif;padding:20px"><h1>Orders</h1><p id="who"></p><script>
      const data = new URLSearchParams(new URLSearchParams(location.hash.slice(1)).get("tgWebAppData"));
      document.getElementById("who").textContent = JSON.parse(data.get("user")).first_name + " signed in";
      const post = (eventType, eventData) => parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
      addEventListener("message", (event) => { if (JSON.parse(event.data).eventType === "main_button_pressed") post("web_app_data_send", { data: "order 7" }); });
      post("web_app_setup_main_button", { is_visible: true, is_active: true, text: "ORDER" });
    </script>`;
    const server = createServer((_, response) => { response.setHeader("content-type", "text/html"); response.end(html); });
    stage.atEnd(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${server.address().port}/`;
    stage.allow(new RegExp(`^another host: ${url}`));
    await call(stage, "sendMessage", { chat_id: ADA, text: "Order here", reply_markup: { inline_keyboard: [[{ text: "Open the shop", web_app: { url } }]] } });
    await page.locator(".key.app").last().click();
    const app = page.frameLocator("#app-frame");
    await app.locator("#who", { hasText: "Ada signed in" }).waitFor();
    await page.locator("#app-main", { hasText: "ORDER" }).waitFor();
    await stage.shoot("mini-app", page);
    const launch = await page.frames()[1].evaluate(() => new URLSearchParams(location.hash.slice(1)).get("tgWebAppData"));
    const fields = new URLSearchParams(launch), hash = fields.get("hash");
    fields.delete("hash");
    const lines = [...fields].map(([name, value]) => `${name}=${value}`).sort().join("\n");
    const secret = createHmac("sha256", "WebAppData").update(TOKEN).digest();
    must(createHmac("sha256", secret).update(lines).digest("hex") === hash, "the signature is the bot's");
    await page.click("#app-close");
    // From a key below the text box it may send data.
    await call(stage, "sendMessage", { chat_id: ADA, text: "Or here", reply_markup: { keyboard: [[{ text: "Shop", web_app: { url } }]] } });
    await page.locator("#reply-keyboard .app").click();
    await page.locator("#app-main", { hasText: "ORDER" }).click();
    await page.locator(".toast", { hasText: "Sent to the bot" }).waitFor();
    const updates = (await (await fetch(`${stage.sandbox}/sandbox/api/updates`)).json()).updates;
    must(updates.some(({ update }) => update.message?.web_app_data?.data === "order 7"), "the bot gets the data");
    await page.locator("#mini-app").waitFor({ state: "hidden" });
  },

  "the panel shows calls and updates, searches them and copies curl": async (stage) => {
    const page = await at(stage, ADA, ADA, { ...LIGHT, permissions: ["clipboard-read", "clipboard-write"] });
    await call(stage, "sendMessage", { chat_id: ADA, text: "it's a needle" });
    await fetch(`${stage.sandbox}/bot${TOKEN}/sendMessage`, { method: "POST", body: JSON.stringify({ chat_id: 5, text: "x" }) });
    await page.locator(".call", { hasText: "400" }).first().waitFor();
    await page.fill("#call-filter", "needle");
    const row = page.locator(".call", { hasText: "sendMessage" }).first();
    must(await page.locator(".call").count() === 1, "the search looks into bodies");
    await row.locator("summary").click();
    await row.getByText("\"message_id\"").waitFor();
    await row.getByText("Copy as curl").click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    must(copied.startsWith("curl -s http") && copied.includes("it'\\''s a needle"), copied);
    await page.fill("#call-filter", "");
    await page.locator("[data-shows=updates]").click();
    await page.locator(".call.update").first().locator("summary").click();
    await page.locator(".call.update").first().getByText("\"update_id\"").waitFor();
    await stage.shoot("panel", page);
    const saving = page.waitForEvent("download");
    await page.click("#save-story");
    const saved = await saving;
    must(saved.suggestedFilename() === "story.txt", "the story is a file");
  },

  "each bot has private chats, and its calls and updates say whose they are": async (stage) => {
    await control(stage, "bots", { token: "7:abc", first_name: "Second", username: "second_bot" });
    const page = await at(stage, ADA, ADA);
    await page.locator("#chats .chat-row", { hasText: "Second" }).click();
    await page.locator("#chat-title", { hasText: "Second" }).waitFor();
    // The title is there at once, what the chat holds comes from the server.
    await page.waitForFunction(() => !document.querySelector(".bubble"));
    await page.fill("#text", "To the second");
    await page.keyboard.press("Enter");
    await bubble(page, "To the second").waitFor();
    const sent = await post(stage, "bot7:abc/sendMessage", { chat_id: ADA, text: "Second here", reply_markup: { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] } });
    await bubble(page, "Second here").waitFor();
    await page.locator(".key", { hasText: "Go" }).click();
    await page.locator(".call.update", { hasText: "callback_query" }).filter({ hasText: "@second_bot" }).waitFor();
    await page.locator(".call", { hasText: "sendMessage" }).filter({ hasText: "@second_bot" }).waitFor();
    const { updates } = await (await fetch(`${stage.sandbox}/sandbox/api/updates?bot=7`)).json();
    const query = updates.map(({ update }) => update.callback_query).find(Boolean);
    must(query.message.message_id === sent.result.message_id, "the press went to the second bot");
    await post(stage, "bot7:abc/answerCallbackQuery", { callback_query_id: query.id });
    await page.reload();
    await bubble(page, "Second here").waitFor();
    await page.click("#chat-more");
    await page.click("#unblock");
    await page.locator("#composer").waitFor();
    await stage.shoot("second-bot", page);
  },

  "what has not changed is not drawn anew, and a chat is fetched from its end": async (stage) => {
    const chat = (await control(stage, "users", { first_name: "Max" })).id;
    const many = Array.from({ length: 450 }, (_, n) => ({ from: chat, chat, text: `Line ${n}` }));
    await control(stage, "messages", many);
    await call(stage, "sendMessage", { chat_id: chat, parse_mode: "HTML", text: "<tg-spoiler>secret</tg-spoiler>" });
    const page = await at(stage, chat, chat);
    await page.locator(".spoiler", { hasText: "secret" }).click();
    must(await page.locator(".message").count() === 200, "the end comes first");
    await page.evaluate(() => { document.querySelector(".spoiler").marked = true; });
    await call(stage, "sendMessage", { chat_id: chat, text: "Something new" });
    await bubble(page, "Something new").waitFor();
    must(await page.evaluate(() => document.querySelector(".spoiler").marked && document.querySelector(".spoiler").classList.contains("open")), "what was opened stays open");
    await page.locator(".earlier").click();
    await page.waitForFunction(() => document.querySelectorAll(".message").length === 401);
    await page.click("#find-open");
    await page.fill("#find-text", "Line 7");
    await page.getByText(/1 of 11/).waitFor();
  },

  "a text stays in its chat, Enter takes the command that is marked": async (stage) => {
    await call(stage, "setMyCommands", { commands: [{ command: "start", description: "Begin" }, { command: "stop", description: "End" }] });
    await call(stage, "setChatMenuButton", { chat_id: GUS, menu_button: { type: "web_app", text: "Shop", web_app: { url: "https://example.org/" } } });
    const page = await at(stage, GUS, GUS);
    await page.locator("#menu", { hasText: "Shop" }).waitFor();
    await page.fill("#text", "half a thought");
    await page.locator("#chats .chat-row", { hasText: "Ops" }).click();
    await page.locator("#chat-title", { hasText: "Ops" }).waitFor();
    must(await page.inputValue("#text") === "", "the other chat has its own");
    await page.locator("#chats .chat-row", { hasText: "Vahta" }).click();
    await page.waitForFunction(() => document.getElementById("text").value === "half a thought");
    await page.fill("#text", "/st");
    await page.locator("#suggestions button", { hasText: "/stop" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator(".mine .bubble", { hasText: "/stop" }).waitFor();
    must(await page.inputValue("#text") === "", "nothing is left");
    const news = await control(stage, "chats", { type: "channel", title: "News", members: [ADA, GUS] });
    await page.locator("#chats .chat-row", { hasText: "News" }).click();
    await page.locator("#composer").waitFor({ state: "hidden" });
    await control(stage, "messages", { from: ADA, chat: news.id, text: "Extra!" });
    await bubble(page, "Extra!").waitFor();
  },

  "people pin, delete and let others in; inline results are offered": async (stage) => {
    const page = await at(stage, ADA, OPS);
    const eve = (await control(stage, "users", { first_name: "Eve" })).id;
    await control(stage, "joins", { user: eve, chat: OPS });
    await page.click("#chat-more");
    await page.locator("#members-dialog .request", { hasText: "Eve" }).getByText("Let in").click();
    await page.locator(".service", { hasText: "Eve joined" }).waitFor();
    await page.locator("#members-dialog button.primary").click();
    await page.fill("#text", "Pin me, then drop me");
    await page.keyboard.press("Enter");
    const mine = page.locator(".message.mine", { hasText: "Pin me" }).last();
    await mine.hover();
    await mine.locator("button[title=Pin]").click();
    await page.locator("#pinned", { hasText: "Pin me" }).waitFor();
    await mine.hover();
    await mine.locator("button[title=Delete]").click();
    await mine.waitFor({ state: "detached" });
    await page.fill("#text", "@vahta_sandbox_bot tea");
    let asked = null;
    while (!asked) {
      const { updates } = await (await fetch(`${stage.sandbox}/sandbox/api/updates`)).json();
      asked = updates.map(({ update }) => update.inline_query).findLast((query) => query?.query === "tea");
    }
    await call(stage, "answerInlineQuery", { inline_query_id: asked.id, results: [{ type: "article", id: "1", title: "Green tea", input_message_content: { message_text: "A cup of green tea" } }] });
    await page.locator("#suggestions button", { hasText: "Green tea" }).click();
    await page.locator(".mine .bubble", { hasText: "A cup of green tea" }).waitFor();
  },

  "popups have the app's buttons": async (stage) => {
    const html = `<!doctype html><title>App</title><body><p id="said"></p><script>
      const post = (eventType, eventData) => parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
      addEventListener("message", (event) => { const said = JSON.parse(event.data); if (said.eventType === "popup_closed") document.getElementById("said").textContent = "pressed " + said.eventData.button_id; });
      post("web_app_setup_main_button", { is_visible: true, text: "PAY", color: "#00aa00", text_color: "#ffff00" });
      post("web_app_open_popup", { message: "Delete it?", buttons: [{ id: "yes", type: "destructive", text: "Delete" }, { id: "no", type: "cancel" }] });
    </script>`;
    const server = createServer((_, response) => { response.setHeader("content-type", "text/html"); response.end(html); });
    stage.atEnd(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${server.address().port}/`;
    stage.allow(new RegExp(`^another host: ${url}`));
    const page = await at(stage, LIM, LIM);
    await call(stage, "sendMessage", { chat_id: LIM, text: "Open", reply_markup: { inline_keyboard: [[{ text: "App", web_app: { url } }]] } });
    await page.locator(".key.app").last().click();
    const popup = page.locator("dialog.popup[open]");
    await popup.getByText("Cancel").waitFor();
    await popup.getByText("Delete", { exact: true }).click();
    await page.frameLocator("#app-frame").locator("#said", { hasText: "pressed yes" }).waitFor();
    const look = await page.locator("#app-main").evaluate((node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]);
    must(look.join() === "rgb(0, 170, 0),rgb(255, 255, 0)", look.join());
  },

  "two windows are in step": async (stage) => {
    const one = await at(stage, ADA, OPS), two = await at(stage, LIM, OPS);
    await one.fill("#text", "From the first window");
    await one.keyboard.press("Enter");
    await bubble(two, "From the first window").waitFor();
    await two.fill("#text", "And from the second");
    await two.keyboard.press("Enter");
    await bubble(one, "And from the second").waitFor();
  },

  "a phone has one column, in the dark too": async (stage) => {
    const page = await at(stage, ADA, OPS, { ...PHONE, ...DARK });
    await bubble(page, "Thank you!").waitFor();
    await fits(page);
    await stage.shoot("phone-chat", page);
    await page.click("#back");
    await page.locator("#chats .chat-row").first().waitFor();
    await fits(page);
    await stage.shoot("phone-list", page);
    await page.click("#show-calls-list");
    await page.locator("#call-list .call").first().waitFor();
    await page.waitForFunction(() => document.getElementById("calls").getBoundingClientRect().left <= 0);
    await fits(page);
    await stage.shoot("phone-panel", page);
  },
  "the clock, the limits and the faults are at hand": async (stage) => {
    const page = await at(stage, ADA, ADA);
    const now = async () => (await (await fetch(`${stage.sandbox}/sandbox/api/clock`)).json()).now_ms;
    const before = await now();
    await page.click("#show-world");
    await page.locator("#world-clock button", { hasText: "+1 day" }).click();
    await page.locator("#world-stop", { hasText: "Stop" }).click();
    await page.locator("#world-now", { hasText: "stopped" }).waitFor();
    must(await now() - before >= 86_400_000, "a day has gone by");
    await page.fill("#fault-form input[name=method]", "sendMessage");
    await page.selectOption("#fault-form select", "502");
    await page.locator("#fault-form button").click();
    await page.locator("#fault-list .fault", { hasText: "sendMessage → 502, 1 ×" }).waitFor();
    stage.allow(/^502: /);
    const answer = await fetch(`${stage.sandbox}/bot${TOKEN}/sendMessage?chat_id=${ADA}&text=x`);
    must(answer.status === 502, "the fault is met");
    await stage.shoot("world", page);
  },

  "an emptied world is seen at once": async (stage) => {
    const page = await at(stage, ADA, ADA);
    await control(stage, "messages", { from: ADA, chat: ADA, text: "Soon gone" });
    await bubble(page, "Soon gone").waitFor();
    await control(stage, "reset", { people: true });
    await bubble(page, "Soon gone").waitFor({ state: "detached" });
    await page.locator(".empty").waitFor();
  },
};
