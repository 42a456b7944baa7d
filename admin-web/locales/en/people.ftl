users-title = People
