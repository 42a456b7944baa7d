# What the task plugin says, in English. $title and $who come escaped where the text is HTML.

# Cards: one task. HTML.
card-draft = 📝 <b>Draft #{ $number }</b> { $title }
card-pending = ⏳ <b>#{ $number }</b> { $title }
card-open = ⬜ <b>#{ $number }</b> { $title }
card-done = ✅ <b>#{ $number }</b> <s>{ $title }</s>
card-rejected = 🚫 <b>#{ $number }</b> <s>{ $title }</s>
card-cancelled = ✖️ <b>#{ $number }</b> <s>{ $title }</s>
card-moved = ⤵️ <b>#{ $number }</b> { $title }: see the newer message below.
card-waits = Waits for approval.
card-done-by = Done by { $who }.
card-rejected-by = Rejected by { $who }.
card-rejected-because = Rejected by { $who }: { $reason }
about-assignee = For { $name }
about-due = due { $time }
about-repeat = 🔁 { $rule }
about-overdue = ⚠️ was due { $time }
parts-hidden = … and { $count } more
somebody = somebody
reason-expired = Nobody decided in time.

priority-low = low
priority-normal = normal
priority-high = high
priority-urgent = urgent

state-draft = a draft
state-pending = waiting for approval
state-open = open
state-done = done
state-rejected = rejected
state-cancelled = cancelled

column-pending = Waiting
column-open = In progress
column-done = Done
column-rejected = Rejected

button-done = Done
button-reopen = Reopen
button-edit = Edit
button-undo = Undo
button-cancel = Cancel task
button-comment = Comment
button-pass = Hand over
pass-whole = The whole task
button-create = Create
button-discard = Discard
button-again = Ask again
button-show = Show it here
button-back = ‹ Back
button-none = None
often-day = Every day
often-weekday = Every weekday
often-week = Every week
often-month = Every month

# Changing a task. HTML.
field-title = Title
field-who = Who
field-due = Due
field-again = Repeat
field-prio = Priority
field-labels = Labels
field-tpl = Template
ask-title = Write the new title.
ask-who = Who does it? Press a name, or write one.
ask-which-part = What shall be handed over?
ask-due = Until when? Write a time, such as <code>tomorrow 17:00</code> or <code>fri 9:00</code>.
ask-again = How often? Press one, or write it, such as <code>every monday 9:00</code> or <code>every 3 days after done</code>.
ask-prio = How urgent is it?
ask-labels = Write the labels, such as <code>infra, rack-4</code>.
ask-tpl = Which template's steps shall it get?
ask-which = Several people are called { $name }. Who is meant?
ask-comment = Write your comment on #{ $number } { $title }
preview-line = In one line: <code>{ $line }</code>
ask-task =
    What is to be done? Write it in one line, such as
    <code>Replace disk @bob tomorrow 17:00 !high #infra</code>
comment-added = Noted on #{ $number }.
nobody-called = Nobody who can do tasks is called { $name }. Nothing was changed or created.

# Why a card comes now. HTML.
notice-given = 👉 { $by } gave you this task.
notice-again = 🔁 The next one of this series.
notice-part = 👉 { $by } gave you step { $position }, { $title }.
notice-submitted = { $by } asks for approval.
notice-approved = 👍 Approved by { $by }.
notice-rejected = 👎 Rejected by { $by }.
notice-done = 🎉 { $by } completed it.
notice-reopened = ↩️ { $by } reopened it.
notice-cancelled = ✖️ { $by } cancelled it.
notice-comment = 💬 { $by }: { $text }
notice-step = It is step { $position }: { $title }
notice-soon = ⏰ Due soon, { $time }.
notice-due = ⏰ Due now, { $time }.
notice-overdue = ⚠️ Overdue since { $time }.

digest-head = ☀️ { $today ->
    [0] Nothing new is due today
    [one] One thing is due today
   *[other] { $today } things are due today
}{ $overdue ->
    [0] .
    [one] , and one is overdue.
   *[other] , and { $overdue } are overdue.
}
digest-due = • { $time } — { $title } /task_{ $number }
digest-overdue = • ⚠️ was due { $time } — { $title } /task_{ $number }
digest-list = My tasks

# Lists. HTML, except the buttons.
list-here = <b>Tasks of this chat</b>: { $open } open, { $done } done.
list-mine = <b>Your tasks</b>: { $open } open, { $done } done.
list-all = <b>All tasks</b>: { $open } open, { $done } done.
list-look = <b>{ $name }</b>: { $count }
list-waiting = { $count ->
    [one] One waits for approval.
   *[other] { $count } wait for approval.
}
list-hint = Press a task to mark it done or to reopen it, or open one:
list-page = Page { $page } of { $pages }.
list-empty =
    No tasks here yet. Create one like this:
    <code>/task Replace the disk in rack 4</code>
list-nothing = Nothing here.
look-all = All
look-mine = For me
look-created = By me
look-pending = Waiting
look-overdue = Overdue
row-draft = 📝 #{ $number } { $title }
row-pending = ⏳ #{ $number } { $title }
row-open = ⬜ #{ $number } { $title }
row-done = ✅ #{ $number } { $title }
row-dropped = ✖️ #{ $number } { $title }
button-previous = ‹ Previous
button-next = Next ›

