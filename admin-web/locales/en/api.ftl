# Keys of programs, and the API.

nav-keys = API keys
keys-title = API keys
keys-about = A key lets a program do what its scopes name, as long as you hold that yourself.
keys-go-on = API keys are no logins: they go on when logins end or the password changes. Revoke those that you do not know:
keys-stale = A key goes on when you log out. To make one, log in again first, with the bot's link or your password: it must have been within the last 15 minutes.
keys-api = Read and try the API
keys-none = You have no key yet
keys-none-do = Make one below for a program that should use the API as you.
key-made = This is your new key. Copy it now: it is shown once.
key-used-column = Last used
key-unused = never
key-until-column = Good until
key-scopes-column = May do
key-revoke = Revoke
key-revoke-ask = Revoke the key { $name }? Programs that use it are turned away at once.
key-over = ended
key-new = New key
key-name = Name
key-days = Days
key-scopes = Scopes
key-create = Make a key
key-nothing-held = You hold no permission that a key could have. Ask an administrator for a role.

api-title = API
api-about = Programs send a key; here everything goes as you. Lists go on with `after`, a POST with an Idempotency-Key runs once, times are RFC 3339.
api-needs = Takes { $permission }
api-body = Body (JSON)
api-try = Try
