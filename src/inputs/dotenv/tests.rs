use proptest::prelude::*;

use super::parse;
use crate::facts::Value;
use crate::value::Origin;

/// Each line's reading by python-dotenv 1.2.4's `dotenv_values`; `None` is "not set".
const READINGS: &[(&str, &str, Option<&str>)] = &[
    ("A=1", "A", Some("1")),
    ("A=1\r\nB=2\r\n", "A", Some("1")),
    ("A=1\r\nB=2\r\n", "B", Some("2")),
    ("\u{feff}A=1", "A", Some("1")),
    ("export A=1", "A", Some("1")),
    ("  A = 1 ", "A", Some("1")),
    ("A='1'", "A", Some("1")),
    ("A=\"1\"", "A", Some("1")),
    ("A='a b'# c", "A", Some("a b")),
    ("A=a b # c", "A", Some("a b")),
    ("A=a#b", "A", Some("a#b")),
    ("A= # c", "A", Some("")),
    ("A=#c", "A", Some("#c")),
    ("A=", "A", Some("")),
    ("A", "A", None),
    ("A\nB=2", "A", None),
    ("A\nB=2", "B", Some("2")),
    ("# c\nA=1", "A", Some("1")),
    ("A=pa$ss", "A", Some("pa$ss")),
    ("A=\"pa$ss\"", "A", Some("pa$ss")),
    ("A=\"a\\nb\"", "A", Some("a\nb")),
    ("A='a\\nb'", "A", Some("a\\nb")),
    ("A=a\\nb", "A", Some("a\\nb")),
    ("A=\"a\nb\"\nB=2", "A", Some("a\nb")),
    ("A=\"a\nb\"\nB=2", "B", Some("2")),
    ("A='a\n\nb' # c\nB=2", "A", Some("a\n\nb")),
    ("A='a\n\nb' # c\nB=2", "B", Some("2")),
    ("A=\"abc\nB=2", "B", Some("2")),
    ("A=1\nA=2", "A", Some("2")),
    ("X=1\nA=${X}", "X", Some("1")),
    ("X=1\nA=${X}", "A", Some("1")),
    ("X=1\nA=${X:-5}", "X", Some("1")),
    ("X=1\nA=${X:-5}", "A", Some("1")),
    ("A=${X:-5}", "A", Some("5")),
    ("A=${X:=5}", "A", Some("${X:=5}")),
    ("X=\nA=${X:-5}", "X", Some("")),
    ("X=\nA=${X:-5}", "A", Some("")),
    ("X=1\nA='${X}'", "X", Some("1")),
    ("X=1\nA='${X}'", "A", Some("1")),
    ("A=$X", "A", Some("$X")),
    ("A=${X", "A", Some("${X")),
    ("A=\"x\\\"y\"", "A", Some("x\"y")),
    ("A='x\\'y'", "A", Some("x'y")),
    ("A=\"x\\\\\"", "A", Some("x\\")),
    ("A=\"\\q\"", "A", Some("\\q")),
    ("'A B'=1", "A B", Some("1")),
    ("A==1", "A", Some("=1")),
    ("A=b=c", "A", Some("b=c")),
    ("A = \"x\" y\nB=2", "B", Some("2")),
    ("=1\nB=2", "B", Some("2")),
    ("A=1\rB=2", "A", Some("1")),
    ("A=1\rB=2", "B", Some("2")),
    ("A=\tx\t", "A", Some("x")),
    ("A=é", "A", Some("é")),
    ("A=`id`", "A", Some("`id`")),
    ("A=\"\"", "A", Some("")),
    ("A=''", "A", Some("")),
    ("export\tA=1", "A", Some("1")),
    ("exportA=1", "exportA", Some("1")),
    ("A=x\u{b} y", "A", Some("x\u{b} y")),
    ("A=x\u{a0}#y", "A", Some("x")),
    (
        "A=postgresql://u:p@h:5432/d?sslmode=require&x=1",
        "A",
        Some("postgresql://u:p@h:5432/d?sslmode=require&x=1"),
    ),
    ("A=${:-x}", "A", Some("x")),
];

#[test]
fn values_are_python_dotenv_s() {
    for (text, name, wanted) in READINGS {
        let dotenv = parse(".env", text);
        let variable = dotenv.variables.iter().find(|known| known.name == *name);
        let value = variable.map(|variable| variable.value.clone());
        assert_eq!(
            value,
            wanted.map(|text| Value::Known(text.into())),
            "{text:?}"
        );
    }
}

