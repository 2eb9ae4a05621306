//! Random strings: combinations of pieces, the same for the same seed.

/// A small generator (`SplitMix64`), so that a seed means the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, pieces: &[&'a str]) -> &'a str {
        pieces[self.below(pieces.len())]
    }

    /// Picks the first piece in most cases, so that most strings are nearly ordinary.
    fn mostly<'a>(&mut self, pieces: &[&'a str]) -> &'a str {
        if self.below(3) > 0 {
            pieces[0]
        } else {
            self.pick(pieces)
        }
    }
}

#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "postgresql://", "postgres://", "postgresql+psycopg2://", "postgresql+psycopg://", "postgresql+asyncpg://",
    "postgresql+pg8000://", "POSTGRES://", "Postgresql://", "mysql://", "http://", "postgresql+foo://", "pgsql://",
    "", " postgresql://", "postgresql:/", "jdbc:postgresql://", "\"postgresql://", "DATABASE_URL=postgresql://",
];

#[rustfmt::skip]
const CREDENTIALS: &[&str] = &[
    "app:pw@", "nopassword@", "", "app:pw%40@", "at:p%40ss@", "at:p@ss@", "slash:p/ss@", "slash:p%2Fss@", "hash:p#ss@",
    "hash:p%23ss@", "quest:p?ss@", "quest:p%3Fss@", "percent:p%ss@", "percent:p%25ss@", "plus:a+b@", "plus:a%2Bb@",
    "space:p ss@", "space:p%20ss@", "bracket:p[ss@", "bracket:p%5Bss@", "colon:p:ss@", "colon:p%3Ass@", "umlaut:pä@",
    "umlaut:p%C3%A4@", "a%20b:pw@", "a+b:pw@", "a@b:pw@", "a%40b:pw@", "latin:p%E4@", "app:@", ":pw@", "@", "ä:pw@",
    "amp:p&s=1@", "dollar:p$1@", "quote:p'q@", "back:p\\q@", "pct:%41@", "app:pw%@", "app:pw%4@", "nul:p%00@",
];

#[rustfmt::skip]
const HOSTS: &[&str] = &[
    "localhost:5432", "localhost", "db.example.com:6543", "127.0.0.1", "127.0.0.1:5432", "[::1]", "[::1]:5433", "::1", "LOCALHOST",
    "", "localhost:", ":5432", "localhost:0", "localhost:65536", "localhost:05432", "localhost:+5432", "localhost: 5432",
    "localhost:5432x", "localhost:-1", "h1:1,h2:2", "h1,h2", "h1,h2:5433", "h1:5433,h2", ",", "h1,", "%2Ftmp", "%2Ftmp:5433", "/tmp",
    "db%2Eexample.com", "db_x", "b\u{fc}cher.example", "[::1", "[]", "[fe80::1%25lo]", "localhost:５４３２", "localhost%20", "host name",
    "DB.example.com", "0x7f.1", "127.1", "h1:1:2", "[127.0.0.1]",
];

#[rustfmt::skip]
const DATABASES: &[&str] = &[
    "/appdb", "", "/", "//appdb", "/appdb/", "/appdb/extra", "/app%20db", "/app%2Fdb", "/app db", "/app+db", "/app%2Bdb",
    "/appdb%20", "/appdb ", "/appdb\n", "/appdb#x", "/appdb%23x", "/app%ZZdb", "/äpp", "/%C3%A4pp", "/app;db", "/APPDB",
    "/app&sslmode=disable", "/app:db", "/app@db", "/app%3Fdb", "/app%db", "/app%E4db", "/app\tdb", "/app\"db", "/app'db", "/a.b",
];

