//! The keywords of libpq, and since which version each is known.

use super::Version::{self, V15, V16, V17, V18};

/// A keyword of a connection string.
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) since: Version,
}

const fn known(name: &'static str, since: Version) -> Keyword {
    Keyword { name, since }
}

/// Every keyword of `PQconninfoOptions`; V15 stands for 15 and older.
#[rustfmt::skip]
pub(super) static KEYWORDS: &[Keyword] = &[
    known("service", V15), known("user", V15), known("password", V15), known("passfile", V15),
    known("channel_binding", V15), known("connect_timeout", V15), known("dbname", V15),
    known("host", V15), known("hostaddr", V15), known("port", V15), known("client_encoding", V15),
    known("options", V15), known("application_name", V15), known("fallback_application_name", V15),
    known("keepalives", V15), known("keepalives_idle", V15), known("keepalives_interval", V15),
    known("keepalives_count", V15), known("tcp_user_timeout", V15), known("sslmode", V15),
    known("sslcompression", V15), known("sslcert", V15), known("sslkey", V15),
    known("sslpassword", V15), known("sslrootcert", V15), known("sslcrl", V15),
    known("sslcrldir", V15), known("sslsni", V15), known("requirepeer", V15),
    known("ssl_min_protocol_version", V15), known("ssl_max_protocol_version", V15),
    known("gssencmode", V15), known("krbsrvname", V15), known("gsslib", V15),
    known("replication", V15), known("target_session_attrs", V15),
    known("require_auth", V16), known("sslcertmode", V16), known("gssdelegation", V16),
    known("load_balance_hosts", V16),
    known("sslnegotiation", V17),
    known("min_protocol_version", V18), known("max_protocol_version", V18),
    known("scram_client_key", V18), known("scram_server_key", V18), known("oauth_issuer", V18),
    known("oauth_client_id", V18), known("oauth_client_secret", V18), known("oauth_scope", V18),
    known("sslkeylogfile", V18),
];