#[test]
fn a_value_s_place_is_where_it_starts() {
    let dotenv = parse(
        "deploy/.env",
        "\u{feff}# é\r\nexport A = 'x'\r\nB=\"é\n\" # c\nC=1\n",
    );
    let origins: Vec<Origin> = dotenv
        .variables
        .into_iter()
        .map(|known| known.origin)
        .collect();
    let at = |line, column| Origin::file("deploy/.env", line, column);
    assert_eq!(origins, [at(2, 12), at(3, 3), at(5, 3)]);
}

#[test]
fn what_the_file_does_not_set_is_unknown_and_not_empty() {
    let dotenv = parse(".env", "A=x${HOST}\nB=${A}y\nC=${HOST:-5}\nD=${pa ss}\n");
    let values: Vec<Value> = dotenv
        .variables
        .into_iter()
        .map(|known| known.value)
        .collect();
    let unknown = |name| Value::Unknown(format!("built from ${{{name}}}, which .env does not set"));
    assert_eq!(
        values,
        [
            unknown("HOST"),
            unknown("HOST"),
            Value::Known("5".into()),
            unknown("…")
        ]
    );
}

#[test]
fn the_last_line_of_a_name_counts() {
    let dotenv = parse(".env", "A=1\nB=1\nA=2\nB\n");
    assert_eq!(dotenv.variables.len(), 1);
    assert_eq!(dotenv.variables[0].value, Value::Known("2".into()));
    assert_eq!(dotenv.variables[0].origin, Origin::file(".env", 3, 3));
}

#[test]
fn a_line_that_is_skipped_is_named_by_its_place_and_not_by_its_text() {
    let dotenv = parse(".env", "A=1\nDATABASE_URL=\"postgres://u:s3cr3t@h/d\nB=2\n");
    assert_eq!(dotenv.variables.len(), 2);
    assert_eq!(dotenv.problems.len(), 1);
    assert_eq!(
        (dotenv.problems[0].line, dotenv.problems[0].column),
        (Some(2), Some(1))
    );
    assert!(!format!("{:?} {:?}", dotenv.problems, dotenv.variables).contains("s3cr3t"));
}

#[test]
fn a_line_that_readers_take_differently_says_so() {
    for (line, noted) in [
        ("A=1", false),
        ("A=postgresql://u:p@h:5432/d?sslmode=require", false),
        ("A=\"postgresql://u:p@h:5432/d?a=b&c=d\"", false),
        ("A='pa$ss'", false),
        ("A=pa#ss", true),
        ("A=pa$ss", true),
        ("A=\"pa$ss\"", true),
        ("A=a b", true),
        ("A=`id`", true),
        ("A = 1", true),
        ("A=\"$(id)\"", true),
        ("A='${B}'", true),
        ("A=postgresql://h/d?a=b&c=d", true),
        ("A=100$", false),
        ("A=a$$", true),
        ("A='x'#c", true),
        ("A=\"a\\nb\"", true),
        ("A='a\\nb'", false),
        ("A=${B:-1}", true),
    ] {
        let dotenv = parse(".env", line);
        assert_eq!(dotenv.variables[0].note.is_some(), noted, "{line}");
    }
}

#[test]
fn a_large_file_is_read_in_linear_time() {
    let started = std::time::Instant::now();
    let text = "A=\"x\n".repeat(200_000);
    assert!(parse(".env", &text).problems.len() > 1_000);
    let text = (0..20_000)
        .map(|n| format!("A{n}=${{A{}}}x\n", n / 2))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(parse(".env", &text).variables.len(), 20_000);
    let text = (1..64)
        .map(|n| format!("A{n}=${{A{}}}${{A{}}}\n", n - 1, n - 1))
        .collect::<Vec<_>>()
        .concat();
    let bomb = parse(".env", &format!("A0=x\n{text}")).variables;
    assert_eq!(
        bomb[63].value,
        Value::Unknown("too long once each ${…} in it is replaced".to_owned())
    );
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([AB='\"\\\\# \n\r$\\{\\}:\\-é]|\\PC){0,60}") {
        parse(".env", &text);
    }
}