# Templates. HTML.
templates-head = <b>Templates</b>. A task gets their steps with <code>%name</code>.
templates-line = %{ $name }: { $count ->
    [one] one step
   *[other] { $count } steps
}
templates-empty =
    There are no templates yet. Write one like this, each step on a line of its own:
    <pre>/template onboarding
    check customer data @creator +1d
    register vehicle @role:operator +2d 18:00</pre>
template-head = <b>%{ $name }</b>, { $count ->
    [one] one step
   *[other] { $count } steps
}
template-needed = The template %{ $name } stays: { $count ->
    [one] one task waits
   *[other] { $count } tasks wait
} for approval with its steps.
template-new = New template
template-change = Change
template-drop = Drop
template-ask-steps = Write the steps as they shall be, one a line. The text above is copied by a tap.
template-ask-drop = Shall it go? Tasks that have its steps keep them.
template-dropped = The template %{ $name } is gone. Tasks that have its steps keep them.
template-there = There is a template %{ $name } already: open it and press Change, or write another name.
template-unknown = There is no template %{ $name }. /templates lists them.
template-empty = A template has at least one step: write each on a line of its own.
template-too-many = A template has at most { $limit } steps.
template-name = A template's name is 1 to 32 letters, digits, - or _.
template-line = Line { $line }: { $fault }
template-due = Line { $line }: { $word } is no time from the start, such as <code>+2d 18:00</code>.
usage-template =
    Write the name, then each step on a line of its own:
    <pre>/template onboarding
    check customer data @creator +1d
    register vehicle @role:operator +2d 18:00</pre>
    The name alone shows it, and a - behind it drops it.

# Wrong input to commands. HTML.
usage-task =
    What is to be done? Nothing is left for a title. Write it like this:
    <code>/task Replace the disk in rack 4</code>
usage-open = Write the task's number behind it, like this: /task_12
usage-tasks =
    Send /tasks for the first page, or what you look for behind it, like this:
    <code>/tasks mine</code>, <code>/tasks #infra</code>, <code>/tasks disk</code>, <code>/tasks 2</code>
title-too-long = This title has { $length } characters, and at most { $limit } fit. No task was created.
two-people = A task is given to one person, and this names @{ $first } and @{ $second }.
two-priorities = A task has one priority, and this says !{ $first } and !{ $second }.
too-many-labels = A task has at most { $limit } labels.
bad-label = { $word } is no label: 1 to { $limit } letters, digits, - or _.
bad-priority = { $word } is no priority. There are !low, !normal, !high and !urgent.
no-series = { $word } does not repeat. Write it like <code>every monday 9:00</code> or <code>every 3 days after done</code>.
time-past = { $word } is over.
time-unknown = { $word } is no time.
time-short = { $word } is too short: a minute is the least.
time-reversed = { $word } ends before it begins.
time-no-step = { $word } does not say how often.
time-never = { $word } never comes.
time-much = { $word } is too much.
time-impossible = { $word } does not exist.
time-example = Write it like <code>{ $example }</code>.
comment-length = A comment has 1 to 1000 characters.

# Answers to buttons: plain text, at most 200 characters.
answer-already-done = #{ $number } is done already, by { $who }.
answer-already = #{ $number } is { $state } already.
answer-gone = There is no task #{ $number } here.
answer-not-allowed = You may not do this here: it needs the permission { $permission }.
answer-not-yours = Only whoever created #{ $number }, or may approve tasks, can do this.
answer-approved = #{ $number } was approved as it is: its title, template and repetition are changed by whoever may approve. Comment on it, or cancel it and ask anew.
answer-pending = #{ $number } is being decided: see /approvals.
answer-no-way = #{ $number } is { $state }: this cannot be done with it.
answer-parts-open = { $count ->
    [one] One step of #{ $number } is not done yet.
   *[other] { $count } steps of #{ $number } are not done yet.
}
answer-nobody = This person is not there any more. Choose somebody else.
answer-no-part = #{ $number } has no such step any more.
answer-bad-button = This button is damaged or too old. Send /tasks for a new list.

# Pages.
web-tasks = Tasks
web-list = List
web-board = Board
web-templates = Templates
web-views = Views of tasks
web-filters = Which tasks
web-new = What is to be done?
web-grammar = <code>@bob</code> who, <code>tomorrow 17:00</code> until when, <code>!high</code> how urgent, <code>#infra</code> a label, <code>%onboarding</code> a template, <code>every monday 9:00</code> that it comes again.
web-state = State
web-any-state = any state
web-label = Label
web-search = Search titles
web-find = Find
web-empty = Nothing here.
web-empty-hint = Write above what is to be done, or look for something else.
web-column-empty = None.
web-author = Created
web-decided = Decided
web-done = Done
web-approvals = Decide
web-parts = Steps
web-who = Name
web-give = Hand over
web-comments = Comments
web-history = What happened
web-save = Save
web-drop = Drop the template
web-no-templates = There are no templates yet.
web-steps = { $count ->
    [one] one step
   *[other] { $count } steps
}
web-template-name = Name
web-template-steps = Steps, one a line
