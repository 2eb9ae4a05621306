//! Errors of a pooler or proxy: they carry no routine and often one SQLSTATE for everything, so
//! their words decide. PgBouncer has no translations.

use super::Broken;
use crate::facts::StageName;
use crate::probe::auth::notes::{Asked, Notes, ServerError};

/// The causes behind a pooler that waits for its server in vain.
pub(in crate::probe) const UPSTREAM: &[&str] = &[
    "pgb-upstream-down",
    "pgb-upstream-nx",
    "pgb-paused",
    "pgb-auth_query",
    "pgb-pool-full",
];

struct Row {
    /// What the text contains, all of it.
    words: &'static [&'static str],
    causes: &'static [&'static str],
    message: &'static str,
}

const fn row(
    words: &'static [&'static str],
    causes: &'static [&'static str],
    message: &'static str,
) -> Row {
    Row {
        words,
        causes,
        message,
    }
}

/// First match wins. Words of `PgBouncer` 1.18 to 1.25, Neon's proxy, Supavisor, RDS Proxy, and of
/// the proxies before Render's, Azure's and Xata's servers.
static TABLE: &[Row] = &[
    row(
        &["Endpoint ID is not specified"],
        &["neon-endpoint"],
        "Neon cannot tell which endpoint is meant",
    ),
    row(
        &["nconsistent project name"],
        &["neon-endpoint"],
        "the endpoint in the options is not the host's",
    ),
    row(
        &["endpoint", "not be found"],
        &["neon-endpoint"],
        "Neon knows no such endpoint",
    ),
    row(
        &["enant or user not found"],
        &["supabase-tenant"],
        "Supabase's pooler knows no such project",
    ),
    row(
        &["tenant/user", "not found"],
        &["supabase-tenant"],
        "Supabase's pooler knows no such project",
    ),
    row(
        &["no tenant identifier"],
        &["supabase-tenant"],
        "Supabase's pooler is not told which project is meant",
    ),
    row(
        &["no such database"],
        &["pgb-no-db"],
        "the pooler knows no such database",
    ),
    row(
        &["atabase", "is disabled"],
        &["pgb-disabled"],
        "the database is disabled in the pooler",
    ),
    row(
        &["No pool configured for database"],
        &["pgb-no-db", "pgb-no-user"],
        "the pooler knows no such database, or not for this user",
    ),
    row(
        &["no more connections allowed"],
        &["pgb-max-client"],
        "the pooler takes no more clients",
    ),
    row(
        &["client connections exceeded"],
        &["pgb-max-client"],
        "the pooler takes no more clients",
    ),
    row(
        &["max client connections"],
        &["pgb-max-client"],
        "the pooler takes no more clients",
    ),
    row(
        &["max clients"],
        &["pgb-max-client"],
        "the pooler takes no more clients",
    ),
    row(
        &["nsupported startup parameter"],
        &["pgb-startup-param"],
        "the pooler refuses a startup parameter of the string",
    ),
    row(
        &["query_wait_timeout"],
        UPSTREAM,
        "the pooler waited in vain for a connection to its server",
    ),
    row(
        &["check out connection from the pool"],
        UPSTREAM,
        "the pooler waited in vain for a connection to its server",
    ),
    row(
        &["waiting to acquire database connection"],
        UPSTREAM,
        "the pooler waited in vain for a connection to its server",
    ),
    row(
        &["server login has been failing"],
        UPSTREAM,
        "the pooler cannot log in to its server",
    ),
    row(
        &["query timeout"],
        &["pgb-query-timeout"],
        "the pooler cut the query off",
    ),
    row(
        &["query_timeout"],
        &["pgb-query-timeout"],
        "the pooler cut the query off",
    ),
    row(
        &["idle transaction timeout"],
        &["q-idle-txn"],
        "the pooler ended the session: idle in a transaction",
    ),
    row(
        &["client_idle_timeout"],
        &["q-idle-session"],
        "the pooler ended the session: idle",
    ),
    row(
        &["transaction timeout"],
        &["pgb-query-timeout"],
        "the pooler cut the transaction off",
    ),
    row(
        &["client_login_timeout"],
        &["auth-timeout"],
        "the login took longer than the pooler allows",
    ),
    row(
        &["server conn crashed"],
        &["q-drop", "q-fin"],
        "the pooler lost its connection to the server",
    ),
    row(
        &["connection is insecure"],
        &["hba-needs-tls"],
        "the proxy before the server takes no connection in clear",
    ),
    row(
        &["SSL/TLS required"],
        &["hba-needs-tls"],
        "the proxy before the server takes no connection in clear",
    ),
    row(
        &["SSL", "is required"],
        &["hba-needs-tls"],
        "the proxy before the server takes no connection in clear",
    ),
    row(
        &["requires", "TLS"],
        &["hba-needs-tls"],
        "the proxy before the server takes no connection in clear",
    ),
    row(
        &["SSL required"],
        &["hba-needs-tls"],
        "the proxy before the server takes no connection in clear",
    ),
    row(
        &["no pg_hba.conf entry"],
        &["hba-missing"],
        "the server behind the pooler does not let the pooler in",
    ),
    row(
        &["rejects connection"],
        &["hba-reject"],
        "the server behind the pooler does not let the pooler in",
    ),
    row(
        &["connections for role"],
        &["limit-role"],
        "the role's own connection limit is reached behind the pooler",
    ),
    row(
        &["connections for database"],
        &["limit-db"],
        "the database's own connection limit is reached behind the pooler",
    ),
    row(
        &["too many clients already"],
        &["too-many-clients"],
        "the server behind the pooler has no free connection",
    ),
    row(
        &["connection slots are reserved"],
        &["too-many-reserved"],
        "the server behind the pooler has only its reserved connections left",
    ),
    row(
        &["database \"", "\" does not exist"],
        &["db-missing", "db-case"],
        "the server behind the pooler has no such database",
    ),
    row(
        &["no such user"],
        &["pgb-no-user"],
        "the pooler knows no such user",
    ),
    row(
        &["has no credentials for the role"],
        &["pgb-no-user"],
        "the proxy knows no such user",
    ),
    row(
        &["auth_query"],
        &["pgb-auth_query"],
        "the pooler's query for the password failed",
    ),
    row(
        &["use SHOW HELP"],
        &["pgb-admin"],
        "this is the pooler's admin console, not a database",
    ),
    row(
        &["admin console"],
        &["pgb-admin"],
        "this is the pooler's admin console, not a database",
    ),
];

