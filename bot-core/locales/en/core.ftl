# What the core says, in English: complete, and what every other language falls back to.
# Texts are Telegram HTML; what people typed is escaped before it gets here.

## Hello and help

start =
    Hello, { $name }! I am the bot of this team's watch.
    /help shows what you can do here.
help = <b>What you can do here</b>
help-line = /{ $name } — { $description }
unknown-command = There is no command /{ $name }. /help shows what you can do here.
unknown-command-near = There is no command /{ $name }. Did you mean /{ $near }?
talk-hint = I answer to commands. /help shows what you can do here.
denied =
    You may not do this here: it takes the permission <code>{ $permission }</code>.
    /why { $permission } shows the rules.
button-unknown = This button is out of date. Please give the command again.
done = Done.
done-before = It was so already.
working = Working on it…

whoami =
    <b>{ $name }</b> ({ $username })
    Telegram id: <code>{ $id }</code>
    Language: { $language }, time zone: { $zone }

    <b>Roles</b>
    { $roles }

    <b>Permissions here</b>
    { $keys }
every-key = every permission
no-key = no permission

cancelled = Cancelled.
nothing-to-cancel = Nothing is open here that could be cancelled.

## Strangers, tokens, limits

refusal = Sorry, this bot only talks to people who were let in.
refusal-ask = Sorry, this bot only talks to people who were let in. To get access, ask { $admins }.
refusal-token =
    This link or code is unknown, used or expired.
    Please ask { $admins } for a new one.
refusal-unclaimed =
    This bot has no admin yet. If it is yours: open the link that its console shows, or send
    the code from there as /claim followed by the code.
no-such-time-zone = There is no time zone “{ $name }”.
token-bad = This link or code is unknown, used or expired.
claimed =
    Welcome! You are the first admin of this bot.
    /help shows what you can do; /invite lets others in.
claim-in-private = Please send the code in the private chat with me, not here.
signed-up =
    Welcome! You have the role <b>{ $role }</b> now.
    /help shows what you can do here.
invite-accepted =
    Welcome! You have the role <b>{ $role }</b> now.
    /help shows what you can do here.
invite-unneeded = You have this role already; the link stays unused.
invite-used = { $name } used your invitation and has the role <b>{ $role }</b> now.
auto-blocked = I blocked { $name } after { $count } refused tries.

prove =
    You write as an anonymous admin, so I cannot tell who you are. Press the button to run this
    command as yourself.
button-prove = It is me, run it
proved = { $name } ran this command.

limit-user =
    That was too much at once. I drop your messages for now; try again in
    { $seconds ->
        [one] one second
       *[other] { $seconds } seconds
    }.
limit-chat =
    That was too much at once in this group. I drop messages for now; try again in
    { $seconds ->
        [one] one second
       *[other] { $seconds } seconds
    }.
limit-command =
    You used this command too often. Try it again in
    { $seconds ->
        [one] one second
       *[other] { $seconds } seconds
    }.

limits = <b>Inbound limits</b>
limits-user = A person: { $burst } at once, then { $rate } a second
limits-chat = A group: { $burst } at once, then { $rate } a second
limits-command = A command of a person: { $burst } at once, then { $rate } a second
limits-single = /{ $name } of a person: { $burst } at once, then { $rate } a second
limits-dropped = Dropped since the start: { $user } by the person's limit, { $chat } by the group's, { $command } by the command's

## Places, times, grants

place-everywhere = everywhere
place-here = in this chat
place-chat = in the chat { $chat }
until = until { $when }
until-ever = for ever
grant-line = <b>{ $role }</b>, { $place }, { $end }
grant-line-ended = <s>{ $role }</s>, { $place }, ended
here-is-private = “here” means a group, and this is a private chat. Give the command in the group, or name the group's id.

granted = { $person } has the role <b>{ $role }</b> { $place }, { $end }.
granted-before = { $person } has the role <b>{ $role }</b> { $place }, { $end }, already.
granted-blocked = { $person } has the role <b>{ $role }</b> { $place }, { $end }, but is blocked: nothing is in effect before /unblock.
grant-waits = I have not seen { $person } yet. If they write to me within 24 hours, they get the role <b>{ $role }</b> { $place }, { $end }.
grant-waits-no-more = Nothing waits for { $person } any more.
revoked = { $person } no longer has: { $roles }.
revoked-configured = The configuration makes this person an admin again when the bot starts next.
blocked = { $person } is blocked: I do not answer them any more.
blocked-before = { $person } is blocked already.
unblocked = { $person } is not blocked any more.
unblocked-before = { $person } is not blocked.

