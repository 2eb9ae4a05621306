//! No password on any stream, in any format, however the string is broken.

use super::program::Program;

const SECRET: &str = "Tr0ub4dor3xQ";

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
        for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
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
    let cases: [&[&str]; 6] = [
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
        assert!(!said.stderr.contains(SECRET), "{}", said.stderr);
    }
}
