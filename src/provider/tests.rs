//! Real-looking hosts, look-alikes, and what each provider must say.
#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use super::{
    Answer, Certainty, Limits, PROVIDERS, PoolMode, Ports, detect, find, is_local_or_private,
};

/// `host:port` (or a host alone) as provider, `direct`/`pooled`/`?`, and `internal` or nothing.
fn check(address: &str, expected: &str) {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.parse().ok()),
        _ => (address, None),
    };
    let seen = detect(host, port).map_or_else(
        || "none".to_owned(),
        |found| {
            let pooled = match found.pooled {
                Some(true) => "pooled",
                Some(false) => "direct",
                None => "?",
            };
            let internal = if found.internal { " internal" } else { "" };
            format!("{} {pooled}{internal}", found.provider.id)
        },
    );
    assert_eq!(seen, expected, "{address}");
}

const HOSTS: &[(&str, &str)] = &[
    (
        "ep-cool-darkness-a1b2c3d4.us-east-2.aws.neon.tech",
        "neon direct",
    ),
    (
        "ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech:5432",
        "neon pooled",
    ),
    (
        "EP-Cool-Darkness-a1b2c3d4-POOLER.c-2.eu-central-1.aws.neon.tech.",
        "neon pooled",
    ),
    ("ep-old-night-123456.eastus2.azure.neon.tech", "neon direct"),
    ("pg.neon.tech", "neon ?"),
    ("dpg-cabcdefghij0123456789-a", "render ? internal"),
    (
        "dpg-cabcdefghij012345678-a.oregon-postgres.render.com",
        "render ?",
    ),
    ("db.abcdefghijklmnopqrst.supabase.co", "supabase direct"),
    (
        "db.abcdefghijklmnopqrst.supabase.co:6543",
        "supabase pooled",
    ),
    (
        "aws-0-eu-central-1.pooler.supabase.com:6543",
        "supabase pooled",
    ),
    (
        "aws-1-us-east-1.pooler.supabase.com:5432",
        "supabase pooled",
    ),
    ("ec2-54-12-34-56.compute-1.amazonaws.com", "heroku ?"),
    (
        "ec2-54-12-34-56.eu-west-1.compute.amazonaws.com",
        "heroku ?",
    ),
    (
        "mydb.c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
        "rds direct",
    ),
    (
        "mydb.c1a2b3c4d5e6.cn-north-1.rds.amazonaws.com.cn",
        "rds direct",
    ),
    (
        "mydb.cluster-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
        "aurora direct",
    ),
    (
        "mydb.cluster-ro-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
        "aurora direct",
    ),
    (
        "mydb.cluster-custom-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
        "aurora direct",
    ),
    (
        "myproxy.proxy-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
        "rds-proxy pooled",
    ),
    (
        "/cloudsql/my-project:europe-west1:main",
        "cloud-sql direct internal",
    ),
    (
        "/cloudsql/my-project:europe-west1:main/.s.PGSQL.5432",
        "cloud-sql direct internal",
    ),
    ("myserver.postgres.database.azure.com:5432", "azure direct"),
    ("myserver.postgres.database.azure.com:6432", "azure pooled"),
    (
        "myserver.postgres.database.usgovcloudapi.net",
        "azure direct",
    ),
    (
        "db-postgresql-nyc1-12345-do-user-123456-0.b.db.ondigitalocean.com:25060",
        "digitalocean direct",
    ),
    (
        "private-db-postgresql-nyc1-12345-do-user-123456-0.db.ondigitalocean.com:25061",
        "digitalocean pooled internal",
    ),
    ("pgbouncer.abc123def.flympg.net", "fly pooled internal"),
    ("direct.abc123def.flympg.net", "fly direct internal"),
    ("my-db.flycast", "fly direct internal"),
    ("postgres.railway.internal", "railway ? internal"),
    ("monorail.proxy.rlwy.net:41234", "railway ?"),
    ("pg-1a2b3c-my-project.a.aivencloud.com:12345", "aiven ?"),
    (
        "replica-pg-1a2b3c-my-project.aivencloud.com:12345",
        "aiven ?",
    ),
    (
        "p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com",
        "crunchy direct",
    ),
    (
        "p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com:5431",
        "crunchy pooled",
    ),
    (
        "abc123.def456.tsdb.cloud.timescale.com:33333",
        "timescale ?",
    ),
    (
        "free-tier.gcp-us-central1.cockroachlabs.cloud:26257",
        "cockroachdb direct",
    ),
    (
        "my-cluster-1234.7tt.aws-us-east-1.cockroachlabs.cloud:26257",
        "cockroachdb direct",
    ),
    ("db.prisma.io:5432", "prisma direct"),
    ("pooled.db.prisma.io:5432", "prisma pooled"),
    (
        "aws-us-east-1-1.horizon.psdb.cloud:5432",
        "planetscale direct",
    ),
    (
        "aws-us-east-1-1.horizon.psdb.cloud:6432",
        "planetscale pooled",
    ),
    ("us-east-1.sql.xata.sh:5432", "xata ?"),
];

