# What somebody asks and others decide. Plain text: the pages escape and mark up.

nav-approvals = Approvals
approvals-open = Open
approvals-mine = For me
approvals-asked = What I asked for
approvals-decided = Decided
no-approvals = Nothing here
no-approvals-do = What waits for a decision of yours, or what you asked for, appears here by itself.
approval-asker = Asked by { $name }
approval-count = { $have } of { $needed } approvals
approval-until = open until
approval-open = open
approval-approved = approved
approval-rejected = rejected
approval-expired = expired
approval-withdrawn = withdrawn
approve = Approve
reject = Reject
withdraw = Withdraw
was-approved = It was approved by { $name }, { $when }.
was-rejected = It was rejected by { $name }, { $when }.
was-withdrawn = It was withdrawn by { $name }, { $when }.
was-taken-back = It was withdrawn, { $when }.
was-expired = It has expired, { $when }.
approval-voted = You have voted on this already.
approval-own = You asked for this yourself, so somebody else has to decide.
approval-not-yours = Only whoever asked can withdraw this.
approval-long-reason = A reason has at most 500 characters.
approvals-waiting = { $count ->
    [one] { $count } waits for you
   *[other] { $count } wait for you
}