/// Says what a pooler's error means, where its words are known.
pub(in crate::probe) fn failed(
    stage: StageName,
    notes: &Notes,
    error: &ServerError,
) -> Option<Broken> {
    let said = |causes: &[&'static str], message: &str| {
        let message = format!("{message}: {}", error.message);
        Some(Broken::either(stage, causes, message))
    };
    if let Some((causes, message)) = refused_password(notes, error) {
        return said(causes, message);
    }
    let fits = |row: &&Row| row.words.iter().all(|word| error.message.contains(word));
    let row = TABLE.iter().find(fits)?;
    said(row.causes, row.message)
}

/// Whose password was refused: ours by the pooler, or the pooler's by its server.
fn refused_password(
    notes: &Notes,
    error: &ServerError,
) -> Option<(&'static [&'static str], &'static str)> {
    let about_user = error
        .message
        .contains("password authentication failed for user");
    // Neon's proxy puts the name in other quotation marks, and has no other login.
    let of_postgres = error.message.contains("for user \"");
    let its_own = error.code == "08P01" && about_user;
    let of_a_password = error.code == "28P01" || error.message.contains("authentication failed");
    if of_a_password && (notes.proven || its_own) {
        // It has taken our proof and given its own, or it uses the words that only a server has.
        return Some((
            &["pgb-server-pw"],
            "the pooler's own login to its server failed",
        ));
    }
    match (error.code.as_str(), notes.asked) {
        // What a server behind would have said, handed on: of either login.
        ("28P01", None | Some(Asked::Cleartext | Asked::Md5))
            if about_user && (notes.asked.is_some() || of_postgres) =>
        {
            Some((
                &[
                    "role-missing",
                    "pw-wrong",
                    "pw-none",
                    "pw-expired",
                    "md5-hash-vs-scram",
                    "pgb-server-pw",
                ],
                "the password was refused, here or behind the pooler",
            ))
        }
        ("28P01", _) if about_user => None,
        _ if error.message.contains("authentication failed") => Some((
            &["pgb-bad-pw", "pgb-no-user"],
            "the pooler refused the user or the password; Postgres was not asked",
        )),
        _ => None,
    }
}
