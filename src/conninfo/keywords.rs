//! libpq's keywords as data (`PQconninfoOptions` of libpq 18), and which keys name secrets.

/// One keyword of libpq.
#[derive(Debug)]
pub struct Keyword {
    /// The name.
    pub name: &'static str,
    /// The `PG*` variable that fills it where the string and the service leave it out.
    pub variable: Option<&'static str>,
    /// The value that is compiled in.
    pub default: Option<&'static str>,
    /// The first major version of libpq that knows it; 0 for those older than version 15.
    pub since: u16,
    /// Whether its value is a secret.
    pub secret: bool,
}

/// Every keyword that libpq 18 takes, in its own order.
///
/// Read from `PQconndefaults` of libpq 18.0.6; `gssencmode` has its default of a build with GSSAPI
/// (Debian's), where the wheels of psycopg say `disable`.
pub static KEYWORDS: &[Keyword] = &[
    keyword("service", Some("PGSERVICE"), None, 0),
    keyword("user", Some("PGUSER"), None, 0),
    secret("password", Some("PGPASSWORD"), 0),
    keyword("passfile", Some("PGPASSFILE"), None, 0),
    keyword(
        "channel_binding",
        Some("PGCHANNELBINDING"),
        Some("prefer"),
        0,
    ),
    keyword("connect_timeout", Some("PGCONNECT_TIMEOUT"), None, 0),
    keyword("dbname", Some("PGDATABASE"), None, 0),
    keyword("host", Some("PGHOST"), None, 0),
    keyword("hostaddr", Some("PGHOSTADDR"), None, 0),
    keyword("port", Some("PGPORT"), Some("5432"), 0),
    keyword("client_encoding", Some("PGCLIENTENCODING"), None, 0),
    keyword("options", Some("PGOPTIONS"), Some(""), 0),
    keyword("application_name", Some("PGAPPNAME"), None, 0),
    keyword("fallback_application_name", None, None, 0),
    keyword("keepalives", None, None, 0),
    keyword("keepalives_idle", None, None, 0),
    keyword("keepalives_interval", None, None, 0),
    keyword("keepalives_count", None, None, 0),
    keyword("tcp_user_timeout", None, None, 0),
    keyword("sslmode", Some("PGSSLMODE"), Some("prefer"), 0),
    keyword(
        "sslnegotiation",
        Some("PGSSLNEGOTIATION"),
        Some("postgres"),
        17,
    ),
    keyword("sslcompression", Some("PGSSLCOMPRESSION"), Some("0"), 0),
    keyword("sslcert", Some("PGSSLCERT"), None, 0),
    keyword("sslkey", Some("PGSSLKEY"), None, 0),
    keyword("sslcertmode", Some("PGSSLCERTMODE"), None, 16),
    secret("sslpassword", None, 0),
    keyword("sslrootcert", Some("PGSSLROOTCERT"), None, 0),
    keyword("sslcrl", Some("PGSSLCRL"), None, 0),
    keyword("sslcrldir", Some("PGSSLCRLDIR"), None, 0),
    keyword("sslsni", Some("PGSSLSNI"), Some("1"), 0),
    keyword("requirepeer", Some("PGREQUIREPEER"), None, 0),
    keyword("require_auth", Some("PGREQUIREAUTH"), None, 16),
    keyword(
        "min_protocol_version",
        Some("PGMINPROTOCOLVERSION"),
        None,
        18,
    ),
    keyword(
        "max_protocol_version",
        Some("PGMAXPROTOCOLVERSION"),
        None,
        18,
    ),
    keyword(
        "ssl_min_protocol_version",
        Some("PGSSLMINPROTOCOLVERSION"),
        Some("TLSv1.2"),
        0,
    ),
    keyword(
        "ssl_max_protocol_version",
        Some("PGSSLMAXPROTOCOLVERSION"),
        None,
        0,
    ),
    keyword("gssencmode", Some("PGGSSENCMODE"), Some("prefer"), 0),
    keyword("krbsrvname", Some("PGKRBSRVNAME"), Some("postgres"), 0),
    keyword("gsslib", Some("PGGSSLIB"), None, 0),
    keyword("gssdelegation", Some("PGGSSDELEGATION"), Some("0"), 16),
    keyword("replication", None, None, 0),
    keyword(
        "target_session_attrs",
        Some("PGTARGETSESSIONATTRS"),
        Some("any"),
        0,
    ),
    keyword(
        "load_balance_hosts",
        Some("PGLOADBALANCEHOSTS"),
        Some("disable"),
        16,
    ),
    secret("scram_client_key", None, 18),
    secret("scram_server_key", None, 18),
    keyword("oauth_issuer", None, None, 18),
    keyword("oauth_client_id", None, None, 18),
    secret("oauth_client_secret", None, 18),
    keyword("oauth_scope", None, None, 18),
    keyword("sslkeylogfile", None, None, 18),
];

