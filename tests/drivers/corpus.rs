//! The strings of the suite: every class of behaviour that the drivers are known to differ in.

/// The roles whose password is not `pw`; `root` and `nopassword` need none.
#[rustfmt::skip]
pub(crate) const PASSWORDS: &[(&str, &str)] = &[
    ("at", "p@ss"), ("slash", "p/ss"), ("hash", "p#ss"), ("quest", "p?ss"), ("percent", "p%ss"), ("plus", "a+b"),
    ("space", "p ss"), ("bracket", "p[ss"), ("colon", "p:ss"), ("umlaut", "p\u{e4}"), ("amp", "p&s=1"), ("dollar", "p$1"),
    ("quote", "p'q"), ("back", "p\\q"), ("pct", "A"), ("soft", "p\u{ad}w"), ("ligature", "\u{fb01}x"), ("rocket", "\u{1f680}"), ("zero", "pw\u{200b}"),
];

/// Each of these stands behind `postgresql://app:pw@localhost:5432/appdb?`.
#[rustfmt::skip]
const PARAMETERS: &[&str] = &[
    // What TLS each driver then asks for.
    "sslmode=disable", "sslmode=allow", "sslmode=prefer", "sslmode=require", "sslmode=verify-ca", "sslmode=verify-full",
    "sslmode=no-verify", "sslmode=REQUIRE", "sslmode=Require", "sslmode=required", "sslmode=", "sslmode", "sslmode=on",
    "SSLMODE=require", "ssl_mode=require", "sslMode=require", "sslmode=verify_full", "sslmode=verify_ca",
    "ssl=true", "ssl=True", "ssl=false", "ssl=1", "ssl=0", "ssl=require", "ssl=prefer", "ssl=allow", "ssl=disable", "ssl=no-verify",
    "ssl=verify-ca", "ssl=verify-full", "ssl=", "ssl=bogus", "requiressl=1", "requiressl=0", "requiressl=",
    "sslmode=disable&sslrootcert={ca}", "sslmode=allow&sslrootcert={ca}", "sslmode=prefer&sslrootcert={ca}",
    "sslmode=require&sslrootcert={ca}", "sslmode=verify-ca&sslrootcert={ca}", "sslmode=verify-full&sslrootcert={ca}",
    "sslrootcert={ca}", "ssl=require&sslrootcert={ca}", "ssl=true&sslrootcert={ca}", "sslmode=require&sslrootcert=",
    "sslrootcert=system", "sslmode=require&sslrootcert=system", "sslmode=verify-full&sslrootcert=system",
    "uselibpqcompat=true", "uselibpqcompat=true&sslmode=require", "uselibpqcompat=true&sslmode=prefer",
    "uselibpqcompat=true&sslmode=verify-ca", "uselibpqcompat=true&sslmode=verify-ca&sslrootcert={ca}",
    "uselibpqcompat=true&sslmode=require&sslrootcert={ca}", "uselibpqcompat=true&sslmode=verify-full&sslrootcert={ca}",
    "uselibpqcompat=true&sslmode=disable", "uselibpqcompat=true&sslmode=no-verify", "uselibpqcompat=true&sslmode=allow",
    "ssl=true&sslmode=disable", "sslmode=disable&ssl=true", "ssl=require&sslmode=disable", "sslmode=require&ssl=disable",
    "sslmode=require&sslmode=disable", "sslmode=disable&sslmode=require", "ssl=disable&ssl=require",
    "sslnegotiation=direct", "sslmode=require&sslnegotiation=direct", "sslmode=require&sslnegotiation=postgres",
    "sslmode=require&sslnegotiation=bogus", "sslmode=disable&sslnegotiation=direct", "ssl=require&sslnegotiation=direct",
    "sslmode=prefer&sslnegotiation=direct", "sslmode=verify-full&sslrootcert={ca}&sslnegotiation=direct", "sslnegotiation=",
    "ssl_min_protocol_version=TLSv1.2", "ssl_min_protocol_version=tlsv1.3", "ssl_min_protocol_version=bogus",
    "ssl_min_protocol_version=SSLv3", "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2", "ssl_max_protocol_version=",
    "sslmode=disable&ssl_min_protocol_version=bogus", "sslcompression=0", "sslsni=1", "sslcertmode=disable", "sslcertmode=allow",
    "sslcertmode=bogus", "sslcrl=", "sslaccept=strict", "direct_tls=1", "direct_tls=1&ssl=require",
    "channel_binding=require", "channel_binding=prefer", "channel_binding=disable", "channel_binding=bogus", "channel_binding=",
    "sslmode=require&channel_binding=require", "sslmode=disable&channel_binding=require", "ssl=require&channel_binding=require",
    // Escapes and white space in a parameter.
    "%73slmode=require", "sslmode=%72equire", "sslmode=require%20", "sslmode=require ", "sslmode= require", "sslmode=require\n",
    "sslmode=require\t", "sslmode=disable\n", "sslmode=require#x", "sslmode=require#", "sslmode=req uire", "sslmode=require%00",
    "sslmode=%E4", "sslmode=%zz", "sslmode=require%0A", "sslmode=require&", "&sslmode=require", "sslmode=require&&application_name=a", "=", "a=b=c", "", "&",
    "=x", "sslmode=require;application_name=web",
    // Names and times.
    "application_name=web", "application_name=a+b", "application_name=a%20b", "application_name=a b", "application_name=",
    "application_name=%C3%A4", "application_name=\u{e4}", "application_name=a%2Bb", "application_name=a%26b", "application_name=a'b",
    "application_name=a\\b", "application_name=one&application_name=two", "Application_Name=web", "APPLICATION_NAME=web",
    "ApplicationName=web", "fallback_application_name=fb", "fallback_application_name=fb&application_name=web",
    "application_name=0123456789012345678901234567890123456789012345678901234567890123456789",
    "application_name=\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}",
    "connect_timeout=5", "connect_timeout=2.5", "connect_timeout=abc", "connect_timeout=0", "connect_timeout=-1", "connect_timeout=",
    "connect_timeout=%205", "connect_timeout=5s", "connect_timeout=1e1", "connect_timeout=99999999999", "timeout=5", "timeout=x",
    "connectTimeout=5", "connection_timeout=5", "command_timeout=5", "command_timeout=x", "command_timeout=-1", "query_timeout=5000",
    // Settings of the server.
    "options=-c%20statement_timeout%3D5s", "options=-c+statement_timeout%3D5s", "options=-c statement_timeout=5s",
    "options=--statement_timeout%3D5s", "options=endpoint%3Dep-x", "options=-c%20foo%3D1", "options=-c%20jit", "options=",
    "options=-c%20application_name%3Dfrom-options", "options=-c%20application_name%3Dx&application_name=web", "options=-c%20statement_timeout%3Dabc",
    "options=-c%20search_path%3Da%5C%20b", "options=-x", "options=-c%20jit%3Doff%20-c%20work_mem%3D1MB", "options=-c%20log_statement%3Dall",
    "statement_timeout=5000", "statement_timeout=5000s", "statement_timeout=abc", "statement_timeout=0", "statement_timeout=-1", "statement_timeout=",
    "lock_timeout=10", "lock_timeout=x", "idle_in_transaction_session_timeout=1min", "transaction_timeout=5000", "search_path=public", "search_path=a b",
    "search_path=a%20b", "search_path=%22a b%22", "timezone=UTC", "TimeZone=Europe/Berlin", "timezone=Nowhere", "timezone=FOO5", "datestyle=bogus",
    "DateStyle=ISO", "jit=off", "jit=maybe", "work_mem=1MB", "work_mem=1mb", "work_mem=1", "log_statement=all", "port_=1", "my.setting=1", "my.=1",
    "shared_buffers=1MB", "server_version=9", "default_transaction_read_only=on", "default_transaction_isolation=serializable", "extra_float_digits=3",
    "role=app", "role=none", "role=nosuch", "session_authorization=app", "standard_conforming_strings=on", "bytea_output=hex", "ssl_library=x",
    "client_encoding=utf8", "client_encoding=UTF-8", "client_encoding=latin1", "client_encoding=auto", "client_encoding=bogus", "client_encoding=SQL_ASCII",
    "client_encoding=WIN1252", "replication=database", "replication=true", "replication=false", "replication=bogus", "_pq_.foo=1",
    // Sockets, keepalives, several hosts.
    "keepalives=1", "keepalives=0", "keepalives=x", "keepalives=", "keepalives_idle=30", "keepalives_idle=0", "keepalives_idle=-1", "keepalives_idle=x",
    "keepalives_idle=40000", "keepalives=0&keepalives_idle=x", "keepalives_interval=10", "keepalives_count=5", "keepalives_count=200", "keepalives_retries=5",
    "tcp_user_timeout=1000", "tcp_user_timeout=x", "tcp_keepalive=true", "target_session_attrs=any", "target_session_attrs=read-write",
    "target_session_attrs=primary", "target_session_attrs=standby", "target_session_attrs=prefer-standby", "target_session_attrs=read-only",
    "target_session_attrs=master", "target_session_attrs=", "load_balance_hosts=disable", "load_balance_hosts=random", "load_balance_hosts=bogus",
    "hostaddr=127.0.0.1", "hostaddr=x", "hostaddr=127.0.0.1,127.0.0.2", "hostaddr=::1", "hostaddr=",
    "host=other.example.com", "host=/tmp", "host=", "host=h3:5444", "host=h3,h4", "host=h3:5444&host=h4:5445", "host=h3&host=h4", "host=::1", "host=[::1]",
    "host=h3:x", "host=h3,h4&port=1,2", "host=h3,h4&port=1,2,3", "host=h3:5444&port=5445", "host=%2Ftmp", "host=@abstract", "port=5555", "port=abc",
    "port=0", "port=70000", "port=5555,5556", "port=%205555", "port=+5555", "port=", "port=1&port=2",
    "user=nopassword", "user=", "user=a&user=b", "password=pw", "password=x", "password=", "dbname=other", "database=other", "dbname=a&database=b", "db=other",
    // Logging in.
    "require_auth=scram-sha-256", "require_auth=password", "require_auth=!password", "require_auth=none", "require_auth=!none", "require_auth=bogus", "require_auth=",
    "require_auth=scram-sha-256,md5", "require_auth=scram-sha-256,!md5", "require_auth=!md5,password", "require_auth=md5,md5", "require_auth=oauth",
    "gssencmode=disable", "gssencmode=prefer", "gssencmode=bogus", "krbsrvname=postgres", "gsslib=gssapi", "gsslib=sspi", "gsslib=x", "gssdelegation=1",
    "passfile=/nonexistent", "service=nosuch", "service=", "requirepeer=x", "min_protocol_version=3.0", "min_protocol_version=3.2",
    "max_protocol_version=3.2", "max_protocol_version=latest", "max_protocol_version=bogus", "min_protocol_version=3.2&max_protocol_version=3.0",
    "scram_client_key=x", "scram_client_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D", "oauth_issuer=x", "oauth_client_id=x", "sslkeylogfile=",
    // Parameters of other tools, and of one driver alone.
    "pgbouncer=true", "connection_limit=5", "pool_timeout=10", "schema=public", "currentSchema=public", "pool_size=5", "foo=bar", "foo=", "foo",
    "foo bar=1", "prepare_threshold=0", "prepareThreshold=0", "statement_cache_size=0", "prepared_statement_cache_size=0", "prepared_statement_cache_size=x",
    "prepared_statement_name_func=x", "async_fallback=true", "autocommit=true", "row_factory=x", "cursor_factory=x", "connection_factory=x", "connection_class=x",
    "record_class=x", "loop=x", "max_cached_statement_lifetime=0", "server_settings=x", "servicefile=/nonexistent", "dsn=x", "plugin=x",
    "unix_sock=/tmp/.s.PGSQL.5432", "source_address=127.0.0.1", "ssl_context=x", "ssl_context=true", "startup_params=x", "prepare=false", "max=5", "max=0",
    "idle_timeout=20", "max_lifetime=60", "keep_alive=30", "backoff=1", "debug=true", "debug=false", "fetch_types=false", "publications=x", "encoding=utf8", "binary=true",
    // What strings of strangers brought up.
    "gssencmode=require", "gssencmode=Disable", "application_name=%FF", "application_name=%C3%28", "application_name=%ED%A0%80",
    "fallback_application_name=fb&application_name=", "fallback_application_name=", "application_name=100%25", "application_name=[a]",
    "application_name=%20", "sslmode=require&ssl_max_protocol_version=TLSv1.1", "ssl_max_protocol_version=TLSv1.1",
    "require_auth=!md5,!password", "require_auth=,scram-sha-256",
    "require_auth=gss", "connect_timeout=010", "connect_timeout=%2B5", "connect_timeout=0x5", "connect_timeout=1e400",
    "connect_timeout=nan", "connect_timeout=2147483648", "options=-csearch_path%3Dpublic", "options=%20", "options=-c", "options=-fn",
    "options=-S%20100", "statement_timeout=5%20min", "search_path=a,", "search_path=$user,public", "timezone=%2B3", "timezone=EST5EDT",
    "work_mem=64kb", "jit=of", "jit=o", "client_min_messages=loud", "database=", "conninfo=x", "cls=x", "password=a&password=pw",
    "ssl=require&ssl=prefer", "ssl=%7B%22rejectUnauthorized%22%3Afalse%7D", "command_timeout=60.5", "tcp_keepalive=",
];