no-such-user = I know nobody by that name or id. /users shows who was seen.
no-such-grant = There is no such grant to take.
no-such-role = There is no role <b>{ $role }</b>. /role shows the roles.
role-exists = The role <b>{ $role }</b> is there already.
bad-role-name = “{ $role }” cannot be a role's name: up to 32 lower-case letters, digits, - and _, beginning with a letter.
builtin-role = The built-in role <b>{ $role }</b> cannot be changed or given that way. (guest is everyone without a grant; admin has every permission.)
unknown-permission = Nobody knows the permission <code>{ $permission }</code>. /role keys shows them all.
not-yours = You cannot give or take more than you hold there yourself. Missing: <code>{ $permissions }</code>
last-admin = This would leave the bot without a lasting admin. Make somebody else admin first.
not-yourself = You cannot do this to yourself.

## Roles

roles = <b>Roles</b>
role-line = <b>{ $role }</b>: { $keys }
role-line-builtin = <b>{ $role }</b> (built-in): { $keys }
role-keys =
    <b>Permissions</b>
    { $keys }
role-created = The role <b>{ $role }</b> is there now: { $keys }
role-edited = The role <b>{ $role }</b> is now: { $keys }
role-deleted =
    The role <b>{ $role }</b> is gone, and with it { $grants ->
        [0] no grant
        [one] one grant
       *[other] { $grants } grants
    }.

## Users

users-members = <b>Members</b>, page { $page }
users-blocked = <b>Blocked</b>, page { $page }
users-refused = <b>Refused</b>, page { $page }
users-everyone = <b>Everyone seen</b>, page { $page }
users-none = Nobody.
users-line =
    { $person } { $roles }{ $refusals ->
        [0] { "" }
        [one] { " " }(refused once)
       *[other] { " " }(refused { $refusals } times)
    }
users-line-blocked = ⛔ { users-line }
user =
    <b>{ $person }</b>
    Telegram id: <code>{ $id }</code>
    Last seen: { $seen }
    Refused tries: { $refusals }

    <b>Roles</b>
    { $roles }

    { $blocked }
user-blocked = ⛔ Blocked since { $when }: { $reason }

button-members = Members
button-blocked = Blocked
button-refused = Refused
button-everyone = Everyone
button-users = ◀ Users
button-block = ⛔ Block
button-unblock = Unblock
button-give = + { $role }
button-take = − { $role }

## Why

why-may = <b>{ $person } may</b> <code>{ $permission }</code> { $place }:
why-may-not = <b>{ $person } may not</b> <code>{ $permission }</code> { $place }:
## Invitations

invite =
    This link gives the role <b>{ $role }</b> to the first person who opens it, until { $when }:
    { $link }
    <pre>{ $qr }</pre>
invite-in-private = I sent you the link in our private chat.
invite-withdrawn = This invitation was withdrawn.
button-uninvite = Withdraw

login =
    This link logs you in on the web, once, within { $minutes } minutes:
    { $link }
    Or open { $page } and type <code>{ $code }</code>
    If it was not you who asked, do nothing. Never pass it on.
login-in-private = I sent you the link in our private chat.
login-nobody = Nobody has let you in yet.
login-failed = I could not make a link; please try again.

## Plugins

plugins = <b>Plugins</b>
plugins-none = No plugin was found.
plugin-line =
    <b>{ $title }</b> (<code>{ $name }</code> { $version }): { $state }
    { $delivered } deliveries, { $failed } failed, 99 % within { $p99 } ms
plugin-found = ⚪ found, not started
plugin-loaded = 🟡 starting
plugin-started = 🟢 running
plugin-degraded = 🟠 paused after failures, tried again by itself
plugin-stopped = ⚪ switched off
plugin-refused = 🔴 refused: { $reason }
plugin-broken = 🔴 failed: { $reason }
plugin-changed = <b>{ $name }</b> { $version }: { $state }
plugin-not-changed = <b>{ $name }</b> could not be changed: { $reason }
no-such-plugin = There is no plugin { $name }. /plugins shows them.
no-such-plugin-near = There is no plugin { $name }. Did you mean { $near }?
plugin-off = The plugin { $plugin } is switched off or not well right now. Please try again later.
plugin-off-here = The plugin { $plugin } is switched off in this chat.
plugin-busy = The plugin { $plugin } has too much to do right now. Please try again in a moment.
plugin-slow = The plugin { $plugin } did not answer in time. (Reference: { $reference })
plugin-failed = The plugin { $plugin } failed. The admins can see why. (Reference: { $reference })
button-enable = Enable { $name }
button-disable = Disable { $name }
button-reload = Reload { $name }
button-reenable = Re-enable { $name }
button-refresh = Refresh

## Status

status =
    <b>Vahta { $version }</b>, up { $uptime }, instance <code>{ $instance }</code>
    Intake: { $intake }
    Database: { $database }, answers in { $dbms } ms{ $redis }

    <b>Updates</b>: { $done } done, { $open } open, { $parked } parked, { $unparsed } unparsed
    <b>Outbox</b>: { $pending } pending, { $failed } failed, { $sent } sent, { $doubt } in doubt
    <b>Telegram</b>: { $calls } calls, { $flooded } times told to slow down
    <b>Jobs</b>: { $jobs } waiting, { $dead } dead
    <b>Plugins</b>: { $running } of { $plugins } running { $broken }
    <b>Dialogs</b>: { $dialogs } open
    <b>Log rows lost</b>: { $lost }
    <b>Memory</b>: { $memory } MB
