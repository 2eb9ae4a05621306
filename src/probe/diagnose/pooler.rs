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
    fix: &'static str,
}

/// First match wins. Words of PgBouncer 1.18 to 1.24, Neon's proxy and Supavisor.
static TABLE: &[Row] = &[
    Row {
        words: "no such database",
        causes: &["pgb-no-db"],
        message: "the pooler knows no such database",
        fix: "name a database of the pooler's [databases] section, or add this one",
    },
    Row {
        words: "is disabled",
        causes: &["pgb-disabled"],
        message: "the database is disabled in the pooler",
        fix: "on the pooler's admin console: ENABLE the database",
    },
    Row {
        words: "no more connections allowed",
        causes: &["pgb-max-client"],
        message: "the pooler takes no more clients",
        fix: "raise max_client_conn, or make the applications' pools smaller",
    },
    Row {
        words: "unsupported startup parameter",
        causes: &["pgb-startup-param"],
        message: "the pooler refuses a startup parameter of the string",
        fix: "drop the parameter (options, timeouts), or list it in ignore_startup_parameters",
    },
    Row {
        words: "query_wait_timeout",
        causes: UPSTREAM,
        message: "the pooler waited in vain for a connection to its server",
        fix: "on the pooler's admin console: SHOW POOLS and SHOW SERVERS; then the pooler's log",
    },
    Row {
        words: "server login has been failing",
        causes: UPSTREAM,
        message: "the pooler cannot log in to its server",
        fix: "see the pooler's log: it names the reason",
    },
    Row {
        words: "query timeout",
        causes: &["pgb-query-timeout"],
        message: "the pooler cut the query off",
        fix: "raise the pooler's query_timeout, or make the query faster",
    },
    Row {
        words: "password authentication failed for user",
        causes: &["pgb-server-pw"],
        message: "the pooler's own login to its server failed",
        fix: "correct the password that the pooler has stored for this role",
    },
    Row {
        words: "no such user",
        causes: &["pgb-no-user"],
        message: "the pooler knows no such user",
        fix: "add the role to the pooler's auth_file, or let its auth_query find it",
    },
    Row {
        words: "authentication failed",
        causes: &["pgb-bad-pw", "pgb-no-user"],
        message: "the pooler refused the user or the password; Postgres was not asked",
        fix: "the pooler's log says which; compare its auth_file or auth_query with the role",
    },
    Row {
        words: "auth_query",
        causes: &["pgb-auth_query"],
        message: "the pooler's query for the password failed",
        fix: "see the pooler's log; check auth_user and auth_dbname",
    },
    Row {
        words: "Endpoint ID is not specified",
        causes: &["neon-endpoint"],
        message: "Neon cannot tell which endpoint is meant",
        fix: "use a driver that sends the host name in TLS (SNI), or add options=endpoint%3DID",
    },
    Row {
        words: "enant or user not found",
        causes: &["supabase-tenant"],
        message: "Supabase's pooler knows no such project",
        fix: "write the user as ROLE.PROJECT-REF, and use the pooler of the project's own region",
    },
    Row {
        words: "use SHOW HELP",
        causes: &["pgb-admin"],
        message: "this is the pooler's admin console, not a database",
        fix: "name a real database instead of pgbouncer",
    },
    Row {
        words: "admin console",
        causes: &["pgb-admin"],
        message: "this is the pooler's admin console, not a database",
        fix: "name a real database instead of pgbouncer",
    },
];

/// Says what a pooler's error means, where its words are known.
pub(in crate::probe) fn failed(stage: StageName, error: &ServerError) -> Option<Broken> {
    let row = TABLE.iter().find(|row| error.message.contains(row.words))?;
    Some(Broken::either(
        stage,
        row.causes,
        format!("{}: {}", row.message, error.message),
        row.fix,
    ))
}
