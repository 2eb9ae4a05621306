//! The questions. Each is one that an ordinary role may ask, of PostgreSQL 11 and newer, and casts
//! what it returns to text, so that no type needs looking up.

use std::time::Duration;

/// Opens the transaction, asks for the settings as the application would have them, and only then
/// sets limits of its own. Where the string asked for another encoding than the one that is read
/// here, it is set aside for as long.
pub(super) fn begin(left: Duration, encoding: Option<&str>) -> String {
    let readable = match encoding {
        None | Some("UTF8") => "",
        Some(_) => "SET LOCAL client_encoding = 'UTF8'; ",
    };
    let limit = left
        .saturating_sub(Duration::from_millis(300))
        .clamp(Duration::from_millis(100), Duration::from_secs(30));
    let lock = (limit / 2).min(Duration::from_secs(2));
    format!(
        "BEGIN READ ONLY; {readable}{SETTINGS}; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        limit.as_millis(),
        lock.as_millis()
    )
}

/// Opens the transaction of a round that asks for the sessions alone.
pub(super) fn begin_short(left: Duration) -> String {
    let limit = left.clamp(Duration::from_millis(100), Duration::from_secs(30));
    format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}",
        limit.as_millis()
    )
}

/// What rules ask for, with who set it.
const SETTINGS: &str = "SELECT name, setting, unit, source, \
    sourcefile || ':' || sourceline FROM pg_catalog.pg_settings \
    WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', \
    'idle_in_transaction_session_timeout', 'idle_session_timeout', 'tcp_keepalives_idle', \
    'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout', 'password_encryption', \
    'default_transaction_read_only', 'client_connection_check_interval')";

/// The server about itself; touches no table.
pub(super) const OWN: &str = "SELECT pg_catalog.current_setting('server_version'), \
    pg_catalog.current_setting('server_version_num'), \
    pg_catalog.pg_is_in_recovery()::text, \
    pg_catalog.current_setting('max_connections'), \
    pg_catalog.current_setting('superuser_reserved_connections'), \
    pg_catalog.current_setting('reserved_connections', true), \
    pg_catalog.pg_backend_pid()::text, \
    session_user::text, \
    pg_catalog.current_database()::text, \
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::text, \
    pg_catalog.current_setting('default_transaction_read_only'), \
    pg_catalog.current_setting('application_name')";

/// The role, its database and their limits.
pub(super) const ROLE: &str = "SELECT r.rolsuper::text, r.rolconnlimit::text, \
    d.datconnlimit::text, \
    (r.rolsuper OR pg_catalog.pg_has_role(r.oid, 'pg_read_all_stats', 'usage'))::text, \
    (SELECT (r.rolsuper OR pg_catalog.pg_has_role(r.oid, g.oid, 'usage'))::text \
        FROM pg_catalog.pg_roles g WHERE g.rolname = 'pg_use_reserved_connections'), \
    (SELECT pg_catalog.has_schema_privilege(r.oid, n.oid, 'create')::text \
        FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public') \
    FROM pg_catalog.pg_roles r, pg_catalog.pg_database d \
    WHERE r.rolname = session_user AND d.datname = pg_catalog.current_database()";
