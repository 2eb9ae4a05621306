//! Baselines: what is known stays visible and no longer fails; what is new or worse does.

use crate::program::Program;

/// Two findings in two files; the password must be nowhere.
const ENV: &str = "DATABASE_URL=postgresql://app:hunter22x@db.example.com/app\nDB_POOL_SIZE=50\n";
const CODE: &str = "from sqlalchemy import create_engine\nimport os\n\n\
    engine = create_engine(os.environ['DATABASE_URL'], pool_size=40, connect_args={'sslmode': 'require'})\n";
const CHECK: [&str; 2] = ["check", "--offline"];

fn project() -> Program {
    Program::new()
        .file(".env", ENV)
        .file("app/database.py", CODE)
}

/// Returns a project whose findings are all in `known.json`.
fn with_baseline() -> Program {
    let program = project();
    let said = program.run(&[&CHECK[..], &["--write-baseline", "known.json"]].concat());
    assert_eq!(said.status, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(
        said.stderr.contains("wrote known.json: "),
        "{}",
        said.stderr
    );
    program
}

const KNOWN: [&str; 4] = ["check", "--offline", "--baseline", "known.json"];

#[test]
fn known_findings_are_shown_and_no_longer_fail_in_any_format() {
    let program = with_baseline();
    assert_eq!(project().run(&CHECK).status, 1);
    let report = program.json(&KNOWN);
    assert_eq!(report.status, 0);
    assert_eq!(report.json["verdict"], "pass");
    assert_eq!(report.json["summary"]["error"], 0);
    assert_eq!(report.entry("pool-size")["baseline"], "known");
    assert_eq!(report.entry("pool-size")["result"], "fail");
    assert_eq!(
        report.json["summary"]["known"],
        report.json["baseline"]["known"]
    );
    assert_eq!(report.json["baseline"]["new"], 0);
    for (format, mark) in [
        ("human", "~ known    pool-size"),
        ("sarif", "\"baselineState\": \"unchanged\""),
        ("junit", "<skipped message=\"known: "),
        ("github", "::notice title=dbharden%3A "),
        ("markdown", "| ~ known | pool-size |"),
    ] {
        let said = program.run(&[&KNOWN[..], &["--format", format]].concat());
        assert_eq!(said.status, 0, "{format}");
        assert!(said.stdout.contains(mark), "{format}: {}", said.stdout);
        for bad in ["::error", "<failure", "hunter22x"] {
            assert!(!said.stdout.contains(bad), "{format}: {}", said.stdout);
        }
    }
}

#[test]
fn the_file_is_the_same_each_time_sorted_and_without_secrets_or_places_of_this_machine() {
    let program = with_baseline();
    let read = || std::fs::read_to_string(program.folder().join("known.json")).unwrap();
    let first = read();
    program.run(&[&CHECK[..], &["--write-baseline", "known.json"]].concat());
    assert_eq!(read(), first);
    assert!(!first.contains("hunter22x"), "{first}");
    assert!(
        !first.contains(program.folder().to_str().unwrap()),
        "{first}"
    );
    let json: serde_json::Value = serde_json::from_str(&first).unwrap();
    let rules: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|known| known["rule"].as_str().unwrap())
        .collect();
    assert!(
        rules.is_sorted() && rules.contains(&"engine-pool-size"),
        "{rules:?}"
    );
}

#[test]
fn a_finding_that_moved_is_known_and_one_that_got_worse_is_new() {
    let moved = with_baseline()
        .file(".env", format!("# one\n\n{ENV}"))
        .file("app/database.py", format!("'''A module.'''\n\n{CODE}"));
    assert_eq!(moved.run(&KNOWN).status, 0);
    let worse = with_baseline().file(".env", ENV.replace("=50", "=51"));
    let report = worse.json(&KNOWN);
    assert_eq!(report.status, 1);
    assert_eq!(report.entry("pool-size")["baseline"], "new");
    assert_eq!(report.json["baseline"]["fixed"], serde_json::json!([]));
    let raised = with_baseline();
    let raise = ["--severity", "url-connect-timeout=error"];
    assert_eq!(raised.run(&[&KNOWN[..], &raise].concat()).status, 1);
}

