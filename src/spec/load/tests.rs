//! What a configuration is taken for, and how it is refused.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use jiff::civil::date;
use proptest::prelude::*;

use super::{Loaded, MAX_BYTES};
use crate::spec::{Bound, Level, Severity, Spec, SpecError, Threshold, TlsDemand};

const RULES: [&str; 3] = ["url-connect-timeout", "engine-recycle", "url-port"];

fn load(text: &str) -> Result<Loaded, SpecError> {
    Spec::load("dbharden.toml", text, None, &RULES)
}

/// Asserts place, message and hint of the error.
fn refused(text: &str, at: &str, message: &str, hint: Option<&str>) {
    let error = load(text).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("dbharden.toml:{at}: {message}"),
        "{text}"
    );
    assert_eq!(error.hint().as_deref(), hint, "{text}");
}

#[test]
fn the_contract_s_example_is_read_whole() {
    let loaded = load(
        r#"
profile = "enterprise"            # or "essential"
fail_on = "warning"

[spec]
application_name = "hiremebahamas"
pool_size = { min = 2, max = 6 }
max_overflow = { min = 0, max = 1_0 }
pool_recycle = { equals = 900 }
pool_timeout = { min = 1, max = 30 }
pool_pre_ping = false
port = "any"
tls = "verify-full"

[variables]
database_url = ["DATABASE_URL", "PG_URL"]
pool_size = ["POOL"]

[deployment]
instances = 1
workers = 2
plan_connections = 100

[severity]
"url-connect-timeout" = "error"
url-port = "off"

[[waive]]
rule = "engine-recycle"
subject = "app/database.py:*"
until = 2026-12-31
reason = "rolled back after incident 123"

[[waive]]
rule = "url-port"
until = 2026-12-30
reason = "später"
"#,
    )
    .unwrap();
    assert_eq!(loaded.fail_on, Some(Threshold::From(Severity::Warning)));
    let spec = loaded.spec;
    assert_eq!(spec.application_name.as_deref(), Some("hiremebahamas"));
    assert_eq!(spec.pool_size, Bound::Range { min: 2, max: 6 });
    assert_eq!(spec.max_overflow, Bound::Range { min: 0, max: 10 });
    assert_eq!(spec.pool_recycle, Bound::Equals(900));
    assert_eq!(spec.pool_pre_ping, Some(false));
    assert!(!spec.port_explicit);
    assert_eq!(spec.tls, TlsDemand::VerifyFull);
    assert_eq!(spec.variables.database_url, ["DATABASE_URL", "PG_URL"]);
    assert_eq!(spec.variables.pool_size, ["POOL"]);
    assert_eq!(spec.variables.max_overflow, ["DB_MAX_OVERFLOW"]);
    assert_eq!(spec.deployment.workers, Some(2));
    assert_eq!(
        spec.level("url-connect-timeout"),
        Some(Level::At(Severity::Error))
    );
    assert_eq!(spec.level("url-port"), Some(Level::Off));
    assert_eq!(spec.waivers.len(), 2);
    assert_eq!(spec.waivers[0].until, date(2026, 12, 31));
    assert_eq!(spec.waivers[1].subject, None);
}

#[test]
fn the_flag_s_profile_beats_the_file_s_and_the_file_s_overrides_stay() {
    let text = "profile = \"enterprise\"\n[spec]\npool_timeout = { equals = 7 }\n";
    let loaded = Spec::load("d.toml", text, Spec::profile("essential"), &RULES).unwrap();
    assert_eq!(loaded.spec.profile, "essential");
    assert_eq!(loaded.spec.pool_timeout, Bound::Equals(7));
    assert!(!loaded.spec.port_explicit);
    // The profile counts for the whole file, also where it stands last in a table of its own.
    let loaded = load("fail_on = \"never\"\nprofile = \"essential\"\n").unwrap();
    assert_eq!(loaded.spec.profile, "essential");
    assert_eq!(loaded.fail_on, Some(Threshold::Never));
}

#[test]
fn an_empty_file_is_the_default_profile() {
    for text in ["", "\u{feff}", "# nothing\r\n", "[spec]\n"] {
        assert_eq!(
            load(text).unwrap().spec,
            Spec::profile("enterprise").unwrap()
        );
    }
}

#[test]
fn an_end_that_is_left_out_is_the_profile_s() {
    let spec = load("[spec]\npool_size = { max = 8 }").unwrap().spec;
    assert_eq!(spec.pool_size, Bound::Range { min: 1, max: 8 });
    refused(
        "[spec]\npool_size = { min = 6 }",
        "2:13",
        "`pool_size` has a `min` of 6 above its `max` of 5",
        None,
    );
    refused(
        "[spec]\npool_recycle = { min = 6 }",
        "2:16",
        "`pool_recycle` needs a `max` too",
        None,
    );
}

#[test]
fn unknown_names_get_their_place_and_the_name_that_was_meant() {
    refused(
        "[spec]\npool_szie = { min = 1, max = 5 }",
        "2:1",
        "unknown key `pool_szie`",
        Some("did you mean `pool_size`?"),
    );
    refused(
        "[sepc]\nport = \"any\"",
        "1:2",
        "unknown key `sepc`",
        Some("did you mean `spec`?"),
    );
    refused(
        "[spec]\npool_size = { mim = 1, max = 5 }",
        "2:15",
        "unknown key `mim`",
        Some("did you mean `min`?"),
    );
    refused(
        "[severity]\n\"url-conect-timeout\" = \"error\"",
        "2:1",
        "unknown rule `url-conect-timeout`",
        Some("did you mean `url-connect-timeout`?"),
    );
    refused(
        "[severity]\nurl-port = \"of\"",
        "2:12",
        "unknown value of `url-port`: `of`",
        Some("did you mean `off`?"),
    );
    refused(
        "[spec]\ntls = \"verify_full\"",
        "2:7",
        "unknown value of `tls`: `verify_full`",
        Some("did you mean `verify-full`?"),
    );
    refused(
        "profile = \"enterprize\"",
        "1:11",
        "unknown value of `profile`: `enterprize`",
        Some("did you mean `enterprise`?"),
    );
    refused(
        "[[waive]]\nrule = \"engine-recycel\"\nuntil = 2026-01-01\nreason = \"x\"",
        "2:8",
        "unknown rule `engine-recycel`",
        Some("did you mean `engine-recycle`?"),
    );
    refused(
        "[deployment]\nworker = 2",
        "2:1",
        "unknown key `worker`",
        Some("did you mean `workers`?"),
    );
}

