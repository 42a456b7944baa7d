# Settings of plugins, and where they are on or off.

plugin-settings = Settings
settings-bad = { $count ->
    [one] One field does not fit. Nothing was saved.
   *[other] { $count } fields do not fit. Nothing was saved.
}
settings-stale = Somebody else changed the settings meanwhile. What you typed is still here; what is true now stands beside it. Save again to put yours in its place.
settings-not-taken = The plugin does not take these settings, so nothing was changed: { $reason }
settings-reset = Back to the defaults
settings-reset-ask = Put every setting back to its default? Secrets are removed.
settings-more = Other settings (a JSON object)
setting-unset = (not set)
setting-lines = one a line
setting-as-json = as JSON
setting-default = default: { $value }
setting-now = now: { $value }
secret-set = set; leave empty to keep
secret-unset = not set
secret-clear = Remove it

plugin-chats = Chats
plugin-groups = Groups that are not listed
plugin-by-default = by default
plugin-chats-left = { $count } more; the API lists them all.
plugin-is-on = on
plugin-is-off = off
switch-on = Switch on
switch-off = Switch off
