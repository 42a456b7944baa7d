# What the archive plugin says, in English. $name comes escaped where the text is HTML.

# Cards: one archive. HTML.
card-collecting = 📦 <b>#{ $number } { $name }</b>: send me the files.
card-building = 🛠 <b>#{ $number } { $name }</b>
card-ready = ✅ <b>#{ $number } { $name }</b>
card-failed = ⚠️ <b>#{ $number } { $name }</b>
card-cancelled = ✖️ <b>#{ $number } { $name }</b> was cancelled.
card-revoked = 🚫 <b>#{ $number } { $name }</b> was revoked: its link opens nothing any more.
card-expired = ⌛ <b>#{ $number } { $name }</b> has expired.
card-empty = No files yet: documents, photos, videos and albums, up to 20 MB each. Bigger ones go through the browser.
card-files = { $count ->
    [one] 1 file, { $size }
   *[other] { $count } files, { $size }
}
card-hidden = … and { $count } more
card-lifetime = lives { $time }
card-limit = { $count ->
    [one] 1 download
   *[other] { $count } downloads
}
card-password = 🔒 password
card-encrypted = 🔒 encrypted (AES-256): 7-Zip, WinZip and Keka open it; Windows Explorer does not
card-browser = In the browser: { $link }
card-soon = Waiting for the last files …
card-progress = { $percent } %, { $done } of { $total }
card-no-site = The admin has not said where the web site is (VAHTA_PUBLIC_URL), so there is no link.
card-until = until { $time }
card-over = its time was over { $time }
card-taken = { $count ->
    [one] 1 download so far
   *[other] { $count } downloads so far
}
card-taken-of = { $count } of { $most } downloads taken

state-collecting = collecting
state-building = being built
state-ready = ready
state-failed = failed
state-cancelled = cancelled
state-revoked = revoked
state-expired = expired

button-show = ‹ Back
button-finish = Finish
button-cancel = Cancel
button-name = Name…
button-password = Password…
button-nopass = No password
button-encrypt = Encrypt the ZIP itself…
button-lifetime = Lifetime…
button-limit = Limit…
button-nolimit = Any number
button-contents = Contents
button-stats = Statistics
button-extend = Extend
button-revoke = Revoke…
button-revoked = Yes, revoke it
button-browser = In the browser
button-newest = Newest
button-older = Older

span-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
span-hours = { $count } h
span-minutes = { $count } min
span-seconds = { $count } s

# Questions. HTML.
ask-name = What shall it be called?
ask-password = What is the password? Your message is deleted from this chat as soon as I have read it. At least { $count } characters.
ask-encrypt = What is the password of the ZIP itself? Whoever has the file needs it, too; nobody can find it again. Your message is deleted from this chat as soon as I have read it.
ask-lifetime = How long shall it live? For example <code>12h</code>, <code>7 days</code> or <code>2w</code>; { $most } at most.
ask-limit = How often may it be downloaded? A number.
ask-revoke = Revoke <b>{ $name }</b>? Its link opens nothing any more, downloads under way end, and the files are deleted.
password-set = The password is set.
password-length = A password has { $least } to { $most } characters.
password-not-deleted = I could not delete your message; please do it yourself.

list-head = <b>Your archives</b>
list-empty = You have no archives. /zip begins one.
stats-direct = typed, or from a message
stats-whole = • { $time } { $address }, { $size }
stats-broken = • { $time } { $address }, broken off after { $size }

# What went wrong. HTML.
no-archive = There is no such archive, or it is not yours.
no-file-in-it = Send files, or press Finish.
past-building = It is being built already: no more files.
past-ready = It is ready already.
past-over = It is over.
no-files = There are no files in it yet.
file-twice = That file is in it already.
too-many-files = An archive has { $count } files at most.
too-big = An archive holds { $size } at most.
over-quota = That is more than you have left: { $size }.
no-room = There is no room for more archives at the moment; an admin can make some.
file-too-big = <b>{ $name }</b> is bigger than the 20 MB that Telegram lets bots fetch. Bring it in the browser.
fault-gone = <b>{ $name }</b> has vanished at Telegram. Send it again, then press Finish.
fault-too-big = <b>{ $name }</b> is too big to be fetched. Bring it in the browser, then press Finish.
fault-no-room = The disk is full. Nothing is lost: press Finish to try again once there is room.
fault-interrupted = It was interrupted. Nothing is lost: press Finish to try again.
fault-broken = Something went wrong. Nothing is lost: press Finish to try again.
name-empty = It needs a name.
name-dots = A name of dots is none.
name-reserved = Windows keeps that name for a device.
name-long = A name has 200 bytes at most; this one has { $bytes }.
name-forbidden = A name has no { $char }.
lifetime-unreadable = I cannot read that. For example: 12h, 7 days, 2w.
lifetime-short = A minute at least.
lifetime-long = { $time } at most.
limit-wrong = A whole number from 1 to { $most }.
description-long = A description has { $most } characters at most.

# Pages.
web-archives = Archives
web-whose = Whose archives
web-mine = Mine
web-everybodys = Everybody's
web-held = You hold { $held } of { $most }.
web-name = Name
web-name-example = Reports 2026
web-begin = New archive
web-empty = No archives yet.
web-empty-hint = Give one a name and drop files on its page, or send /zip to the bot.
web-contents = Contents
web-progress = { $done } of { $total }
web-link = Link
web-size = Size
web-until = Until
web-downloads = Downloads
web-encrypted = Encryption
web-password = Password
web-relink = Another link
web-own-copy = Download (not counted)
web-files = { $count ->
    [one] 1 file
   *[other] { $count } files
}
web-drop-file = Remove
web-request = Let others bring files
web-request-hint = Whoever has this link can add files to this archive, without an account, until you finish it or a day is over.
web-request-make = Make a link
web-request-anew = Make another link
web-settings = Settings
web-description = Description
web-lifetime = Lifetime, from now on: 12h, 7 days, 2w
web-limit = Downloads at most (empty: any number)
web-password-new = Password of the link
web-password-other = Another password of the link
web-encrypt = Password of the ZIP itself (AES-256)
web-save = Save
web-statistics = Statistics
web-csv = CSV
web-per-day = Downloads per day
web-hosts = Where people came from
web-whole = whole
web-broken = broken off

# What people without an account see.
link-title = Archive
link-unknown = There is nothing behind this link, or no longer.
link-expired = The time of this archive is over.
link-exhausted = This archive has been downloaded as often as its owner allows.
link-bot = This is for people.
link-left = Downloads left
link-download = Download
link-wait = Too many wrong passwords. Try again in { $time }.
link-wrong-password = That is not the password.
request-title = Bring files
request-for = { $owner } asks for files for “{ $name }”.
