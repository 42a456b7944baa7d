# What somebody asks and others decide, in English. Texts are Telegram HTML; what people typed is
# escaped before it gets here.

approval-title = 🔔 <b>{ $title }</b>
approval-asker = Asked by { $name }
approval-count = { $have } of { $needed } approvals { $names }
approval-until = Open until { $when }
approval-yours = You voted at { $when }.
approval-reason = Reason: { $reason }
approval-approved = ✅ approved by { $name }, { $when }
approval-rejected = ❌ rejected by { $name }, { $when }
approval-withdrawn = ↩️ withdrawn by { $name }, { $when }
approval-taken-back = ↩️ withdrawn, { $when }
approval-expired = ⌛ expired, { $when }
approval-asked-at =
    Asked { $when }, through { $plugin }
    Whoever holds <code>{ $permission }</code> may decide.
approval-vote-for = ✅ { $name }, { $when }
approval-vote-against = ❌ { $name }, { $when }

button-approve = ✅ Approve
button-reject = ❌ Reject…
button-details = Details
button-unask = Withdraw
button-no-reason = Without a reason
button-write = Write a reason…
button-back = ◀ Back
button-to-decide = For me to decide
button-asked = What I asked for

reason-later = Not now
reason-unclear = Please say more about it
reason-double = Asked for already

approval-write =
    Why do you reject “{ $title }”? Write it as your next message.
    /cancel leaves it open.
approval-write-words = Please write the reason as text, or send /cancel.
approval-long-reason = A reason has at most 500 characters; this one has { $length }. Please shorten it, or send /cancel.
approval-counted = Counted: { $have } of { $needed } approvals.
approval-is-approved = Approved.
approval-is-rejected = Rejected.
approval-is-withdrawn = Withdrawn.
approval-refreshed = This is how it is now.
approval-before = It was decided before: { $outcome }
approval-voted = You have voted on this already.
approval-own = You asked for this yourself, so somebody else has to decide.
approval-not-yours = Only whoever asked can withdraw this.
approval-gone = This approval does not exist, or is not yours to see.

approvals-mine = <b>For you to decide</b>
approvals-asked = <b>What you asked for</b>
approvals-in-private = Please send /approvals in the private chat with me, not here.
approvals-none = Nothing is open here.
approvals-line = #{ $id } { $title } — asked by { $name }, { $have } of { $needed }

cmd-approvals = what waits for your decision, and what you asked for
