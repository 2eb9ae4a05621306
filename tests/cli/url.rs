//! `dbharden url`: what is judged, and how it is reported.

use super::program::Program;

const GOOD: &str = "postgresql://app:s3cr3t@db.example.com:5432/app\
    ?sslmode=verify-full&sslrootcert=system&application_name=app&connect_timeout=10";

#[test]
fn a_good_string_passes_every_rule() {
    let report = Program::new().json(&["url", GOOD]);
    assert_eq!(report.failed(), Vec::<&str>::new());
    assert_eq!(report.status, 0);
    assert_eq!(report.json["verdict"], "pass");
    assert_eq!(
        report.json["urls"][0]["redacted"],
        GOOD.replace("s3cr3t", "***")
    );
    assert_eq!(report.json["urls"][0]["hosts"][0]["port"], 5432);
}

#[test]
fn the_string_comes_from_the_argument_the_environment_the_env_file_and_dot_env_in_this_order() {
    let program = Program::new()
        .file(".env", "DATABASE_URL=postgresql://dotenv@h:5432/d\n")
        .file("a.env", "DATABASE_URL=postgresql://file@h:5432/d\n");
    let user = |program: &Program, arguments: &[&str]| {
        program.json(arguments).json["urls"][0]["user"].clone()
    };
    assert_eq!(user(&program, &["url"]), "dotenv");
    assert_eq!(user(&program, &["url", "--env-file", "a.env"]), "file");
    let program = program.env("DATABASE_URL", "postgresql://process@h:5432/d");
    assert_eq!(user(&program, &["url", "--env-file", "a.env"]), "process");
    assert_eq!(
        user(&program, &["url", "postgresql://argument@h:5432/d"]),
        "argument"
    );
    let program = program.input("postgresql://stdin@h:5432/d\n");
    assert_eq!(user(&program, &["url", "-"]), "stdin");
}

#[test]
fn another_variable_can_be_named() {
    let program = Program::new().env("PRIMARY_URL", GOOD);
    let report = program.json(&["url", "--url-env", "PRIMARY_URL"]);
    assert_eq!(report.entry("url-present")["subject"], "PRIMARY_URL");
    assert_eq!(report.status, 0);
}

#[test]
fn one_missing_part_gives_one_finding() {
    let cases = [
        ("", "url-present"),
        (
            "postgresql://app:pw@db.example.com/app?sslmode=require",
            "url-port",
        ),
        (
            "postgresql://app:pw@db.example.com:99999/app?sslmode=require",
            "url-port",
        ),
        ("postgresql://app:pw@:5432/app?sslmode=require", "url-host"),
        (
            "postgresql://db.example.com:5432/app?sslmode=require",
            "url-user",
        ),
        (
            "postgresql://app:pw@db.example.com:5432?sslmode=require",
            "url-database",
        ),
        ("postgresql://app:pw@db.example.com:5432/app", "url-tls"),
        (
            "postgresql://app:pw@db.example.com:5432/app?sslmode=prefer",
            "url-tls",
        ),
        (
            "postgresql://app:p%zz@db.example.com:5432/app?sslmode=require",
            "url-syntax",
        ),
    ];
    for (text, rule) in cases {
        let report = Program::new().env("DATABASE_URL", text).json(&["url"]);
        let failed: Vec<_> = report.failed();
        assert!(failed.contains(&rule), "{text}: {failed:?}");
        assert_eq!(report.status, 1, "{text}");
        let entry = report.entries(rule).next().unwrap();
        assert!(
            entry["fix"].as_str().is_some_and(|fix| !fix.is_empty()),
            "{entry:#}"
        );
    }
}

#[test]
fn a_local_host_needs_no_tls() {
    for host in [
        "localhost",
        "127.0.0.1",
        "10.1.2.3",
        "db",
        "db.internal",
        "[::1]",
        "%2Fvar%2Frun%2Fpostgresql",
    ] {
        let report = Program::new().json(&["url", &format!("postgresql://app:pw@{host}:5432/app")]);
        assert_eq!(report.result("url-tls"), "not-applicable", "{host}");
    }
}

#[test]
fn what_is_the_same_for_several_drivers_is_said_once() {
    let drivers = ["libpq", "psycopg2", "asyncpg"].map(|driver| ["--driver", driver]);
    let url = "postgresql://app@db.example.com:5432/app?sslmode=require";
    let lines = |more: &[&str]| {
        let arguments = [&["url", url][..], drivers.as_flattened(), more].concat();
        let run = Program::new().run(&arguments);
        let of = |rule: &str| -> Vec<String> {
            let lines = run.stdout.lines().filter(|line| line.contains(rule));
            let lines = lines.filter(|line| !line.contains("more:"));
            lines
                .map(|line| line.split_once(rule).unwrap().1.trim().to_owned())
                .collect()
        };
        [of("url-scheme"), of("url-connect-timeout")]
    };
    let [schemes, waits] = lines(&[]);
    assert_eq!(schemes, ["all 3 drivers: postgresql://"]);
    assert_eq!(
        waits,
        ["libpq, psycopg2: nothing bounds the wait", "asyncpg: 60 s"]
    );
    let [schemes, waits] = lines(&["--verbose"]);
    assert_eq!((schemes.len(), waits.len()), (3, 3));
}

