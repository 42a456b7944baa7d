# Settings of plugins: what is wrong with a value, and what /plugin says of them.
# The reasons are plain text, for Telegram and the web alike.

setting-missing = is missing
setting-unknown = is no setting of this plugin
setting-type = must be of the type { $wanted }
setting-choice = must be one of: { $wanted }
setting-min = must be { $wanted } or more
setting-max = must be { $wanted } or less
setting-above = must be more than { $wanted }
setting-below = must be less than { $wanted }
setting-multiple = must be a multiple of { $wanted }
setting-short = must have { $wanted } characters or more
setting-long = must have { $wanted } characters or fewer
setting-few = must have { $wanted } entries or more
setting-many = must have { $wanted } entries or fewer
setting-twice = holds an entry twice
setting-pattern = must fit the pattern { $wanted }
setting-format = must be written as: { $wanted }
setting-json = is no JSON (line and column { $wanted })
setting-other = does not fit ({ $wanted })

settings = <b>Settings of { $plugin }</b>
settings-none = The plugin { $name } has no settings.
settings-stale = Somebody else changed the settings just now. Look at them and try again.
settings-not-taken = { $name } does not take these settings, so nothing was changed: { $reason }
setting-line = <code>{ $name }</code> = { $value }
setting-line-default = <code>{ $name }</code> = { $value } (default)
setting-set = ••• (set)
setting-unset = (not set)
setting-is = <code>{ $name }</code> is now { $value }
setting-bad = <code>{ $name }</code> { $reason }.
setting-near = Did you mean <code>{ $near }</code>?
setting-secret-here = This setting is a secret, and others can read this chat. Set it in the private chat with me or on the web.

plugin-here-on = The plugin { $plugin } is on in this chat.
plugin-here-off = The plugin { $plugin } is off in this chat.
plugin-here-default = The plugin { $plugin } is in this chat as it is by default.
plugin-groups-on = The plugin { $plugin } is on in groups that have no switch of their own.
plugin-groups-off = The plugin { $plugin } is off in groups that have no switch of their own.
plugin-groups-default = The plugin { $plugin } is in groups as its manifest says.
denied-everywhere = You may do this in this chat only; it takes the permission <code>{ $permission }</code> everywhere.