#[test]
fn wrong_types_get_their_place() {
    refused(
        "[spec]\npool_size = 5",
        "2:13",
        "`pool_size` must be a table, not a whole number",
        Some("write { min = 1, max = 5 } or { equals = 5 }"),
    );
    refused(
        "[spec]\npool_size = { min = \"1\", max = 5 }",
        "2:21",
        "`min` must be a whole number, not a string",
        None,
    );
    refused(
        "[spec]\npool_size = { min = 1.0, max = 5 }",
        "2:21",
        "`min` must be a whole number, not a number with a fraction",
        None,
    );
    refused(
        "[spec]\npool_pre_ping = \"true\"",
        "2:17",
        "`pool_pre_ping` must be true or false, not a string",
        None,
    );
    refused(
        "fail_on = 3",
        "1:11",
        "`fail_on` must be a string, not a whole number",
        None,
    );
    refused(
        "spec = 3",
        "1:8",
        "`spec` must be a table, not a whole number",
        None,
    );
    refused(
        "[variables]\ndatabase_url = \"DB\"",
        "2:16",
        "`database_url` must be an array of names, not a string",
        Some("write database_url = [\"NAME\"]"),
    );
    refused(
        "[variables]\ndatabase_url = [\"A\", 5]",
        "2:22",
        "`database_url` must be a string, not a whole number",
        None,
    );
    refused(
        "[waive]\nrule = \"url-port\"",
        "1:1",
        "`waive` must be an array of tables, not a table",
        Some("write [[waive]], with two brackets"),
    );
    refused(
        "é = 1",
        "1:1",
        "is not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_`",
        None,
    );
}

#[test]
fn impossible_values_get_their_place() {
    for (text, at, message) in [
        (
            "[spec]\npool_size = { min = -1, max = 5 }",
            "2:21",
            "`min` must be at least 0",
        ),
        (
            "[spec]\npool_size = { min = 1, max = 99999999999999999999 }",
            "2:30",
            "`max` is too large",
        ),
        (
            "[spec]\npool_size = { equals = 1, max = 5 }",
            "2:13",
            "`equals` excludes `min` and `max`",
        ),
        ("[spec]\npool_size = { }", "2:13", "`pool_size` is empty"),
        (
            "[spec]\napplication_name = \" \"",
            "2:20",
            "`application_name` must not be empty",
        ),
        (
            "[deployment]\ninstances = 0",
            "2:13",
            "`instances` must be at least 1",
        ),
        (
            "[variables]\npool_size = []",
            "2:13",
            "`pool_size` names no variable",
        ),
        (
            "[variables]\npool_size = [\"A=B\"]",
            "2:14",
            "a variable's name has letters, digits and `_`, and starts with no digit",
        ),
        (
            "[[waive]]\nrule = \"url-port\"\nuntil = 2026-12-31",
            "1:1",
            "a waiver needs `reason`",
        ),
        (
            "[[waive]]\nrule = \"url-port\"\nreason = \"x\"",
            "1:1",
            "a waiver needs `until`",
        ),
        (
            "\n[[waive]]\nuntil = 2026-12-31\nreason = \"x\"",
            "2:1",
            "a waiver needs `rule`",
        ),
        (
            "[[waive]]\nrule = \"url-port\"\nuntil = 2026-12-31\nreason = \"\"",
            "4:10",
            "`reason` must not be empty",
        ),
        (
            "[[waive]]\nrule = \"url-port\"\nuntil = 2026-12-31T00:00:00Z\nreason = \"x\"",
            "3:9",
            "`until` must be a day alone, without a time",
        ),
    ] {
        refused(text, at, message, None);
    }
    refused(
        "[[waive]]\nrule = \"url-port\"\nuntil = \"2026-12-31\"\nreason = \"x\"",
        "3:9",
        "`until` must be a day, not a string",
        Some("write until = 2026-12-31, without quotes and without a time"),
    );
    let error = load("[[waive]]\nuntil = 2026-02-30\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 9));
}

#[test]
fn columns_count_characters() {
    refused(
        "[[waive]]\nreason = \"äöü\"\nrule = \"é\"",
        "3:8",
        "unknown rule `é`",
        Some("known here: url-connect-timeout, engine-recycle, url-port"),
    );
    refused("\u{feff}x = { a = \"ä\" }", "1:1", "unknown key `x`", {
        Some(
            "known here: profile, fail_on, spec, variables, deployment, severity, health, logs, waive",
        )
    });
}

#[test]
fn hostile_files_end_with_one_message() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("{} = 1", "a.".repeat(10_000) + "a"),
        format!("a = {}", "{a=".repeat(100_000)),
        "x".repeat(MAX_BYTES + 1),
        "[spec]\n[spec]\n".to_owned(),
        "a\0b = 1".to_owned(),
    ] {
        let message = load(&text).unwrap_err().to_string();
        assert!(message.len() < 300, "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}=\",.a-z0-9\n\\-é \u{feff}]{0,80}") {
        let _ = load(&text);
    }
}
