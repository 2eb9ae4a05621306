//! The questions about sessions. All read shared memory once by `pg_stat_get_activity`, without the
//! joins of `pg_stat_activity`, and number their columns alike.
//!
//! A session of another role hides its kind and its state; whoever has a user and a database is then
//! counted as a client.

use crate::facts::SessionKey;
use crate::probe::crowd::MOST_CHANGES;

/// The most rows that are told apart.
pub(super) const MOST: usize = 500;

/// How long a lock has been waited for, by process; PostgreSQL 14 and newer tell.
const WAITERS: &str = "SELECT l.pid, max(pg_catalog.date_part('epoch', \
    pg_catalog.clock_timestamp() - (pg_catalog.to_jsonb(l) ->> 'waitstart')::timestamptz)) AS waited \
    FROM pg_catalog.pg_locks l WHERE NOT l.granted AND l.pid IS NOT NULL GROUP BY l.pid";

/// Which sessions are clients.
const CLIENT: &str = "(a.backend_type = 'client backend' \
    OR a.backend_type IS NULL AND a.usesysid IS NOT NULL AND a.datid IS NOT NULL)";

/// The counts of a row; the first column says whether it is the one of all sessions.
fn counts(first: &str, here: &str, mine: &str, waited: &str) -> String {
    format!(
        "SELECT {first}, s.name, count(*)::text, \
        (count(*) FILTER (WHERE s.state IS NULL OR s.state = 'disabled'))::text, \
        {here}, {mine}, \
        (count(*) FILTER (WHERE s.state IN ('active', 'fastpath function call')))::text, \
        (count(*) FILTER (WHERE s.state = 'idle'))::text, \
        (count(*) FILTER (WHERE s.state LIKE 'idle in transaction%'))::text, \
        (count(*) FILTER (WHERE s.wait_event_type = 'Lock' AND s.state IS NOT NULL))::text, \
        (count(*) FILTER (WHERE s.client_port >= 0 AND NOT s.ssl))::text, \
        pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - min(s.xact_start))::text, \
        pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - min(s.state_change) \
            FILTER (WHERE s.state LIKE 'idle in transaction%'))::text, \
        {waited}, \
        pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - min(s.backend_start) \
            FILTER (WHERE s.state = 'idle'))::text"
    )
}

/// Asks for the sessions by application name, and all together in a row of their own.
pub(super) fn by_name() -> String {
    let counts = counts(
        "grouping(s.name)::text",
        "(count(*) FILTER (WHERE s.datid = s.here))::text",
        "(count(*) FILTER (WHERE s.usesysid = s.mine))::text",
        "max(w.waited)::text",
    );
    format!(
        "{counts} FROM (SELECT a.*, coalesce(a.application_name, '') AS name, \
        d.oid AS here, r.oid AS mine \
        FROM pg_catalog.pg_stat_get_activity(NULL) a, pg_catalog.pg_database d, \
        pg_catalog.pg_roles r \
        WHERE d.datname = pg_catalog.current_database() AND r.rolname = session_user \
        AND a.pid <> pg_catalog.pg_backend_pid() AND {CLIENT}) s \
        LEFT JOIN ({WAITERS}) w ON w.pid = s.pid \
        GROUP BY GROUPING SETS ((s.name), ()) ORDER BY 1 DESC, count(*) DESC, s.name LIMIT {}",
        MOST + 1
    )
}

/// Asks for the sessions by application name or by something else, of one application or, where `$1`
/// is empty, of all. As cheap as can be: it is what `--watch` asks every other second.
pub(super) fn by_key(key: Option<SessionKey>) -> String {
    let (name, join) = grouping(key);
    let counts = counts("'0'", "NULL", "NULL", "NULL");
    format!(
        "{counts} FROM (SELECT a.*, {name} AS name \
        FROM pg_catalog.pg_stat_get_activity(NULL) a {join} \
        WHERE a.pid <> pg_catalog.pg_backend_pid() AND {CLIENT} \
        AND ($1 = '' OR a.application_name = $1)) s \
        GROUP BY s.name ORDER BY count(*) DESC, s.name LIMIT {MOST}"
    )
}

/// Returns what sessions are counted by, and the join that it needs.
fn grouping(key: Option<SessionKey>) -> (&'static str, &'static str) {
    match key {
        None => ("coalesce(a.application_name, '')", ""),
        Some(SessionKey::User) => (
            "coalesce(r.rolname::text, '')",
            "LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid",
        ),
        Some(SessionKey::Database) => (
            "coalesce(d.datname::text, '')",
            "LEFT JOIN pg_catalog.pg_database d ON d.oid = a.datid",
        ),
        Some(SessionKey::Client) => (ADDRESS, ""),
        Some(SessionKey::State) => ("coalesce(a.state, '')", ""),
        Some(SessionKey::Wait) => (WAIT, ""),
    }
}

/// What a look at one session shows.
fn seen(key: Option<SessionKey>) -> (String, &'static str) {
    let (name, join) = grouping(key);
    let columns = format!(
        "SELECT a.pid::text, {name}, \
        ({CLIENT} AND ($1 = '' OR a.application_name = $1))::text, \
        CASE WHEN a.state <> 'disabled' THEN a.state END, \
        (a.wait_event_type = 'Lock')::text, (a.client_port >= 0 AND NOT a.ssl)::text, \
        pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - a.xact_start)::text"
    );
    (columns, join)
}

