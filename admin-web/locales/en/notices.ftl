# What one person is told. Plain text: the pages escape and mark up.

nav-notices = Notices
notices-unread = { $count ->
    [one] { $count } unread notice
   *[other] { $count } unread notices
}
notices-read-all = Mark all as read
notices-settings = Where notices go, and quiet hours
no-notices = Nothing was told
no-notices-do = What the bot tells you appears here by itself, and stays until you have read it.
notice-new = new
notice-urgent = urgent
notice-open = Open
notice-read = Mark as read
notice-close = Close

quiet-hours = Quiet hours (empty: none); what is not urgent waits for their end
quiet-from = From
quiet-to = To
notices-to-web = To the page that I have open, else to Telegram
notices-to-telegram = To Telegram
notices-to-both = To both
no-such-zone = There is no time zone “{ $name }”.
no-such-zone-near = There is no time zone “{ $name }”. Did you mean { $near }?
no-such-language = There are no texts in “{ $name }”; there are in { $known }.
quiet-one-time = Quiet hours have a beginning and an end; leave both empty for none.
quiet-no-time = “{ $time }” is no time of day; one looks like 22:00.
quiet-equal = Quiet hours cannot end at { $time }, when they begin.
quiet-reversed = { $from }–{ $to } would be quiet all day. Did you mean { $to }–{ $from }?
