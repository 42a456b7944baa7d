# Why somebody may or may not: one line a rule, for /why and for the site. Plain text, except that
# the caller may put markup around names.

why-unknown = Nobody ever announced this permission; perhaps its plugin never ran.
why-unknown-near = Nobody ever announced this permission. Did you mean { $near }?
why-blocked = Blocked since { $when } ({ $reason }): a block wins over every grant.
why-allows = The role { $role }, { $place }, { $end }, has it.
why-allows-everything = The role { $role }, { $place }, { $end }, has every permission.
why-expired = The role { $role }, { $place }, { $end }, has ended.
why-elsewhere = The role { $role } holds { $place } only.
why-lacks = The role { $role }, { $place }, { $end }, does not have it.
why-default-deny = No grant allows it, so it is denied.