#[test]
fn a_failing_string_shows_where_with_a_caret() {
    let said = Program::new().run(&[
        "url",
        "postgresql://app:s3cr3t@db.example.com/app?sslmode=require",
    ]);
    let lines: Vec<_> = said.stdout.lines().collect();
    let caret = lines
        .iter()
        .position(|line| line.trim().starts_with('^'))
        .unwrap_or_else(|| panic!("{}", said.stdout));
    assert!(
        lines[caret - 1].contains("postgresql://app:***@db.example.com/app"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("fix"), "{}", said.stdout);
    assert!(!said.stdout.contains("s3cr3t"));
}

#[test]
fn a_url_in_the_place_of_a_host_shows_no_password() {
    let url = "postgresql:///appdb?application_name=a";
    for driver in ["libpq", "asyncpg", "node-postgres"] {
        for format in ["human", "json"] {
            let program = Program::new().env("PGHOST", "u:hunter2secret@h.example");
            let said = program.run(&["url", "--driver", driver, "--format", format, url]);
            assert!(!said.stdout.contains("hunter2secret"), "{}", said.stdout);
        }
    }
}

#[test]
fn a_driver_that_needs_a_variable_to_take_the_string_is_compared_too() {
    let url = "postgresql://u:p@ss12345@db.example.com:5432/appdb?sslmode=verify-full";
    let report = Program::new().env("PGSSLROOTCERT", "/etc/passwd").json(&[
        "url",
        "--driver",
        "node-postgres",
        "--driver",
        "asyncpg",
        url,
    ]);
    assert!(report.failed().contains(&"url-ambiguous"));
}

#[test]
fn a_driver_that_does_not_take_the_string_never_passes() {
    for (driver, text, rule) in [
        (
            "node-postgres",
            "postgresql://u:p#s@db.example.com:5432/d",
            "url-syntax",
        ),
        (
            "postgres.js",
            "postgresql://u:p%C2%ADw@db.example.com:5432/d",
            "url-syntax",
        ),
        (
            "asyncpg",
            "host=db.example.com port=5432 user=u dbname=d",
            "url-syntax",
        ),
    ] {
        let report =
            Program::new().json(&["url", text, "--driver", driver, "--profile", "essential"]);
        assert_eq!(report.result(rule), "fail", "{text}");
        assert_eq!(report.status, 1, "{text}");
    }
}

#[test]
fn a_variable_that_spoils_the_string_is_named() {
    let program = Program::new()
        .env("PGSSLMODE", "bogus")
        .env("PGAPPNAME", "web");
    let report = program.json(&["url", "postgresql://u:p@db.example.com:5432/d"]);
    assert_eq!(report.entry("url-parameters")["observed"], "PGSSLMODE");
    assert_eq!(report.status, 1);
}

#[test]
fn a_service_is_looked_up_in_its_file() {
    let text = "postgresql:///?service=prod";
    let file =
        "[prod]\nhost=db.example.com\nport=6543\nuser=app\npassword=s3cr3t\nsslmode=require\n";
    let program = Program::new().file("services", file);
    let program = program.env("PGSERVICEFILE", "services");
    let report = program.json(&["url", text]);
    let driver = &report.json["urls"][0]["drivers"][0];
    assert_eq!(driver["hosts"][0]["host"], "db.example.com");
    assert_eq!(driver["hosts"][0]["port"], 6543);
    assert_eq!(driver["tls"], "required");
    assert!(!report.json.to_string().contains("s3cr3t"));
    let other = program.json(&["url", "postgresql:///?service=test"]);
    assert_eq!(other.json["urls"][0]["drivers"][0]["accepts"], false);
}

#[test]
fn a_file_is_looked_for_on_this_machine_alone() {
    let text =
        "postgresql://u:p@db.example.com:5432/d?sslmode=verify-full&sslrootcert=/no/such.pem";
    let service = format!(
        "services:\n- type: web\n  name: api\n  envVars: [{{key: DATABASE_URL, value: \"{text}\"}}]\n"
    );
    let program = Program::new()
        .file("render.yaml", service)
        .file(".env", format!("DATABASE_URL={text}\n"));
    let report = program.json(&["check", ".", "--offline"]);
    let mut results: Vec<_> = report
        .entries("url-parameters")
        .map(|entry| {
            (
                entry["environment"].as_str().unwrap(),
                entry["result"].as_str().unwrap(),
            )
        })
        .collect();
    results.sort_unstable();
    assert_eq!(results, [(".env", "unknown"), ("render.yaml:api", "pass")]);
}

#[test]
fn what_a_fix_drops_or_cannot_mend_is_said() {
    let program = Program::new();
    let said = program.run(&[
        "url",
        "--fix",
        "--driver",
        "asyncpg",
        "postgres://u:p@h:5432/d?pgbouncer=true&connect_timeout=5",
    ]);
    assert_eq!(said.stdout, "postgresql://u:***@h:5432/d\n");
    assert!(said.stderr.contains("lost: pgbouncer"), "{}", said.stderr);
    assert!(said.stderr.contains("\"timeout\": 5"), "{}", said.stderr);
    let soft = program.run(&[
        "url",
        "--fix",
        "--driver",
        "postgres.js",
        "postgresql://u:p%C2%ADw@h:5432/d",
    ]);
    assert!(
        soft.stderr.contains("does not take this string either"),
        "{}",
        soft.stderr
    );
}