/// Asks for every session: the first look at a crowd.
pub(super) fn all(key: Option<SessionKey>) -> String {
    let (columns, join) = seen(key);
    format!(
        "{columns} FROM pg_catalog.pg_stat_get_activity(NULL) a {join} \
        WHERE a.pid <> pg_catalog.pg_backend_pid()"
    )
}

/// Asks for the sessions that started a statement since `$2`, and those of `$3`. The functions by
/// backend read the same copy of shared memory as `pg_stat_get_activity`, for a fifth of its price.
pub(super) fn changes(key: Option<SessionKey>) -> String {
    let (columns, join) = seen(key);
    format!(
        "{columns} FROM (SELECT b.pid FROM (SELECT pg_catalog.pg_stat_get_backend_pid(i) AS pid, \
            pg_catalog.pg_stat_get_backend_activity_start(i) AS began \
            FROM pg_catalog.pg_stat_get_backend_idset() i) b \
            WHERE (b.began >= pg_catalog.to_timestamp($2::float8) \
            OR b.pid = ANY ($3::text::int[])) AND b.pid <> pg_catalog.pg_backend_pid() LIMIT {}) c \
        CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(c.pid) a {join}",
        MOST_CHANGES + 1
    )
}

/// Asks who is there, and what time it is.
pub(super) const THERE: &str = "SELECT pg_catalog.string_agg(b.pid::text, ','), \
    pg_catalog.date_part('epoch', pg_catalog.statement_timestamp())::text \
    FROM (SELECT pg_catalog.pg_stat_get_backend_pid(i) AS pid \
    FROM pg_catalog.pg_stat_get_backend_idset() i) b WHERE b.pid <> pg_catalog.pg_backend_pid()";

const ADDRESS: &str = "CASE WHEN a.client_port = -1 THEN 'socket' \
    ELSE coalesce(pg_catalog.host(a.client_addr), '') END";

const WAIT: &str = "CASE WHEN a.state IS NULL THEN '' \
    ELSE coalesce(a.wait_event_type || ':' || a.wait_event, 'nothing') END";

/// The last statement, in the client's encoding but unchecked: one session's text may be in another
/// database's encoding, and an error would end the transaction.
const QUERY: &str = "CASE WHEN pg_catalog.getdatabaseencoding() = 'SQL_ASCII' \
    THEN pg_catalog.convert_to(s.query, 'SQL_ASCII') ELSE pg_catalog.textsend(s.query) END";

/// Asks for the sessions that are worth a line: of one application or, where `$1` is empty, of all,
/// the ten oldest transactions, the ten that have been idle in one for the longest, and ten without
/// TLS; and whoever waits for a lock or is waited for. Who waits is everybody's to see in
/// `pg_locks`, for other roles too.
pub(super) fn notable(queries: bool) -> String {
    let query = if queries { QUERY } else { "NULL::bytea" };
    format!(
        "WITH waiters AS (SELECT w.pid, w.waited, pg_catalog.pg_blocking_pids(w.pid) AS blockers \
            FROM ({WAITERS} ORDER BY 2 DESC NULLS LAST, 1 LIMIT 100) w), \
        sessions AS (SELECT a.*, a.pid <> pg_catalog.pg_backend_pid() AND {CLIENT} \
            AND ($1 = '' OR a.application_name = $1) AS wanted, {ADDRESS} AS client \
            FROM pg_catalog.pg_stat_get_activity(NULL) a), \
        chosen AS ((SELECT s.pid FROM sessions s WHERE s.wanted AND s.xact_start IS NOT NULL \
                ORDER BY s.xact_start LIMIT 10) \
            UNION (SELECT s.pid FROM sessions s WHERE s.wanted \
                AND s.state LIKE 'idle in transaction%' ORDER BY s.state_change LIMIT 10) \
            UNION (SELECT s.pid FROM sessions s WHERE s.wanted AND s.client_port >= 0 \
                AND NOT s.ssl ORDER BY s.pid LIMIT 10) \
            UNION SELECT w.pid FROM waiters w \
            UNION SELECT pg_catalog.unnest(w.blockers) FROM waiters w) \
        SELECT s.pid::text, s.backend_type, s.application_name, r.rolname::text, d.datname::text, \
            s.client, s.state, s.wait_event_type || ':' || s.wait_event, \
            CASE WHEN s.client_port >= 0 THEN s.ssl WHEN s.client_port = -1 THEN true END::text, \
            pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - s.xact_start)::text, \
            pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - s.state_change)::text, \
            w.waited::text, pg_catalog.array_to_string(w.blockers, ','), {query} \
        FROM chosen c JOIN sessions s ON s.pid = c.pid \
        LEFT JOIN waiters w ON w.pid = s.pid \
        LEFT JOIN pg_catalog.pg_database d ON d.oid = s.datid \
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.usesysid ORDER BY s.pid LIMIT 300"
    )
}
