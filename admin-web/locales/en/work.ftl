# What goes on: overview, chats, logs, plugins, jobs, outbox, kept updates.

search = Search
filter = Filter
any = any
look = Look
newer = Newer
older = Older
pages = Pages
nothing-found = Nothing found
nothing-found-do = Try fewer words or other filters.
span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n } d
col-name = Name
col-telegram = Telegram id
col-roles = Roles
col-seen = Last seen
col-time = Time
acts = Acts
state = State
status = Status
error = Error
details = Details
retry = Retry
cancel = Cancel

hello-talk = Talk to the bot in Telegram; type /start, then /help:
hello-no-rights = You are logged in, but no role lets you see more. An administrator can give you one.
on-duty = On duty
not-ready = Not ready
redis-away = Redis is away ({ $fault }): what other instances do is seen here a moment later.
up-for = up for { $span }
attention-outbox = { $count ->
    [one] { $count } message could not be sent.
   *[other] { $count } messages could not be sent.
}
attention-jobs = { $count ->
    [one] { $count } job was given up.
   *[other] { $count } jobs were given up.
}
attention-updates = { $count ->
    [one] { $count } update was kept for you to look at.
   *[other] { $count } updates were kept for you to look at.
}
curves = The last { $minutes } minutes
figure-updates = Updates
figure-latency = Latency p50 / p99
figure-calls = Calls to Telegram
figure-errors = Errors, last 5 min
figure-waiting = Waiting in memory
figure-memory = Memory
queue-open = Updates open
queue-outbox = Messages to send
queue-calls = Calls under way
queue-jobs = Jobs to do
queue-dialogs = Dialogs open
queue-lost = Log rows dropped
recent-acts = Recent acts
no-acts = Nothing was changed yet
no-acts-do = Whatever an administrator changes appears here.
running-of = { $running } of { $all } running

chat = Chat
chat-id = Chat id
chats-search = Title, @username or chat id
kind = Kind
chat-private = Private
chat-group = Group
chat-supergroup = Supergroup
chat-channel = Channel
chat-migrated = moved
chat-disabled = cannot be written to
no-chats = No chats yet
no-chats-do = Write to the bot, or add it to a group.
username = Username
first-seen = First seen
the-bot = Bot
no-text = (no text)
sender = Sender
way = Direction
way-in = to the bot
way-out = from the bot
text = Text
messages-text = What people wrote and the bot answered. Secrets typed into dialogs are never logged.
messages-search = Words in the text
no-messages = No messages yet
no-messages-do = Whatever is written to the bot, or by it, appears here.

calls-text = Figures are of the last 24 hours, at most 5000 calls.
calls = Calls
by-method = By method
method = Method
result = Result
result-ok = Succeeded
result-failed = Failed
retries = Retries
waited = Waited
elapsed = Took
attempt = try
no-calls = No calls yet
no-calls-do = Every call to Telegram appears here.

plugins-text = What changes here changes in every running process.
no-plugins = No plugins
no-plugins-do = Build one and put its library into the plugin folder.
plugin-found = found
plugin-refused = refused
plugin-loaded = starting
plugin-started = running
plugin-degraded = degraded
plugin-stopped = stopped
plugin-failed = failed
plugin-enable = Enable
plugin-disable = Disable
plugin-reload = Reload
plugin-disable-ask = Disable { $name }? Its commands stop working at once.
delivered = { $count } delivered
failures = { $count } failed
stat-delivered = Delivered
stat-failed = Failed
stat-busy = Turned away, busy
stat-latency = Latency p50 / p99
stat-refused = Calls refused
version = Version
publisher = Publisher
capabilities = Capabilities
budget = Budget
budget-queue = { $queue } at once
threads = Threads
leaked = Versions left in memory
file = File
commands = Commands
permissions = Permissions

job = Job
due = When
tries = Tries
jobs-open = To do
jobs-dead = Given up
jobs-finished = Finished
no-jobs-open = Nothing to do
no-jobs-open-do = Plugins write jobs for what has to happen later.
no-jobs-dead = Nothing was given up
no-jobs-dead-do = A job that fails too often is kept here for a retry.
no-jobs-finished = Nothing finished yet
no-jobs-finished-do = Finished jobs are kept for two weeks.
job-ready = ready
job-running = running
job-done = done
job-dead = given up
job-cancelled = cancelled
job-scheduled = scheduled
run-now = Run now
cancel-job = Cancel this job? It will not run.
job-moved-on = The job has moved on, or another one like it waits already. Look at the list again.

outbox-queued = Waiting
outbox-failed = Failed
outbox-sent = Sent
no-outbox-queued = Nothing waits
no-outbox-queued-do = Messages stand here between the change that caused them and Telegram.
no-outbox-failed = Nothing failed
no-outbox-failed-do = Messages that Telegram would not take are kept here for a retry.
no-outbox-sent = Nothing sent yet
no-outbox-sent-do = Sent messages are kept for two weeks.
retry-all = Retry all
outbox-moved-on = This message is no longer a failed one. Look at the list again.

update = Update
updates-text = Updates that crashed their handler three times, or that nobody could read.
update-parked = parked
update-unparsed = not understood
no-updates = Nothing was kept
no-updates-do = That is good: every update was handled.
update-moved-on = This update is no longer kept. Look at the list again.

## Announcements

announce-new = New announcement
announce-to = To
announce-to-hint = “everybody” (with a role), a role, or the id of a group.
announce-text = Text
announce-preview = Preview
announce-one = Announcement
announce-when = When
announce-everybody = everybody with a role
announce-role = role { $role }
announce-chat = group { $chat }
announce-chats = { $count ->
    [one] one chat
   *[other] { $count } chats
}
announce-send = Send
announce-drop = Drop
announce-is-draft = draft
announce-is-dropped = dropped
announce-delivered = { $delivered } of { $total } delivered
announce-failed = { $count } failed
announce-no-target = There is no such role. Write “everybody”, a role, or the id of a group.
announce-empty = The text is empty.
announce-too-long = The text is too long: a message holds 4096 characters.
announce-nobody = Nobody would get it.
announce-no-draft = It is no draft any more: sent, dropped, or older than a day.
no-announcements = Nothing has been announced.
no-announcements-do = What you write above goes out from the bot, after a preview.
