//! What a client cannot tell apart.

/// Causes that look the same from the client.
#[derive(Debug)]
pub struct CandidateSet {
    /// The ids, in the order in which they are listed.
    pub ids: &'static [&'static str],
    /// Why they look the same.
    pub because: &'static str,
    /// The one command or log line that decides.
    pub decides: &'static str,
}

/// Every set of causes that a client cannot tell apart by itself.
pub static CANDIDATE_SETS: &[CandidateSet] = &[
    CandidateSet {
        ids: &["db-missing", "db-case"],
        because: "one message covers a missing database and one of another case",
        decides: "SELECT datname FROM pg_database WHERE lower(datname) = lower('NAME');",
    },
    CandidateSet {
        ids: &[
            "role-missing",
            "pw-wrong",
            "pw-none",
            "pw-expired",
            "md5-hash-vs-scram",
        ],
        because: "28P01 hides which of them it was",
        decides: "the server's log, the DETAIL line after 'password authentication failed for user': the role does not exist, has no password, an expired one, or no valid SCRAM secret; no such line means that it is wrong",
    },
    CandidateSet {
        ids: &["tcp-blackhole", "tcp-backlog-full"],
        because: "an unanswered connection attempt says nothing",
        decides: "on the server: ss -ltn 'sport = :5432' (Recv-Q at Send-Q is a full queue)",
    },
    CandidateSet {
        ids: &["tcp-refused", "tcp-refused-firewall"],
        because: "a reset comes from a closed port or from a firewall",
        decides: "on the server: ss -ltn 'sport = :5432' (listening means that a firewall resets)",
    },
    CandidateSet {
        ids: &["tcp-silent", "wrong-redis"],
        because: "the connection was accepted, and then came silence",
        decides: "printf 'PING\\r\\n' | timeout 2 nc HOST PORT (+PONG is Redis; silence is a server that hangs: look at its log and its processes)",
    },
    CandidateSet {
        ids: &["tcp-fin-after-accept", "tls-only-port"],
        because: "the peer closed after the request for TLS",
        decides: "openssl s_client -connect HOST:PORT -alpn postgresql (a certificate means that the port wants TLS at once)",
    },
    CandidateSet {
        ids: &["tls-missing-intermediate", "tls-unknown-ca"],
        because: "the issuer's certificate is neither sent nor trusted here, and would tell which it is",
        decides: "whoever issued the certificate says: an intermediate belongs behind the certificate in ssl_cert_file, a root into sslrootcert",
    },
    CandidateSet {
        ids: &["tls-expired", "tls-not-yet", "clock-skew"],
        because: "the whole chain is out of date, or this machine's clock is wrong",
        decides: "date -u (a right date means that the certificates are out of date)",
    },
    CandidateSet {
        ids: &["mtu-blackhole", "ssl-s-silent"],
        because: "silence followed the client's first TLS message",
        decides: "ping -M do -s 1400 HOST (no answer, while -s 400 has one: large packets are lost)",
    },
    CandidateSet {
        ids: &["ssl-e", "fork-fail"],
        because: "an error came before TLS, and its text is not trustworthy",
        decides: "the server's log: could not fork new process for connection",
    },
    CandidateSet {
        ids: &["pgb-bad-pw", "pgb-no-user", "pgb-server-pw"],
        because: "the pooler gives one answer for its own and the server's refusal",
        decides: "PgBouncer's log: no such user, password mismatch, or server login failed",
    },
    CandidateSet {
        ids: &[
            "pgb-upstream-down",
            "pgb-upstream-nx",
            "pgb-paused",
            "pgb-auth_query",
            "pgb-pool-full",
        ],
        because: "query_wait_timeout says only that no server connection became free",
        decides: "in PgBouncer's console: SHOW POOLS; SHOW DATABASES; SHOW DNS_HOSTS;",
    },
    CandidateSet {
        ids: &["q-drop", "q-fin"],
        because: "the connection was cut in an answer",
        decides: "the server's log at that second: terminated by signal, or nothing at all",
    },
    CandidateSet {
        ids: &["q-silent", "half-open"],
        because: "silence in an answer",
        decides: "ss -tnoi '( dport = :5432 )' (growing retransmits: the other end is gone)",
    },
    CandidateSet {
        ids: &["q-privileges", "q-schema-perm"],
        because: "42501 from aclcheck_error covers schemas and everything in them",
        decides: "as an administrator: \\dn+ and \\dp in psql, for what the message names after 'permission denied for'",
    },
    CandidateSet {
        ids: &[
            "hba-missing",
            "hba-reject",
            "hba-needs-tls",
            "hba-forbids-tls",
            "clientcert-none",
        ],
        because: "28000 from ClientAuthentication covers every refusal of pg_hba.conf",
        decides: "SELECT * FROM pg_hba_file_rules; or the server's log",
    },
    CandidateSet {
        ids: &[
            "starting-up",
            "shutting-down",
            "recovery-mode",
            "hot-standby-off",
        ],
        because: "57P03 says only that the server takes nobody now",
        decides: "the server's log, or the same attempt a minute later",
    },
    CandidateSet {
        ids: &["method-ident", "method-peer", "clientcert-wrong-cn"],
        because: "28000 from auth_failed covers every method that compares names",
        decides: "SELECT auth_method FROM pg_hba_file_rules; or the server's log",
    },
    CandidateSet {
        ids: &["method-ldap", "method-pam", "method-radius"],
        because: "28000 from auth_failed covers every outside service",
        decides: "the server's log: LDAP login failed, pam_authenticate failed, RADIUS response",
    },
];

/// Returns the set that holds an id.
pub fn candidates_with(id: &str) -> Option<&'static CandidateSet> {
    CANDIDATE_SETS.iter().find(|set| set.ids.contains(&id))
}
