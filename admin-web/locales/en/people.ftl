users-title = People
sessions-title = Where you are logged in
session-this = this browser
session-end = End
