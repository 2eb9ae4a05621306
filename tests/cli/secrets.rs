//! No password on any stream, in any format, however the string is broken.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::program::Program;

const SECRET: &str = "Tr0ub4dor3xQ";

const FORMATS: [&str; 6] = ["human", "json", "sarif", "junit", "github", "markdown"];

#[test]
fn no_broken_string_shows_its_password() {
    let shapes = [
        "postgresql://app:SECRET@h:5432/d",
        "postgresql://app:SECRET%zz@h/d",
        "postgresql://app:a@SECRET@h/d",
        "postgresql://app:a/SECRET@h/d",
        "postgresql://app:a#SECRET@h/d",
        "postgresql://app:a?SECRET@h/d",
        "postgresql://app:a SECRET@h/d",
        "postgresql://app:[SECRET@h/d",
        "\"postgresql://app:SECRET@h/d\"",
        "'postgresql://app:SECRET@h/d'",
        "\u{feff}postgresql://app:SECRET@h/d",
        "POSTGRESQL://app:SECRET@h/d",
        "postgresql+asyncpg://app:SECRET@h/d?sslmode=require",
        "ostgresql://app:SECRET@h/d",
        "postgresql:/app:SECRET@h/d",
        "postgresql//app:SECRET@h/d",
        "postgresql://postgresql://app:SECRET@h/d",
        "DATABASE_URL=postgresql://app:SECRET@h/d",
        "psql 'postgresql://app:SECRET@h/d'",
        "postgresql://app:SECRET",
        "postgresql://h/d?password=SECRET",
        "postgresql://h/d?user=app&password=SECRET&nope=1",
        "host=h password=SECRET dbname=d",
        "host=h password='SECRET",
        "host=h;password=SECRET;dbname=d",
        "app:SECRET@h/d",
    ];
    for shape in shapes {
        let text = shape.replace("SECRET", SECRET);
        for format in FORMATS {
            let said = Program::new()
                .env("DATABASE_URL", &text)
                .run(&["url", "-v", "--format", format]);
            for stream in [&said.stdout, &said.stderr] {
                assert!(!stream.contains(SECRET), "{shape} in {format}: {stream}");
            }
            assert!(
                said.status == 0 || said.status == 1,
                "{shape} in {format}: {}",
                said.stderr
            );
        }
    }
}

#[test]
fn a_connection_string_in_the_wrong_place_of_the_command_line_is_not_echoed() {
    let text = format!("postgresql://app:{SECRET}@h:5432/d");
    let header = format!("Authorization Bearer {SECRET}");
    let joined = format!("--header=Authorization-{SECRET}");
    let with_user = format!("http://app:{SECRET}@h/health");
    let cases: [&[&str]; 10] = [
        &["health", "http://h/", "--header", &header],
        &["health", "http://h/", &joined],
        &["health", &with_user],
        &["logs", &text],
        &[&text],
        &["pool", &text],
        &["url", "--nope", &text],
        &["url", "--driver", &text],
        &["check", &text],
        &["check", "--config", &text],
    ];
    for arguments in cases {
        let said = Program::new().run(arguments);
        assert_eq!(said.status, 2, "{}", said.stderr);
        for stream in [&said.stdout, &said.stderr] {
            assert!(!stream.contains(SECRET), "{arguments:?}: {stream}");
        }
    }
}