#[rustfmt::skip]
const PARAMETERS: &[&str] = &[
    "sslmode=require", "sslmode=disable", "sslmode=allow", "sslmode=prefer", "sslmode=verify-ca", "sslmode=verify-full",
    "sslmode=no-verify", "sslmode=REQUIRE", "sslmode=", "sslmode=require ", "sslmode=bogus", "SSLMODE=require", "ssl_mode=require",
    "sslMode=require", "sslmode=verify_full", "sslmode", "ssl=true", "ssl=false", "ssl=1", "ssl=0", "ssl=require", "ssl=prefer",
    "ssl=allow", "ssl=disable", "ssl=no-verify", "ssl=verify-full", "ssl=", "ssl=verify-ca", "requiressl=1", "requiressl=0",
    "sslrootcert={ca}", "sslrootcert=system", "sslrootcert=", "sslnegotiation=direct", "sslnegotiation=postgres",
    "sslnegotiation=bogus", "channel_binding=require", "channel_binding=prefer", "channel_binding=disable",
    "channel_binding=bogus", "uselibpqcompat=true", "uselibpqcompat=1", "connect_timeout=5", "connect_timeout=2.5",
    "connect_timeout=abc", "connect_timeout=0", "connect_timeout=-1", "connect_timeout=", "connect_timeout= 5", "timeout=5",
    "application_name=web", "application_name=a+b", "application_name=a%20b", "application_name=", "application_name=%C3%A4",
    "application_name=a&application_name=b", "Application_Name=web", "fallback_application_name=fb", "application_name=a b",
    "application_name=0123456789012345678901234567890123456789012345678901234567890123456789", "ApplicationName=web",
    "options=-c%20statement_timeout%3D5s", "options=-c+statement_timeout%3D5s", "options=-c statement_timeout=5s",
    "options=--statement_timeout%3D5s", "options=endpoint%3Dep-x", "options=-c%20foo%3D1", "options=", "options=-c%20application_name%3Do",
    "statement_timeout=5000", "statement_timeout=5000s", "statement_timeout=abc", "statement_timeout=0", "lock_timeout=10000", "search_path=public",
    "search_path=a b", "timezone=UTC", "TimeZone=Europe/Berlin", "timezone=Nowhere", "default_transaction_read_only=on", "jit=off",
    "idle_in_transaction_session_timeout=1min", "work_mem=1MB", "work_mem=1", "log_statement=all", "my.setting=1",
    "pgbouncer=true", "connection_limit=5", "pool_timeout=10", "schema=public", "sslaccept=strict", "pool_size=5", "foo=bar", "foo=",
    "foo", "prepare_threshold=0", "statement_cache_size=0", "prepared_statement_cache_size=0", "prepared_statement_cache_size=x",
    "command_timeout=5", "command_timeout=x", "async_fallback=true", "prepare=false", "max=5", "idle_timeout=20", "max_lifetime=60",
    "keep_alive=30", "keepalives=1", "keepalives=0", "keepalives=x", "keepalives_idle=30", "keepalives_idle=0", "keepalives_idle=x",
    "keepalives_interval=10", "keepalives_count=5", "keepalives_retries=5", "tcp_user_timeout=1000", "tcp_user_timeout=x",
    "client_encoding=utf8", "client_encoding=latin1", "client_encoding=auto", "client_encoding=bogus", "gssencmode=disable",
    "gssencmode=bogus", "krbsrvname=postgres", "gsslib=gssapi", "gsslib=x", "target_session_attrs=any", "target_session_attrs=read-write",
    "target_session_attrs=primary", "target_session_attrs=standby", "target_session_attrs=prefer-standby", "target_session_attrs=master",
    "target_session_attrs=read-only", "load_balance_hosts=disable", "load_balance_hosts=bogus", "require_auth=scram-sha-256",
    "require_auth=password", "require_auth=!password", "require_auth=bogus", "require_auth=scram-sha-256,!md5", "host=other.example.com",
    "host=/tmp", "host=", "host=h3:5444", "host=h3:5444&host=h4:5445", "host=h3,h4", "host=::1", "host=[::1]", "hostaddr=127.0.0.1", "hostaddr=x", "port=5555",
    "port=abc", "port=0", "port=5555,5556", "user=app", "user=nopassword", "password=pw", "dbname=other", "database=other", "passfile=/nonexistent",
    "service=nosuch", "replication=database", "replication=false", "min_protocol_version=3.0", "max_protocol_version=3.2",
    "max_protocol_version=bogus", "ssl_min_protocol_version=TLSv1.2", "ssl_min_protocol_version=tlsv1.3", "ssl_min_protocol_version=bogus",
    "ssl_max_protocol_version=TLSv1.2", "sslcompression=0", "sslsni=1", "sslcertmode=disable", "sslcertmode=bogus", "requirepeer=x",
    "unix_sock=/tmp/.s.PGSQL.5432", "tcp_keepalive=true", "plugin=x", "server_settings=x", "direct_tls=1", "", "=", "a=b=c", "%73slmode=require",
    "sslmode=%72equire", "sslmode=require%20", "sslmode=require#x", "sslmode=require\n", "options=project%3Dx", "fetch_types=false", "debug=true",
    "role=app", "role=nosuch", "DateStyle=ISO", "datestyle=bogus", "extra_float_digits=3", "sslcrl=", "gssdelegation=1", "scram_client_key=x",
];

/// Returns so many strings of a seed.
pub(crate) fn strings(seed: u64, count: u64) -> Vec<String> {
    let mut random = Random(seed);
    (0..count).map(|_| one(&mut random)).collect()
}

fn one(random: &mut Random) -> String {
    if random.below(15) == 0 {
        return key_value(random);
    }
    let mut text = format!(
        "{}{}{}{}",
        random.mostly(SCHEMES),
        random.mostly(CREDENTIALS),
        random.mostly(HOSTS),
        random.mostly(DATABASES)
    );
    let count = [0, 1, 1, 1, 2, 2, 3, 4][random.below(8)];
    for index in 0..count {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(random.pick(PARAMETERS));
    }
    match random.below(25) {
        0 => text.push('\n'),
        1 => text.push(' '),
        2 => text.push('#'),
        3 => text.push_str("#frag"),
        4 => text.push('&'),
        5 => text.push('?'),
        _ => {}
    }
    text
}

fn key_value(random: &mut Random) -> String {
    let mut text = random
        .pick(&[
            "host=localhost user=app password=pw dbname=appdb",
            "host=localhost port=5433 user=app password='pw' dbname=appdb",
            "user=app password=pw host=/tmp dbname=appdb",
            "host = localhost user = app password = pw",
            "host=localhost user=app password=pw dbname='app db'",
            "host=localhost user=app password=pw dbname=app\\ db",
            "hostaddr=127.0.0.1 user=app password=pw",
            "host=h1,h2 port=1,2 user=app password=pw",
            "user=app password=pw",
            "host=localhost;user=app;password=pw",
        ])
        .to_owned();
    for _ in 0..random.below(3) {
        text.push(' ');
        text.push_str(random.pick(PARAMETERS));
    }
    text
}
