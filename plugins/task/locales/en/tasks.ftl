# What the task plugin says, in English. $title and $who come escaped where the text is HTML.

# Cards: one task. HTML.
card-open = ⬜ <b>#{ $number }</b> { $title }
card-done =
    ✅ <b>#{ $number }</b> <s>{ $title }</s>
    Done by { $who }.
button-done = Done
button-reopen = Reopen
somebody = somebody

# Lists. HTML, except the buttons.
list-here = <b>Tasks of this chat</b>: { $open } open, { $done } done.
list-mine = <b>Your tasks</b>: { $open } open, { $done } done.
list-all = <b>All tasks</b>: { $open } open, { $done } done.
list-hint = Press a task to mark it done or to reopen it.
list-page = Page { $page } of { $pages }.
list-empty =
    No tasks here yet. Create one like this:
    <code>/task Replace the disk in rack 4</code>
row-open = ⬜ #{ $number } { $title }
row-done = ✅ #{ $number } { $title }
button-previous = ‹ Previous
button-next = Next ›

# Wrong input to commands. HTML.
usage-task =
    Write what is to be done behind the command, like this:
    <code>/task Replace the disk in rack 4</code>
usage-tasks =
    Send /tasks for the first page, or the number of a page behind it, like this:
    <code>/tasks 2</code>
title-too-long = This title has { $length } characters, and at most { $limit } fit. No task was created.

# Answers to buttons: plain text, at most 200 characters.
answer-already-done = #{ $number } is done already, by { $who }.
answer-already-open = #{ $number } is open already.
answer-gone = There is no task #{ $number } here.
answer-not-allowed = You may not do this here: it needs the permission { $permission }.
answer-bad-button = This button is damaged or too old. Send /tasks for a new list.