/// Answers every request with one body, until the test ends.
pub(crate) fn endpoint(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head); // The request itself does not matter.
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn an_endpoint_that_repeats_secrets_does_not_get_them_printed() {
    let numbers = r#""pool_size": 9, "checked_out": 9, "overflow": 20, "max_overflow": 20"#;
    let json = |key: &str| format!(r#"{{"status": "down", "pools": {{"{key}": {{{numbers}}}}}}}"#);
    let known_by_place = [
        json(&format!("postgresql://app:{SECRET}@h/d")),
        json(&format!(
            "postgresql+asyncpg:\\/\\/app:{SECRET}\\u0040h\\/d"
        )),
        json(&format!("postgres%3A%2F%2Fapp%3A{SECRET}%40h%2Fd")),
        json(&format!("host=h password={SECRET}")),
        format!(
            "db_pool_size{{dsn=\"postgresql://app:{SECRET}@h/d\"}} 9\ndb_pool_checked_out{{dsn=\"postgresql://app:{SECRET}@h/d\"}} 3\n"
        ),
        format!("Bearer {SECRET}"),
    ];
    for body in known_by_place {
        let url = endpoint(body.clone());
        let said = everything(&Program::new(), &["health", &url]);
        assert!(!said.contains(SECRET), "{body}: {said}");
    }
    // What was sent is known, wherever it comes back.
    let url = endpoint(json(&format!("token {SECRET}")));
    let (by_query, bearer) = (
        format!("{url}?key={SECRET}"),
        format!("Authorization: Bearer {SECRET}"),
    );
    let own = format!("X-Api-Key: {SECRET}");
    for arguments in [
        &["health", &by_query][..],
        &["health", &url, "--header", &bearer],
        &["health", &url, "--header", &own],
    ] {
        let said = everything(&Program::new(), arguments);
        assert!(!said.contains(SECRET), "{arguments:?}: {said}");
    }
}

/// Runs the program and returns what it wrote in every format, and on both streams.
pub(crate) fn everything(program: &Program, arguments: &[&str]) -> String {
    let mut arguments = arguments.to_vec();
    arguments.push("-v");
    for format in FORMATS {
        arguments.extend(["--format", format, "--output", format]);
    }
    let said = program.run(&arguments);
    assert!(said.status == 0 || said.status == 1, "{}", said.stderr);
    let files = FORMATS.map(|format| {
        let path = program.folder().join(format);
        std::fs::read_to_string(path).unwrap()
    });
    files.concat() + &said.stdout + &said.stderr
}

#[test]
fn a_paste_or_a_log_with_secrets_does_not_get_them_printed() {
    let pastes = [
        "sqlalchemy.exc.OperationalError: FATAL: password authentication failed for user \"app\"\nurl: postgresql://app:SECRET@h/d",
        "could not translate host name \"SECRET@h\" to address: Name or service not known",
        "invalid percent-encoded token: \"SECRET%zz\"",
        "ValueError: invalid interpolation syntax in 'postgresql://a:SECRET%40@h/d' at position 12",
        "Database engine initialized: SECRET pool_size=SECRET, pool_recycle=300s",
        "no known text, password='SECRET'",
        "SECRET",
    ];
    for paste in pastes {
        let paste = paste.replace("SECRET", SECRET);
        let program = Program::new().file("app.log", &paste).input(paste.clone());
        for format in ["human", "json", "markdown"] {
            for what in ["-", &paste] {
                let said = program.run(&["explain", what, "--format", format]);
                let both = said.stdout + &said.stderr;
                assert!(!both.contains(SECRET), "{paste} in {format}: {both}");
            }
        }
        for file in ["-", "app.log"] {
            let said = everything(&program, &["logs", file, "--explain"]);
            assert!(!said.contains(SECRET), "{paste}: {said}");
        }
    }
}

#[test]
fn an_argument_that_is_not_utf_8_ends_with_a_message() {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::OsStr::from_bytes(b"/nope\xff");
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_dbharden"))
        .args([std::ffi::OsStr::new("logs"), path])
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2), "{said:?}");
}

/// An application that repeats what it was asked, and what the text behind `Basic` says.
fn repeating(decoded: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = vec![0; 4096];
            let length = stream.read(&mut question).unwrap();
            let asked = String::from_utf8_lossy(&question[..length]).into_owned();
            let said = format!("{} {decoded}", asked.replace("\r\n", " "));
            let pool = serde_json::json!({"pool_size": 5, "checked_out": 9, "name": said});
            let body = serde_json::json!({said.clone(): pool, "pool": pool}).to_string();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    port
}

#[test]
fn what_an_endpoint_repeats_of_its_credentials_is_not_shown() {
    // `YXBwOlRyMHViNGRvcjN4UQ==` is `app:Tr0ub4dor3xQ`.
    let port = repeating("app:Tr0ub4dor3xQ Tr0ub4dor3xQ");
    let token = "Xq7Zk2P9aWm4Rt8v";
    let basic = "Authorization: Basic YXBwOlRyMHViNGRvcjN4UQ==";
    let cookie = format!("Cookie: theme=dark; sid={token}");
    for format in FORMATS {
        for (path, header, secrets) in [
            ("health", basic, ["YXBwOlRyMHViNGRvcjN4UQ", SECRET]),
            ("health", cookie.as_str(), [token, token]),
            ("hooks/T0/Xq7Zk2P9aWm4Rt8v", "X-Any: thing", [token, token]),
        ] {
            let url = format!("http://127.0.0.1:{port}/{path}");
            let said =
                Program::new().run(&["health", &url, "--header", header, "--format", format]);
            // What was not sent may be shown: the application says the password of itself.
            for secret in secrets {
                for stream in [&said.stdout, &said.stderr] {
                    assert!(!stream.contains(secret), "{header} in {format}: {stream}");
                }
            }
            assert!(said.stdout.contains("health-recycle"), "{}", said.stdout);
        }
    }
}
