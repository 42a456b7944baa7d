"""The small bot of story.txt with aiogram; only the address is the sandbox's."""

import asyncio
import html
import os
import random
from datetime import datetime

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandObject
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

dp = Dispatcher()


def keys(count: int, *more: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    row = [
        InlineKeyboardButton(text=f"Count {count}", callback_data=f"count:{count + 1}"),
        InlineKeyboardButton(text="Warn", callback_data="warn"),
    ]
    return InlineKeyboardMarkup(inline_keyboard=[row, *more])


@dp.message(Command("start"))
async def start(message: Message) -> None:
    name = html.escape(message.from_user.first_name)
    site = [InlineKeyboardButton(text="Site", url="https://example.org/")]
    await message.answer(
        f"Hello, <b>{name}</b>! 2 &lt; 3 &amp; <code>1_000</code>\nChoose:",
        parse_mode="HTML",
        reply_markup=keys(0, site),
    )


@dp.callback_query(F.data.startswith("count:"))
async def count(query: CallbackQuery) -> None:
    n = int(query.data.split(":")[1])
    await query.answer(str(n))
    await query.message.edit_text(f"Pressed {n} times", reply_markup=keys(n))


@dp.callback_query(F.data == "warn")
async def warn(query: CallbackQuery) -> None:
    await query.answer("Mind the step", show_alert=True)


@dp.message(Command("ask"))
async def ask(message: Message) -> None:
    row = [KeyboardButton(text="Yes"), KeyboardButton(text="No")]
    await message.answer("Yes or no?", reply_markup=ReplyKeyboardMarkup(keyboard=[row]))


@dp.message(Command("file"))
async def file(message: Message) -> None:
    await message.answer_document(BufferedInputFile(b"hello\n", "hello.txt"), caption="As a file")


@dp.message(Command("when"))
async def when(message: Message) -> None:
    now = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    await message.answer(f"Now: {now}, number {random.randrange(10**6, 10**7)}")


@dp.message(Command("is"))
async def is_it(message: Message, command: CommandObject) -> None:
    await message.answer(f"{command.args} it is")


@dp.message(Command("ping"))
async def ping(message: Message) -> None:
    await message.reply("pong")
    await message.react([ReactionTypeEmoji(emoji="👍")])


@dp.message(Command("pin"))
async def pin(message: Message) -> None:
    sent = await message.answer("Keep this in mind")
    await sent.pin()
    await sent.delete()


@dp.message(F.document)
async def document(message: Message, bot: Bot) -> None:
    content = await bot.download(message.document)
    await message.answer(f"{message.document.file_name} has {len(content.read())} bytes")


@dp.message(F.left_chat_member)
async def goodbye(message: Message) -> None:
    await message.answer(f"Goodbye, {message.left_chat_member.first_name}")


@dp.message(F.text & F.chat.type == "private")
async def note(message: Message) -> None:
    gone = ReplyKeyboardRemove() if message.text in ("Yes", "No") else None
    await message.reply(f"Noted: {message.text}", reply_markup=gone)


@dp.edited_message(F.text)
async def changed(message: Message) -> None:
    await message.answer(
        f"Changed: {message.text}",
        reply_parameters=ReplyParameters(message_id=message.message_id),
    )


async def main() -> None:
    api = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    bot = Bot(os.environ["TELEGRAM_BOT_TOKEN"], session=AiohttpSession(api=api))
    await dp.start_polling(bot)


asyncio.run(main())