#[test]
fn a_second_finding_like_a_known_one_is_new() {
    let twice = CODE.replace(
        "\nengine",
        "\nother = create_engine(os.environ['DATABASE_URL'], \
        pool_size=40, connect_args={'sslmode': 'require'})\nengine",
    );
    let program = with_baseline().file("app/database.py", twice);
    let report = program.json(&KNOWN);
    assert_eq!(report.status, 1);
    let states: Vec<_> = report
        .entries("engine-pool-size")
        .map(|entry| entry["baseline"].as_str().unwrap())
        .collect();
    assert!(
        states.contains(&"known") && states.contains(&"new"),
        "{states:?}"
    );
}

#[test]
fn what_is_gone_is_said_to_be_fixed_and_what_was_not_judged_is_not() {
    let program = with_baseline().file(".env", ENV.replace("=50", "=5"));
    let report = program.json(&KNOWN);
    assert_eq!(report.status, 0);
    assert_eq!(report.json["baseline"]["fixed"][0]["rule"], "pool-size");
    for format in ["human", "sarif", "junit", "github", "markdown"] {
        let said = program.run(&[&KNOWN[..], &["--format", format]].concat());
        let said = said.stdout.to_lowercase();
        assert!(
            said.contains("fixed since the baseline"),
            "{format}: {said}"
        );
    }
    let off = [&KNOWN[..], &["--severity", "pool-size=off"]].concat();
    let report = program.json(&off);
    assert_eq!(report.json["baseline"]["fixed"], serde_json::json!([]));
    assert_eq!(report.json["baseline"]["unjudged"][0]["rule"], "pool-size");
}

#[test]
fn what_is_unknown_is_known_only_where_it_would_fail() {
    let program = project().file("app/database.py", CODE.replace("=40", "=size()"));
    let strict = |rest: &[&str]| program.run(&[&CHECK[..], &["--strict"], rest].concat());
    assert_eq!(strict(&["--write-baseline", "known.json"]).status, 0);
    assert_eq!(strict(&["--baseline", "known.json"]).status, 0);
    program.run(&[&CHECK[..], &["--write-baseline", "known.json"]].concat());
    assert_eq!(strict(&["--baseline", "known.json"]).status, 1);
}

#[test]
fn an_update_is_judged_by_what_was_known_before() {
    let program = with_baseline().file(".env", ENV.replace("=50", "=51"));
    let both = [&KNOWN[..], &["--write-baseline", "known.json"]].concat();
    assert_eq!(program.run(&both).status, 1);
    assert_eq!(program.run(&KNOWN).status, 0);
}

#[test]
fn a_baseline_that_is_none_is_refused_with_its_place_and_without_its_text() {
    let known = |findings: &str| format!("{{\n  \"dbharden_baseline\": 1,\n{findings}\n}}\n");
    for (text, place) in [
        (String::new(), ":1:1: ends in the middle"),
        ("{\"dbharden_baseline\": 1,\n".to_owned(), ":2:1: ends in"),
        (known("  \"findings\": [,]"), ":3:16: is not valid JSON"),
        (
            known("  \"findings\": \"hunter22x\""),
            ":3:25: is not a baseline",
        ),
        (known("  \"other\": []"), ":3:9: is not a baseline"),
        (
            "{\"runs\": [\"hunter22x\"]}".to_owned(),
            ":1:7: is not a baseline",
        ),
        (
            "{\"dbharden_baseline\": 2, \"findings\": []}".to_owned(),
            ":1:23: is not a baseline",
        ),
        (
            format!("[{}]", "[".repeat(100_000)),
            ":1:1: is not a baseline",
        ),
    ] {
        let program = project().file("known.json", &text);
        let said = program.run(&KNOWN);
        assert_eq!(said.status, 2, "{text:.40}: {}", said.stderr);
        assert_eq!(said.stdout, "");
        let place = format!("known.json{place}");
        assert!(said.stderr.contains(&place), "{text:.40}: {}", said.stderr);
        assert!(!said.stderr.contains("hunter22x"), "{}", said.stderr);
    }
    assert_eq!(project().run(&KNOWN).status, 2);
}

#[test]
fn no_file_but_a_baseline_is_overwritten() {
    let program = project().file("notes.txt", "mine\n");
    let said = program.run(&[&CHECK[..], &["--write-baseline", "notes.txt"]].concat());
    assert_eq!(said.status, 2);
    assert_eq!(said.stdout, "");
    let kept = std::fs::read_to_string(program.folder().join("notes.txt")).unwrap();
    assert_eq!(kept, "mine\n");
    for path in ["app", "nowhere/known.json"] {
        let said = program.run(&[&CHECK[..], &["--write-baseline", path]].concat());
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{path}");
    }
}