/// Keys of other drivers and tools that may stand in a query or a key/value string.
const FOREIGN_KEYS: &[&str] = &[
    "applicationname",
    "async_fallback",
    "command_timeout",
    "connect_timeout_ms",
    "connection_limit",
    "currentschema",
    "database",
    "endpoint",
    "fetch_types",
    "idle_in_transaction_session_timeout",
    "idle_timeout",
    "jit",
    "keep_alive",
    "lock_timeout",
    "max",
    "max_lifetime",
    "pgbouncer",
    "pool_max_conns",
    "pool_min_conns",
    "pool_mode",
    "pool_recycle",
    "pool_size",
    "max_overflow",
    "pool_pre_ping",
    "pool_timeout",
    "poolclass",
    "prepare",
    "prepare_threshold",
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "prepared_statements",
    "project",
    "query_timeout",
    "requiressl",
    "schema",
    "search_path",
    "server",
    "server_settings",
    "socket_timeout",
    "ssl",
    "sslaccept",
    "sslidentity",
    "sslinline",
    "ssl_mode",
    "statement_cache_size",
    "statement_timeout",
    "supa",
    "target_server_type",
    "timeout",
    "timezone",
    "unix_sock",
    "uselibpqcompat",
    "username",
    "workaround",
];

/// Returns libpq's entry for a keyword.
pub fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

/// Returns whether some driver knows a key, and its value is no secret.
pub(super) fn is_known(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    find(&key).is_some_and(|keyword| !keyword.secret) || FOREIGN_KEYS.contains(&key.as_str())
}

/// Returns whether a key names a secret, or looks like a misspelling of one that does.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    if key.is_empty() || is_known(&key) {
        return false;
    }
    find(&key).is_some()
        || [
            "pas",
            "pw",
            "secret",
            "tok",
            "cred",
            "key",
            "passphrase",
            "wrd",
            "word",
        ]
        .iter()
        .any(|part| key.contains(part))
}

/// Returns whether a key is the name of a secret beyond doubt: `password`, `PGPASSWORD`, `api_key`.
pub(super) fn names_secret(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    let word = key.rsplit(['_', '-', '.']).next().unwrap_or_default();
    find(&key).is_some_and(|keyword| keyword.secret)
        || matches!(
            word.strip_prefix("pg").unwrap_or(word),
            "password" | "passwd" | "pwd"
        )
        || word.len() < key.len() && matches!(word, "pass" | "secret" | "token" | "key")
}

const fn keyword(
    name: &'static str,
    variable: Option<&'static str>,
    default: Option<&'static str>,
    since: u16,
) -> Keyword {
    Keyword {
        name,
        variable,
        default,
        since,
        secret: false,
    }
}

const fn secret(name: &'static str, variable: Option<&'static str>, since: u16) -> Keyword {
    Keyword {
        name,
        variable,
        default: None,
        since,
        secret: true,
    }
}