#[test]
fn every_provider_is_recognised_by_its_hosts() {
    for (address, expected) in HOSTS {
        check(address, expected);
    }
    for provider in PROVIDERS {
        let known = HOSTS.iter().any(|(_, seen)| seen.starts_with(provider.id));
        assert!(known, "no host of {}", provider.id);
    }
}

#[test]
fn a_look_alike_is_nobody_s() {
    for host in [
        "neon.tech",
        "ep-x.neon.tech.evil.com",
        "ep-x.us-east-2.aws.neon.tech.evil.com",
        "ep-x.us-east-2.aws.neon.technology",
        "ep-x.us-east-2.aws.evilneon.tech",
        "x.us-east-2.aws.neon.tech",
        "ep-x/.us-east-2.aws.neon.tech",
        "ss@ep-x.us-east-2.aws.neon.tech",
        "ep-x..aws.neon.tech",
        "dpg-short-a",
        "dpg-cabcdefghij0123456789-a.mars-postgres.render.com",
        "dpg-cabcdefghij0123456789-a.oregon-postgres.render.com.evil.com",
        "www.render.com",
        "db.tooshort.supabase.co",
        "abcdefghijklmnopqrst.supabase.co",
        "pooler.supabase.com",
        "evil.pooler.supabase.com",
        "ec2-54-12-34.compute-1.amazonaws.com",
        "ec2-54-12-34-999.compute-1.amazonaws.com",
        "rds.amazonaws.com",
        "mydb.us-east-1.rds.amazonaws.com",
        "mydb.c1a2b3c4d5e6.us-east-1.rds.amazonaws.com.evil.com",
        "/cloudsql/",
        "/cloudsql/project",
        "/var/run/postgresql",
        "postgres.database.azure.com",
        "a.b.postgres.database.azure.com",
        "db.ondigitalocean.com",
        "x-do-user-a-0.db.ondigitalocean.com",
        "other.abc.flympg.net",
        "railway.internal.evil.com",
        "proxy.rlwy.net",
        "aivencloud.com",
        "p.short.db.postgresbridge.com",
        "prisma.io",
        "db.prisma.io.evil.com",
        "psdb.cloud",
        "db.internal",
        "localhost",
        "127.0.0.1",
        "",
    ] {
        check(host, "none");
    }
}

#[test]
fn a_pooled_host_tells_its_mode() {
    let mode = |host, port| detect(host, port).unwrap().mode;
    let supabase = "aws-0-eu-central-1.pooler.supabase.com";
    assert_eq!(mode(supabase, Some(6543)), Some(PoolMode::Transaction));
    assert_eq!(mode(supabase, Some(5432)), Some(PoolMode::Session));
    assert_eq!(mode("pgbouncer.abc.flympg.net", None), None);
    let loses = |host, port| detect(host, port).unwrap().loses_statements();
    assert_eq!(loses(supabase, Some(6543)), Some(true));
    assert_eq!(loses(supabase, Some(5432)), Some(false));
    assert_eq!(
        loses("ep-a-b-pooler.us-east-2.aws.neon.tech", None),
        Some(false)
    );
    assert_eq!(loses("pgbouncer.abc.flympg.net", None), None);
    assert_eq!(loses("pg-a.a.aivencloud.com", Some(12345)), None);
}

#[test]
fn names_must_have_the_provider_s_form() {
    let pooler = detect("aws-0-eu-central-1.pooler.supabase.com", Some(6543)).unwrap();
    assert!(pooler.wrong_user("postgres").is_some());
    assert!(pooler.wrong_user("postgres.abcdefghijklmnopqrst").is_none());
    let (message, fix) = pooler.user_problem("postgres").unwrap();
    assert_eq!(
        message,
        "the user has not the form that Supabase wants here"
    );
    assert!(fix.contains("<role>.<project ref>"), "{fix}");
    let direct = detect("db.abcdefghijklmnopqrst.supabase.co", None).unwrap();
    assert!(direct.wrong_user("postgres").is_none());
    let azure = detect("s.postgres.database.azure.com", None).unwrap();
    assert!(azure.wrong_user("app@s").is_some());
    assert!(azure.wrong_user("app").is_none());
    let xata = detect("us-east-1.sql.xata.sh", None).unwrap();
    assert!(xata.wrong_database("db").is_some());
    assert!(xata.wrong_database("db:main").is_none());
    assert!(
        xata.database_problem("db").is_none(),
        "a fact that is not sure makes no error"
    );
}

