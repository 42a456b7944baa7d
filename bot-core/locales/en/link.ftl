# One person in Telegram and on the web, in English. Texts are Telegram HTML; names are escaped before
# they get here.

token-wait = Too many wrong links or codes. Please wait { $seconds } s and try again.
link-ask =
    Link this chat to the web account of <b>{ $name }</b>?
    Whoever is logged in there asked for this link. Go on only if that was you.
button-link-yes = ✅ Yes, that is me
button-link-no = No
link-confirmed = ✅ Linked.
link-done =
    This chat and your web account are one now: what you may do there, you may do here.
    /help shows what that is; /settings says where you are told what happens.
link-declined = Nothing was linked; the link is good for nothing any more.
link-told = Your account is linked to Telegram now: { $name }. Was it not you? Unlink it on your account page, and change your password.
link-both =
    You have rights here of your own, and so has the web account. Two people who both have a past are not made one.
    Go on using both, or ask an admin to give one of them what the other has; /login opens the web as who you are here.
link-has-telegram = That web account has a Telegram user already. Unlink that one first, on the account page.
link-unneeded =
    You need no link: /login opens the web as who you are here.
    Two people who both have rights are not made one; an admin can give one of them what the other has.
link-offer =
    Log in to your web account in a browser, then open this link there within { $minutes } minutes:
    { $link }
    or type the code on { $page }:
    <code>{ $code }</code>
    It links this chat to that account. Do not pass it on.
