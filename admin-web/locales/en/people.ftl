# People, roles and one's own settings.

users-title = People
users-everyone = Everyone
users-members = Members
users-blocked = Blocked
users-refused = Refused
users-search = Name, @username or Telegram id
no-users = Nobody yet
no-users-do = Whoever writes to the bot appears here. Send an invitation with /invite.
no-name = (no name)
blocked = blocked
refused = refused
blocked-since = Blocked since
identities = Identity
none = none
own-id = Own number
language = Language
time-zone = Time zone
language-text = As in your Telegram
refusals = Refused tries
their-messages = Their messages
grants = Roles
grants-none = No role: this person may do nothing special.
for-ever = for ever
until = until
ended = ended
take = Take
give = Give
give-role = Give a role
role = Role
how-long = For how long
length-1h = 1 hour
length-8h = 8 hours
length-1d = 1 day
length-7d = 7 days
length-30d = 30 days
chat-or-everywhere = Chat (empty: everywhere)
everywhere = everywhere
in-chat = in chat { $chat }
block = Block
block-title = Block
block-text = The bot answers nothing any more, sessions end at once. Roles stay for an unblock.
reason = Reason
unblock = Unblock
unblock-title = Unblock
unblock-text = What the roles allow holds again at once.
why-title = Why may they, or not?
permission = Permission
choose = Choose…
explain = Explain
may = may
may-not = may not

roles-text = A role is a set of permissions. Plugins bring permissions of their own.
builtin = built in
held-by = { $count ->
    [0] nobody holds it
    [one] { $count } holder
   *[other] { $count } holders
}
every-key = Every permission there is or will be.
no-keys = No permissions.
edit-keys = Edit permissions
choose-keys = Choose permissions
save = Save
delete = Delete
delete-role = Delete the role { $role }? Whoever holds it loses it.
new-role = New role
role-name = Name: lower case, digits, - and _
create = Create

settings-own = For yourself
sign-up = Open sign-up
sign-up-text = Off, strangers need an invitation. On, whoever sends the bot /start in private gets this role at once.
sign-up-role = Strangers get
sign-up-off = nothing: sign-up is off
limits = Limits on what people send
limits-text = So many at once, then so many a second. Whoever is over is told once a minute, then met with silence.
limit-user = Each person
limit-chat = Each group
limit-command = Each command of a person
limit-new = A limit for one command
command = Command
burst = At once
per-second = Per second
to-default = Default
limits-dropped = Dropped since the start: { $user } of people, { $chat } of groups, { $command } of commands.
