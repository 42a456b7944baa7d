# What people choose for themselves, in English. Texts are Telegram HTML; what people typed is
# escaped before it gets here.

cmd-settings = your language, time zone, quiet hours, and where notices go

own =
    <b>Your settings</b>
    Language: { $language }
    Time zone: { $zone }, it is { $time } there
    Quiet hours: { $quiet }
    Notices: { $where }
own-in-private = Please send /settings in the private chat with me, not here.
own-saved = Saved.
own-as-telegram = as in your Telegram
own-no-quiet = none
own-where-web = to the web page that you have open, else here
own-where-telegram = here
own-where-both = here and to the web
own-choose-language = In which language shall I speak to you?
own-choose-zone = In which time zone do you live?
own-choose-quiet = When shall I be quiet? What is not urgent waits for the end of these hours.
own-choose-where = Where do you want to be told what happens?
own-type-zone = Write your time zone or its city, such as <code>Asia/Bangkok</code>. /cancel leaves it as it is.
own-type-quiet = Write from when to when, such as <code>22:30-07:00</code>. /cancel leaves it as it is.
own-again = Please try again, or send /cancel.
button-own-language = Language
button-own-zone = Time zone
button-own-quiet = Quiet hours
button-own-where = Notices
button-own-type = Another…

no-such-time-zone-near = There is no time zone “{ $name }”. Did you mean <code>{ $near }</code>?
no-such-language = There are no texts in “{ $name }”; there are in { $known }.
no-such-place = Notices go to web, telegram or both, not to “{ $place }”.
quiet-one-time = Quiet hours have a beginning and an end, such as 22:00-07:00.
quiet-no-time = “{ $time }” cannot be read; quiet hours look like 22:00-07:00.
quiet-equal = Quiet hours cannot end at { $time }, when they begin.
quiet-reversed = { $from }–{ $to } would be quiet all day. Did you mean { $to }–{ $from }?
