# The frame around every page, and what goes wrong. Plain text: the pages escape and mark up.

nav = Sections
nav-home = Overview
nav-users = People
nav-sessions = Sessions
skip = Skip to the content
logout = Log out
login-link = Log in
more = More

problem-request = Request { $id }: the log has more under this id.
problem-not-found-title = Not here
problem-not-found = This page does not exist, or no longer.
problem-method-title = Not that way
problem-method = This address does not take that method.
problem-login-title = Please log in
problem-login = You are not logged in, or your session is over.
problem-forbidden-title = You may not do this
problem-forbidden = It takes the permission { $detail }. Send /why { $detail } to the bot to see the rules.
problem-csrf-title = This form is out of date
problem-csrf = The request did not come from a page of this site, or the page is older than your session. Open the page again and repeat.
problem-too-large-title = Too large
problem-too-large = At most { $detail } KiB fit here.
problem-bad-title = This cannot be read
problem-bad = { $detail }
problem-refused-title = The rules say no
problem-refused = { $detail }
problem-conflict-title = Somebody was faster
problem-conflict = { $detail }
problem-too-many-title = Slower, please
problem-too-many = Try again in { $detail } seconds.
problem-starting-title = Starting
problem-starting = The bot is not up yet. This page comes back by itself; the log tells why it takes long.
problem-unavailable-title = The database is away
problem-unavailable = Nothing is lost. This page comes back by itself when the database does.
problem-internal-title = A fault of ours
problem-internal = Something went wrong on our side. Nothing of this request was kept.