/// Strings that are odd as a whole.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    // Schemes.
    "postgresql://app:pw@localhost:5432/appdb", "postgres://app:pw@localhost:5432/appdb", "postgresql+psycopg2://app:pw@localhost:5432/appdb",
    "postgresql+psycopg://app:pw@localhost:5432/appdb", "postgresql+asyncpg://app:pw@localhost:5432/appdb", "postgresql+pg8000://app:pw@localhost:5432/appdb",
    "postgresql+psycopg2cffi://app:pw@localhost/appdb", "postgresql+foo://app:pw@localhost/appdb", "postgresql+a+b://app:pw@localhost/appdb",
    "POSTGRES://app:pw@localhost:5432/appdb", "POSTGRESQL://app:pw@localhost:5432/appdb", "Postgresql://app:pw@localhost:5432/appdb",
    "mysql://app:pw@localhost:5432/appdb", "http://app:pw@localhost:5432/appdb", "https://app:pw@localhost/appdb", "tcp://app:pw@localhost:5432/appdb",
    "pgsql://app:pw@localhost:5432/appdb", "foo_bar://app:pw@localhost:5432/appdb", "jdbc:postgresql://localhost:5432/appdb?user=app&password=pw",
    "postgresql:app:pw@localhost/appdb", "postgresql:/app:pw@localhost/appdb", "postgresql//app:pw@localhost/appdb", "postgresql:///appdb",
    "postgres+psycopg2://app:pw@localhost/appdb", "sqlite:///x.db", "oracle://app:pw@localhost/appdb", "prisma+postgres://app:pw@localhost/appdb",
    "postgresql+psycopg_async://app:pw@localhost/appdb", "socket:/tmp?db=appdb", "socket://app:pw@/tmp?db=appdb",
    // What people paste.
    "", " ", "null", "appdb", "undefined", "/tmp", "/tmp appdb", "${DATABASE_URL}", "\"postgresql://app:pw@localhost:5432/appdb\"",
    "'postgresql://app:pw@localhost:5432/appdb'", "DATABASE_URL=postgresql://app:pw@localhost:5432/appdb", "psql 'postgresql://app:pw@localhost:5432/appdb'",
    " postgresql://app:pw@localhost:5432/appdb", "\tpostgresql://app:pw@localhost:5432/appdb", "\npostgresql://app:pw@localhost:5432/appdb",
    "postgresql://app:pw@localhost:5432/appdb ", "postgresql://app:pw@localhost:5432/appdb\n", "postgresql://app:pw@localhost:5432/appdb\r\n",
    "postgresql://app:pw@localhost:5432/appdb\t", "\u{feff}postgresql://app:pw@localhost:5432/appdb", "postgresql://app:pw@localhost:5432/appdb\u{200b}",
    "postgresql://postgresql://app:pw@localhost:5432/appdb", "<postgresql://app:pw@localhost:5432/appdb>", "app:pw@localhost:5432/appdb", "localhost:5432/appdb",
    "postgresql://app:[YOUR-PASSWORD]@localhost:5432/appdb", "postgresql://app:$PASSWORD@localhost:5432/appdb", "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
    // Keyword/value strings.
    "host=localhost user=app password=pw dbname=appdb", "host=localhost port=5433 user=app password=pw dbname=appdb sslmode=require",
    "host=localhost user=app password='pw' dbname=appdb", "host=localhost user=app password='p w", "host=localhost user=app dbname='app db' password=pw",
    "host = localhost user = app password = pw dbname = appdb", "host=localhost user=space password=p\\ ss dbname=appdb", "host=localhost;user=app;password=pw",
    "host=localhost user=quote password='p\\'q' dbname=appdb", "host=localhost user=app password=pw dbname=appdb foo=bar", "user=app password=pw",
    "host=localhost user=app password= dbname=appdb", "HOST=localhost user=app", "host=h1,h2 port=1,2 user=app password=pw", "hostaddr=127.0.0.1 user=app password=pw dbname=appdb",
    "host=localhost user=app password=pw ssl=true", "host=localhost user=app password=pw requiressl=1", "host=localhost\tuser=app\npassword=pw", "host=", "=x", "a",
    "host=localhost user=app password=pw options='-c statement_timeout=5s'", "host=localhost user=app password=pw connect_timeout=2.5",
    // Passwords and users.
    "postgresql://at:p@ss@localhost:5432/appdb", "postgresql://at:p%40ss@localhost:5432/appdb", "postgresql://slash:p/ss@localhost:5432/appdb",
    "postgresql://slash:p%2Fss@localhost:5432/appdb", "postgresql://hash:p#ss@localhost:5432/appdb", "postgresql://hash:p%23ss@localhost:5432/appdb",
    "postgresql://quest:p?ss@localhost:5432/appdb", "postgresql://quest:p%3Fss@localhost:5432/appdb", "postgresql://percent:p%ss@localhost:5432/appdb",
    "postgresql://percent:p%25ss@localhost:5432/appdb", "postgresql://plus:a+b@localhost:5432/appdb", "postgresql://plus:a%2Bb@localhost:5432/appdb",
    "postgresql://space:p ss@localhost:5432/appdb", "postgresql://space:p%20ss@localhost:5432/appdb", "postgresql://space:p+ss@localhost:5432/appdb",
    "postgresql://bracket:p[ss@localhost:5432/appdb", "postgresql://bracket:p%5Bss@localhost:5432/appdb", "postgresql://colon:p:ss@localhost:5432/appdb",
    "postgresql://colon:p%3Ass@localhost:5432/appdb", "postgresql://umlaut:p\u{e4}@localhost:5432/appdb", "postgresql://umlaut:p%C3%A4@localhost:5432/appdb",
    "postgresql://latin:p%E4@localhost:5432/appdb", "postgresql://amp:p&s=1@localhost:5432/appdb", "postgresql://dollar:p$1@localhost:5432/appdb",
    "postgresql://quote:p'q@localhost:5432/appdb", "postgresql://back:p\\q@localhost:5432/appdb", "postgresql://pct:%41@localhost:5432/appdb",
    "postgresql://app:pw%00@localhost:5432/appdb", "postgresql://app:p%2577@localhost:5432/appdb", "postgresql://app:p%@localhost:5432/appdb",
    "postgresql://app:p%4@localhost:5432/appdb", "postgresql://a%20b:pw@localhost:5432/appdb", "postgresql://a b:pw@localhost:5432/appdb",
    "postgresql://a+b:pw@localhost:5432/appdb", "postgresql://a@b:pw@localhost:5432/appdb", "postgresql://a%40b:pw@localhost:5432/appdb",
    "postgresql://a%3Ab:pw@localhost:5432/appdb", "postgresql://\u{e4}:pw@localhost:5432/appdb", "postgresql://A:pw@localhost:5432/appdb", "postgresql://app:@localhost:5432/appdb",
    "postgresql://nopassword@localhost:5432/appdb", "postgresql://nopassword:@localhost:5432/appdb", "postgresql://:pw@localhost:5432/appdb", "postgresql://@localhost:5432/appdb",
    "postgresql://localhost:5432/appdb", "postgresql://localhost/appdb?user=app&password=pw", "postgresql:///appdb?user=app&password=pw",
    "postgresql://localhost:5432/appdb?application_name=a@b", "postgresql://app:pw@localhost:5432@db.example.com/appdb",
    // Hosts and ports.
    "postgresql://app:pw@localhost/appdb", "postgresql://app:pw@localhost:/appdb", "postgresql://app:pw@/appdb", "postgresql://app:pw@", "postgresql://app:pw@:5432/appdb",
    "postgresql://app:pw@localhost:0/appdb", "postgresql://app:pw@localhost:65535/appdb", "postgresql://app:pw@localhost:65536/appdb", "postgresql://app:pw@localhost:99999/appdb",
    "postgresql://app:pw@localhost:05432/appdb", "postgresql://app:pw@localhost:+5432/appdb", "postgresql://app:pw@localhost: 5432/appdb", "postgresql://app:pw@localhost:5432 /appdb",
    "postgresql://app:pw@localhost:-1/appdb", "postgresql://app:pw@localhost:abc/appdb", "postgresql://app:pw@localhost:5432x/appdb", "postgresql://app:pw@localhost:5_432/appdb",
    "postgresql://app:pw@localhost:\u{ff15}\u{ff14}\u{ff13}\u{ff12}/appdb", "postgresql://app:pw@localhost:5432.0/appdb", "postgresql://app:pw@localhost:%35432/appdb",
    "postgresql://app:pw@[::1]/appdb", "postgresql://app:pw@[::1]:5433/appdb", "postgresql://app:pw@::1/appdb", "postgresql://app:pw@[::1/appdb", "postgresql://app:pw@::1]/appdb",
    "postgresql://app:pw@[]/appdb", "postgresql://app:pw@[::1]x/appdb", "postgresql://app:pw@[::1]:/appdb", "postgresql://app:pw@[127.0.0.1]/appdb", "postgresql://app:pw@[localhost]/appdb",
    "postgresql://app:pw@[2001:db8::1]:5432/appdb", "postgresql://app:pw@[fe80::1%25lo]/appdb", "postgresql://app:pw@127.0.0.1:5432/appdb", "postgresql://app:pw@127.1/appdb",
    "postgresql://app:pw@0x7f.1/appdb", "postgresql://app:pw@2130706433/appdb", "postgresql://app:pw@LOCALHOST/appdb", "postgresql://app:pw@DB.Example.COM/appdb",
    "postgresql://app:pw@db.example.com./appdb", "postgresql://app:pw@db%2Eexample.com/appdb", "postgresql://app:pw@db_x/appdb", "postgresql://app:pw@b\u{fc}cher.example/appdb",
    "postgresql://app:pw@local host/appdb", "postgresql://app:pw@localhost%20/appdb", "postgresql://app:pw@h1:1,h2:2/appdb", "postgresql://app:pw@h1,h2/appdb",
    "postgresql://app:pw@h1,h2:5433/appdb", "postgresql://app:pw@h1:5433,h2/appdb", "postgresql://app:pw@h1,,h2/appdb", "postgresql://app:pw@,/appdb", "postgresql://app:pw@h1,/appdb",
    "postgresql://app:pw@h1,h2,h3:1,2/appdb", "postgresql://app:pw@[::1]:1,[::1]:2/appdb", "postgresql://app:pw@no such,localhost/appdb", "postgresql://app:pw@%20x,localhost/appdb",
    "postgresql://app:pw@%2Ftmp/appdb", "postgresql://app:pw@%2Ftmp:5433/appdb", "postgresql://app:pw@%2ftmp/appdb", "postgresql:///appdb?host=/tmp&user=app&password=pw",
    "postgresql://app:pw@/appdb?host=/tmp", "postgresql://app:pw@/appdb?host=/tmp&port=5433", "postgresql://app:pw@/appdb?host=/tmp&sslmode=require",
    "postgresql://app:pw@/appdb?host=/tmp&sslmode=verify-full&sslrootcert={ca}", "postgresql://app:pw@/appdb?host=/tmp&channel_binding=require",
    "postgresql://app:pw@/tmp/appdb", "postgresql://app:pw@%2Ftmp,localhost/appdb", "postgresql://app:pw@/appdb?host=@x", "postgresql://app:pw@/appdb?host=h3:5444&host=h4:5445",
    "postgresql://app:pw@/appdb?host=h3,h4&port=1,2", "postgresql://app:pw@/appdb?host=h3&port=5444", "postgresql://app:pw@localhost:5432?sslmode=require", "postgresql://app:pw@localhost?",
    "postgresql://app:pw@a:b:c/appdb", "postgresql://app:pw@-x/appdb", "postgresql://app:pw@*/appdb", "postgresql://app:pw@h$1,h2/appdb", "postgresql://app:pw@db.example.com:6543/appdb?sslmode=verify-full&sslrootcert={ca}",
    "postgresql://app:pw@127.0.0.1/appdb?sslmode=verify-full&sslrootcert={ca}", "postgresql://app:pw@other.example.com/appdb?sslmode=verify-full&sslrootcert={ca}",
    "postgresql://app:pw@LOCALHOST/appdb?sslmode=verify-full&sslrootcert={ca}", "postgresql://app:pw@[::1]/appdb?sslmode=verify-ca&sslrootcert={ca}",
    "postgresql://app:pw@%2Ftmp/appdb?host=/var/run/postgresql", "postgresql://app:pw@h1,h2/appdb?sslmode=require", "postgresql://app:pw@h1,h2/appdb?target_session_attrs=read-write",
    // Databases.
    "postgresql://app:pw@localhost:5432", "postgresql://app:pw@localhost:5432/", "postgresql://app:pw@localhost:5432//appdb", "postgresql://app:pw@localhost:5432/appdb/",
    "postgresql://app:pw@localhost:5432/appdb/extra", "postgresql://app:pw@localhost:5432/app%20db", "postgresql://app:pw@localhost:5432/app db", "postgresql://app:pw@localhost:5432/app+db",
    "postgresql://app:pw@localhost:5432/app%2Bdb", "postgresql://app:pw@localhost:5432/app%2Fdb", "postgresql://app:pw@localhost:5432/app%3Fdb", "postgresql://app:pw@localhost:5432/app%23db",
    "postgresql://app:pw@localhost:5432/app%ZZdb", "postgresql://app:pw@localhost:5432/app%", "postgresql://app:pw@localhost:5432/app%E4db", "postgresql://app:pw@localhost:5432/%C3%A4pp",
    "postgresql://app:pw@localhost:5432/\u{e4}pp", "postgresql://app:pw@localhost:5432/APPDB", "postgresql://app:pw@localhost:5432/appdb#frag", "postgresql://app:pw@localhost:5432/appdb#",
    "postgresql://app:pw@localhost:5432/appdb#?sslmode=require", "postgresql://app:pw@localhost:5432/appdb?#sslmode=require", "postgresql://app:pw@localhost:5432/appdb&sslmode=disable",
    "postgresql://app:pw@localhost:5432/appdb;sslmode=disable", "postgresql://app:pw@localhost:5432/app:db", "postgresql://app:pw@localhost:5432/app@db", "postgresql://app:pw@localhost:5432/app'db",
    "postgresql://app:pw@localhost:5432/app\"db", "postgresql://app:pw@localhost:5432/app\\db", "postgresql://app:pw@localhost:5432/a.b", "postgresql://app:pw@localhost:5432/..", "postgresql://app:pw@localhost:5432/a/../b",
    "postgresql://app:pw@localhost:5432/app%00db", "postgresql://app:pw@localhost:5432/?dbname=appdb", "postgresql://app:pw@localhost:5432/app[db]", "postgresql://app:pw@localhost:5432/app{db}",
    "postgresql://app:pw@localhost:5432/appdb?sslmode=require?application_name=x", "postgresql://app:pw@localhost:5432/app%252Fdb", "postgresql://app:pw@localhost:5432/app%41",
    // What strings of strangers brought up.
    "postgresql://app:pw@h1:0,h2:5433/appdb", "postgresql://app:pw@h1:65536,h2/appdb", "postgresql://app:pw@h1:abc,h2:5433/appdb",
    "postgresql://app:pw@h1,h2:abc/appdb", "postgresql://app:pw@h1:0,h2:0/appdb", "postgresql://app:pw@h1,[::1]:5433/appdb",
    "postgresql://app:pw@[::1],h2/appdb", "postgresql://app:pw@localhost:54321234567890/appdb",
    "postgresql://app:pw@localhost:70968/appdb", "postgresql://app:pw@db..example.com/appdb", "postgresql://app:pw@.example.com/appdb",
    "postgresql://app:pw@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/appdb",
    "postgresql+pygresql://app:pw@localhost/appdb", "postgresql+pypostgresql://app:pw@localhost/appdb",
    "postgresql+asyncpg://app:pw@h1:5433,h2:5434/appdb", "postgresql://app:pw@/appdb?host=/cloudsql/proj:region:inst",
    "postgresql://app:p^w@localhost/appdb", "postgresql://app:p`w@localhost/appdb",
    "postgresql://soft:p%C2%ADw@localhost/appdb", "postgresql://ligature:%EF%AC%81x@localhost/appdb", "postgresql://ligature:fix@localhost/appdb",
    "postgresql://rocket:%F0%9F%9A%80@localhost/appdb", "postgresql://zero:pw%E2%80%8B@localhost/appdb", "postgresql://app%0A:pw@localhost/appdb",
    "postgresql://app:pw@1.1/appdb", "postgresql://app:pw@123/appdb", "postgresql://app:pw@127.0.0.1./appdb?sslmode=require", "postgresql://app:pw@[::1%25lo]/appdb",
    "postgresql://app:pw@\u{ff44}b.example/appdb", "postgresql://app:pw@local\u{ad}host/appdb", "postgresql://app:pw@localhost,%2Ftmp/appdb",
    "postgresql://app:pw@localhost:%00/appdb", "postgresql://app:pw@%2Ftmp/appdb?sslmode=require&sslnegotiation=direct", "postgresql://app:pw@h1:5432,h2:0/appdb",
    "postgresql://app:pw@localhost/dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
    "postgresql://app:pw@localhost:5432/template0", "postgresql://app:pw@localhost:99999999999999999999/appdb",
    "postgresql://app:pw@localhost:5432/appdb?sslcertmode=require&sslmode=require",
    "postgresql://app:pw@localhost:5432/appdb?options=endpoint%3Dep-x%20-c%20x%3Dy", "postgresql://app:pw@localhost:5432/appdb?options=-c%20client_encoding%3Dmule_internal",
    "postgresql://app:pw@localhost:5432/appdb?options=-c%20client_encoding%3Dsql_ascii", "postgresql://app:pw@localhost:5432/appdb?options=foo%20-c%20jit%3Doff%20--%20bar",
];

/// Returns every string of the suite.
pub(crate) fn strings() -> Vec<String> {
    let base = "postgresql://app:pw@localhost:5432/appdb?";
    WHOLE
        .iter()
        .map(|text| (*text).to_owned())
        .chain(
            PARAMETERS
                .iter()
                .map(|parameters| format!("{base}{parameters}")),
        )
        .collect()
}
