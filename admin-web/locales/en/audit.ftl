# The audit log.

nav-audit = Audit
audit-title = Audit log
audit-about = Every administrative act, wherever it came from. A chain of MACs, whose key is not in the database, shows whether somebody changed it afterwards.
audit-verify = Verify
audit-whole = Nothing was changed: { $count ->
    [one] one link fits
   *[other] all { $count } links fit
}.
audit-broken = The log is not what was written: { $count ->
    [one] one fault
   *[other] { $count } faults
}.
audit-pending = { $count ->
    [one] One row waits for its link
   *[other] { $count } rows wait for their links
}; that takes a second.
audit-erased = { $count ->
    [one] One row was
   *[other] { $count } rows were
} erased by an act of the log itself.
audit-heads = { $count ->
    [0] No end of the chain that was noted outside the database was compared.
    [one] One end of the chain, noted outside the database, was compared.
   *[other] { $count } ends of the chain, noted outside the database, were compared.
}
audit-none = Nothing fits
audit-none-do = Take a filter away to see more.
audit-col-action = Action
audit-col-object = Object
audit-col-who = Who
audit-nobody = the program or its console
audit-stranger = somebody not logged in
audit-detail = Detail
audit-actor = Who
audit-actor-how = @name or id
audit-action = Action
audit-action-how = login.failed, or login
audit-object = Object
audit-object-how = user:12
audit-source = Source
audit-any = any
audit-from = From
audit-until = Until
audit-search = Search