#[test]
fn ports_and_tls_follow_the_endpoint() {
    let ports = |host, port| detect(host, port).unwrap().ports().value;
    assert_eq!(
        ports("x-do-user-1-0.b.db.ondigitalocean.com", Some(25061)),
        Ports::Fixed(&[25061])
    );
    assert_eq!(
        ports("postgres.railway.internal", None),
        Ports::Usually(&[5432])
    );
    assert_eq!(ports("a.proxy.rlwy.net", None), Ports::PerService);
    let tls = |host| detect(host, None).unwrap().requires_tls();
    assert_eq!(tls("ep-a-b.us-east-2.aws.neon.tech"), Some(true));
    assert_eq!(tls("dpg-cabcdefghij0123456789-a"), None);
    assert_eq!(tls("a.proxy.rlwy.net"), Some(false));
    assert_eq!(tls("db.abcdefghijklmnopqrst.supabase.co"), None);
    assert_eq!(find("azure").unwrap().ports(), [5432, 6432]);
    assert_eq!(find("rds").unwrap().ports(), [] as [u16; 0]);
    let railway = detect("a.proxy.rlwy.net", None).unwrap();
    assert!(railway.unverifiable().is_some());
    assert!(
        railway
            .verify_advice()
            .unwrap()
            .contains("verify-full cannot work")
    );
    let heroku = detect("ec2-54-12-34-56.compute-1.amazonaws.com", None).unwrap();
    assert!(
        heroku.unverifiable().is_none(),
        "a fact that is not sure decides nothing"
    );
}

#[test]
fn each_provider_names_itself_and_its_sources() {
    for provider in PROVIDERS {
        assert!(
            std::ptr::eq(find(provider.id).unwrap(), *provider),
            "{} twice",
            provider.id
        );
        let advice = provider.tls.advice;
        assert!(advice.contains(':') && !advice.ends_with('.'), "{advice}");
        for (certainty, source, date) in [
            (
                provider.ports.certainty,
                provider.ports.source,
                provider.ports.date,
            ),
            (
                provider.limits.certainty,
                provider.limits.source,
                provider.limits.date,
            ),
            (
                provider.tls.required.certainty,
                provider.tls.required.source,
                provider.tls.required.date,
            ),
            (
                provider.tls.root.certainty,
                provider.tls.root.source,
                provider.tls.root.date,
            ),
        ] {
            let is_date = date.len() == 10 && date.bytes().filter(|b| *b == b'-').count() == 2;
            assert!(is_date && !source.is_empty(), "{}", provider.id);
            let documented = source.starts_with("https://") || source.starts_with("not documented");
            assert!(
                documented || certainty == Certainty::Low,
                "{}: {source}",
                provider.id
            );
        }
    }
    let neon = find("neon").unwrap();
    assert_eq!(neon.tls.verifies_with_system_roots(), Answer::Yes);
    assert_eq!(
        find("railway").unwrap().tls.verifies_with_system_roots(),
        Answer::No
    );
    assert_eq!(neon.limits.value.of("0.25 cu"), Some(104));
    assert!(matches!(
        find("rds").unwrap().limits.value,
        Limits::ByBytes { .. }
    ));
}

#[test]
fn local_and_private_hosts_are_told_from_public_ones() {
    for host in [
        "",
        "/tmp",
        "@abstract",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "db",
        "my_db",
        "127.0.0.1",
        "127.255.0.9",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "::1",
        "[::1]",
        "fd00::1",
        "fd00::1%eth0",
        "::ffff:10.0.0.1",
        "db.internal",
        "a.b.internal",
        "printer.local",
        "app.flycast",
        "db.localhost",
        "dpg-cabcdefghij0123456789-a",
        "direct.abc.flympg.net",
        "postgres.railway.internal",
        "private-x-do-user-1-0.db.ondigitalocean.com",
        "/cloudsql/p:r:i",
    ] {
        assert!(is_local_or_private(host), "{host}");
    }
    for host in [
        "8.8.8.8",
        "134744072",
        "0x08080808",
        "172.15.0.1",
        "172.32.0.1",
        "192.169.0.1",
        "11.0.0.1",
        "128.0.0.1",
        "2001:db8::1",
        "fe80::1",
        "::ffff:8.8.8.8",
        "example.com",
        "internal.com",
        "db.internal.evil.com",
        "local.example.com",
        "x.flycast.io",
        "a b",
        "ss@h",
        "h:1",
        "ep-a-b.us-east-2.aws.neon.tech",
        "dpg-cabcdefghij0123456789-a.oregon-postgres.render.com",
        "a..internal",
        "h,i",
        "münchen.de",
        "127.0.0.1.evil.com",
        "256.256.256.256",
    ] {
        assert!(!is_local_or_private(host), "{host}");
    }
}
