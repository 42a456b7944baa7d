DROP TABLE approval_notices;
DROP TABLE approval_votes;
DROP TABLE approvals;
