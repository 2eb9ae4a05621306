#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use std::time::Instant;

use proptest::prelude::*;

use super::{parse, parse_one};

fn refused(text: &str) -> String {
    let problem = parse(text).unwrap_err();
    format!(
        "{}:{} {}",
        problem.line.unwrap(),
        problem.column.unwrap(),
        problem.message
    )
}

#[test]
fn nodes_know_their_places_in_characters() {
    let root = parse_one("\u{feff}é: 1\r\nb:\r\n  - \"ü\"\r\n  - {c: [d, 'é', f]}\r\n")
        .unwrap()
        .unwrap();
    let list = root.get("b").unwrap().items();
    assert_eq!((list[0].line, list[0].column), (3, 5));
    assert_eq!(list[0].text(), Some("ü"));
    let flow = list[1].get("c").unwrap().items();
    assert_eq!((flow[2].line, flow[2].column), (4, 18));
    assert_eq!(root.get("é").unwrap().text(), Some("1"));
}

#[test]
fn what_is_left_out_is_null_and_what_is_quoted_is_text() {
    let root = parse_one("a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: '~'\n")
        .unwrap()
        .unwrap();
    for key in ["a", "b", "c"] {
        assert!(root.get(key).is_none(), "{key}");
    }
    for (key, text) in [("d", ""), ("e", "null"), ("f", "~")] {
        assert_eq!(root.get(key).unwrap().text(), Some(text));
    }
    assert_eq!(parse_one("").unwrap().map(|root| root.is_null()), None);
    assert!(parse_one("# only a comment\n").unwrap().is_none());
}

#[test]
fn anchors_and_merge_keys_are_read_and_own_keys_win() {
    let root =
        parse_one("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: [*x, *x]\nw: {<<: [{a: 9}, *x]}\n")
            .unwrap()
            .unwrap();
    let y = root.get("y").unwrap();
    assert_eq!(y.get("a").unwrap().text(), Some("1"));
    assert_eq!(y.get("b").unwrap().text(), Some("3"));
    assert_eq!(
        root.get("z").unwrap().items()[1].get("b").unwrap().text(),
        Some("2")
    );
    let w = root.get("w").unwrap();
    assert_eq!(w.get("a").unwrap().text(), Some("9"));
    assert_eq!(w.get("b").unwrap().text(), Some("2"));
}

#[test]
fn bad_yaml_gets_one_message_with_its_place() {
    for (text, wanted) in [
        ("a:\n\tb: 1\n", "2:2 is not valid YAML: a tab cannot indent"),
        ("a: 1\nb: 2\na: 3\n", "3:1 has a key twice in one mapping"),
        ("{a: 1, \"a\": 2}", "1:8 has a key twice in one mapping"),
        ("a: &x [*x]\n", "1:8 has an alias inside its own anchor"),
        (
            "a: *nope\n",
            "1:4 is not valid YAML: an alias names no anchor above it",
        ),
        ("a: \"b\n", "1:4 is not valid YAML: a quote is not closed"),
        ("a: [b\n", "1:4 is not valid YAML: a `[` is not closed"),
        (
            "a: \0\n",
            "1:4 is not valid YAML: a character that may not stand here",
        ),
        (
            "a: {{ .Values.x }}\n",
            "1:5 has a mapping as a key, as a template (`{{ … }}`) does",
        ),
        ("a: 1\nb: {<<: c}\n", "2:5 merges (`<<`) what is no mapping"),
        (
            "a: b: c\n",
            "1:5 is not valid YAML: mapping values are not allowed in this context",
        ),
    ] {
        assert_eq!(refused(text), wanted, "{text:?}");
    }
    let problem = parse_one("a: 1\n---\nb: 2\n").unwrap_err();
    assert_eq!(problem.message, "holds more than one YAML document");
    assert_eq!((problem.line, problem.column), (Some(3), Some(1)));
}

#[test]
fn hostile_yaml_is_refused_in_time_and_memory() {
    let started = Instant::now();
    for deep in ["[", "{a: ", "- ", "? ", ": "] {
        assert!(
            refused(&deep.repeat(100_000)).contains("nests deeper than 64 levels"),
            "{deep}"
        );
    }
    let indented = (0..3_000)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .collect::<Vec<_>>()
        .concat();
    assert!(refused(&indented).contains("nests deeper than 64 levels"));
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..10 {
        let aliases = vec![format!("*a{}", n - 1); 9].join(",");
        bomb = format!("{bomb}a{n}: &a{n} [{aliases}]\n");
    }
    assert!(refused(&bomb).contains("once its aliases are expanded"));
    let quadratic = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a,".repeat(30_000)
    );
    assert!(refused(&quadratic).contains("once its aliases are expanded"));
    let merged = (0..2_000)
        .map(|n| format!("m{n}: {{<<: *b}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let base = (0..200)
        .map(|n| format!("  k{n}: v\n"))
        .collect::<Vec<_>>()
        .concat();
    assert!(refused(&format!("b: &b\n{base}{merged}")).contains("once its aliases"));
    assert!(refused(&"- x\n".repeat(1_000_000)).contains("once its aliases"));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn json_is_read_with_its_places() {
    let root =
        parse_one("{\n\t\"env\": {\"A\": \"\\u00e9\\/\\ud83d\\ude00\", \"B\":1, \"C\": null}\n}\n")
            .unwrap()
            .unwrap();
    let env = root.get("env").unwrap();
    assert_eq!(env.get("A").unwrap().text(), Some("é/😀"));
    let b = env.get("B").unwrap();
    assert_eq!((b.text(), b.line, b.column), (Some("1"), 2, 43));
    assert!(env.get("C").is_none());
}

#[test]
fn debug_shows_no_scalar() {
    let shown = format!("{:?}", parse("url: postgres://u:s3cr3t@h/d\n").unwrap());
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([a-b:\\-? \n\t#&*<!'\"\\[\\]{},|>%@~]|\\PC){0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn all_json_is_read(text in "[a-z:#\\-?*&!%@ \u{e9}\n\"\\\\/]{0,20}", number in any::<i32>()) {
        let value = serde_json::json!({ "a": [text, number], text.clone(): {"b": null} });
        if text != "a" && text != "<<" {
            for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let root = parse_one(&json).unwrap().unwrap();
                prop_assert_eq!(root.get("a").unwrap().items()[0].entries().len(), 0);
                let read = root.get("a").unwrap().items()[0].text().unwrap_or_default();
                prop_assert_eq!(read, &text);
            }
        }
    }
}
