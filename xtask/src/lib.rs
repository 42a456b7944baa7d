//! Development tasks: supervise, private database servers, checks