intake-well = well
intake-fault = ⚠️ { $fault }
redis-fault = ⚠️ Redis is away ({ $fault }): other instances’ events come a moment later
resent =
    { $count ->
        [one] One message is
       *[other] { $count } messages are
    } sent again.
button-kept = Kept updates
button-resend = Send failed again
button-status = ◀ Status

kept = <b>Kept updates</b>
kept-none = None.
kept-parked = <code>{ $id }</code> { $kind }, { $when }: parked. { $error }
kept-unparsed = <code>{ $id }</code> { $kind }, { $when }: not understood. { $error }
kept-raw =
    Update <code>{ $id }</code>
    { $raw }
kept-gone = This update is not kept any more.
kept-again = It runs again.
button-show = Show { $id }
button-retry = Retry { $id }

## Commands: what each does, and how it is used

cmd-start = say hello
cmd-help = what you can do here
cmd-whoami = who you are to me, your roles and permissions
cmd-login = a link that logs you in on the web
cmd-cancel = leave the dialog that is open here
cmd-why = why somebody may or may not do something
cmd-users = who was seen, with their roles
cmd-role = list and edit roles
cmd-grant = give somebody a role
cmd-revoke = take roles from somebody
cmd-block = stop answering somebody
cmd-unblock = lift a block
cmd-invite = make a one-use link that lets somebody in
cmd-announce = write to everybody with a role, or to a group
cmd-plugins = plugins and how they are
cmd-plugin = switch a plugin on or off, here or everywhere, and its settings
cmd-status = how the bot is
cmd-limits = how much one may send

usage-why =
    Usage: /why [@name] &lt;permission or command&gt; [here]
    Example: <code>/why @gus task.create here</code>
usage-users =
    Usage: /users [@name or id]
    Example: <code>/users @lim</code>
usage-role =
    Usage:
    /role — the roles
    /role keys — the permissions
    /role create &lt;name&gt; &lt;permissions&gt;
    /role &lt;name&gt; +&lt;permission&gt; -&lt;permission&gt;
    /role delete &lt;name&gt;
    Example: <code>/role create night core.status.view core.plugins.view</code>
usage-grant =
    Usage: /grant &lt;@name, id or reply&gt; &lt;role&gt; [here, everywhere or a group's id] [time]
    Example: <code>/grant @lim operator here 2d</code>
usage-revoke =
    Usage: /revoke &lt;@name, id or reply&gt; [role] [here, everywhere or a group's id]
    Example: <code>/revoke @lim operator</code>
usage-block =
    Usage: /block &lt;@name, id or reply&gt; [reason]
    Example: <code>/block @gus spam</code>
usage-unblock =
    Usage: /unblock &lt;@name, id or reply&gt;
    Example: <code>/unblock @gus</code>
usage-invite =
    Usage: /invite [role] [time]
    Example: <code>/invite operator 2d</code>
usage-announce =
    Usage: /announce &lt;role, everybody, here or a group's id&gt; &lt;text&gt;
    Example: <code>/announce operator The gate is closed until 14:00</code>
usage-plugin =
    Usage: /plugin &lt;name&gt; enable, disable or reload
    /plugin &lt;name&gt; here [on, off or default]
    /plugin &lt;name&gt; groups [on, off or default]
    /plugin &lt;name&gt; settings
    /plugin &lt;name&gt; set &lt;setting&gt; &lt;value&gt;
    /plugin &lt;name&gt; unset &lt;setting&gt;
    Example: <code>/plugin task reload</code>
usage-limits =
    Usage: /limits [user, chat, command or /name] [burst] [a second], or “default”
    Example: <code>/limits user 30 2</code>

## Announcements

announce-everybody = everybody with a role
announce-role = everybody with the role <b>{ $role }</b>
announce-chat = the group <code>{ $chat }</code>
announce-nobody-named =
    There is no role “{ $name }”. Write <code>everybody</code>, <code>here</code> in a group, a group's id, or one of: { $roles }.
announce-nobody = Nobody would get it.
announce-too-long = The text has { $length } characters; a message holds 4096.
announce-no-draft = It is no draft any more: sent, dropped, or older than a day.
announce-draft =
    📣 This goes to { $whom }: { $chats ->
        [one] one chat
       *[other] { $chats } chats
    }.
announce-sent =
    📣 Sent to { $whom }: { $delivered } of { $total } delivered{ $failed ->
        [0] {""}
       *[other] , { $failed } failed
    }{ $waiting ->
        [0] .
       *[other] , { $waiting } on their way.
    }
announce-dropped = Dropped.
button-announce = Send
button-drop = Drop
