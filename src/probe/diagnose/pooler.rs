//! Errors of a pooler or proxy: they carry no routine and often one SQLSTATE for everything, so
//! their words decide. PgBouncer has no translations.

use super::Broken;
use crate::facts::StageName;
use crate::probe::auth::notes::ServerError;

/// The causes behind a pooler that waits for its server in vain.
pub(in crate::probe) const UPSTREAM: &[&str] = &[
    "pgb-upstream-down",
    "pgb-upstream-nx",
    "pgb-paused",
    "pgb-auth_query",
    "pgb-pool-full",
];

struct Row {
    /// What the text contains.
    words: &'static str,
    causes: &'static [&'static str],
    message: &'static str,
}

/// First match wins. Words of PgBouncer 1.18 to 1.24, Neon's proxy and Supavisor.
static TABLE: &[Row] = &[
    Row {
        words: "no such database",
        causes: &["pgb-no-db"],
        message: "the pooler knows no such database",
    },
    Row {
        words: "is disabled",
        causes: &["pgb-disabled"],
        message: "the database is disabled in the pooler",
    },
    Row {
        words: "no more connections allowed",
        causes: &["pgb-max-client"],
        message: "the pooler takes no more clients",
    },
    Row {
        words: "unsupported startup parameter",
        causes: &["pgb-startup-param"],
        message: "the pooler refuses a startup parameter of the string",
    },
    Row {
        words: "query_wait_timeout",
        causes: UPSTREAM,
        message: "the pooler waited in vain for a connection to its server",
    },
    Row {
        words: "server login has been failing",
        causes: UPSTREAM,
        message: "the pooler cannot log in to its server",
    },
    Row {
        words: "query timeout",
        causes: &["pgb-query-timeout"],
        message: "the pooler cut the query off",
    },
    Row {
        words: "password authentication failed for user",
        causes: &["pgb-server-pw"],
        message: "the pooler's own login to its server failed",
    },
    Row {
        words: "no pg_hba.conf entry",
        causes: &["hba-missing"],
        message: "the server behind the pooler does not let the pooler in",
    },
    Row {
        words: "too many connections for role",
        causes: &["limit-role"],
        message: "the role's own connection limit is reached behind the pooler",
    },
    Row {
        words: "too many connections for database",
        causes: &["limit-db"],
        message: "the database's own connection limit is reached behind the pooler",
    },
    Row {
        words: "too many clients already",
        causes: &["too-many-clients"],
        message: "the server behind the pooler has no free connection",
    },
    Row {
        words: "\" does not exist",
        causes: &["db-missing", "db-case"],
        message: "the server behind the pooler has no such database",
    },
    Row {
        words: "no such user",
        causes: &["pgb-no-user"],
        message: "the pooler knows no such user",
    },
    Row {
        words: "authentication failed",
        causes: &["pgb-bad-pw", "pgb-no-user"],
        message: "the pooler refused the user or the password; Postgres was not asked",
    },
    Row {
        words: "auth_query",
        causes: &["pgb-auth_query"],
        message: "the pooler's query for the password failed",
    },
    Row {
        words: "Endpoint ID is not specified",
        causes: &["neon-endpoint"],
        message: "Neon cannot tell which endpoint is meant",
    },
    Row {
        words: "enant or user not found",
        causes: &["supabase-tenant"],
        message: "Supabase's pooler knows no such project",
    },
    Row {
        words: "use SHOW HELP",
        causes: &["pgb-admin"],
        message: "this is the pooler's admin console, not a database",
    },
    Row {
        words: "admin console",
        causes: &["pgb-admin"],
        message: "this is the pooler's admin console, not a database",
    },
];

/// Says what a pooler's error means, where its words are known.
pub(in crate::probe) fn failed(stage: StageName, error: &ServerError) -> Option<Broken> {
    let row = TABLE.iter().find(|row| error.message.contains(row.words))?;
    Some(Broken::either(
        stage,
        row.causes,
        format!("{}: {}", row.message, error.message),
    ))
}
