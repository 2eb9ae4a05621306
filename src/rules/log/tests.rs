#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use jiff::civil::date;

use super::RULES;
use crate::facts::{Facts, LogError, LogFacts, LogSetting, Missing};
use crate::rules::{Check, Context, Outcome, Verdict};
use crate::spec::Spec;
use crate::value::Origin;

fn judge_with(profile: &str, id: &str, log: Option<LogFacts>) -> Outcome {
    let spec = Spec::profile(profile).unwrap();
    let facts = Facts {
        log,
        ..Facts::default()
    };
    let context = Context {
        spec: &spec,
        facts: &facts,
        today: date(2026, 1, 1),
    };
    let rule = RULES.iter().find(|rule| rule.id == id).unwrap();
    let Check::Project(check) = rule.check else {
        panic!("{id} judges no project");
    };
    check(context)
}

fn judge(id: &str, log: LogFacts) -> Outcome {
    judge_with("enterprise", id, Some(log))
}

fn stating(settings: &[(&'static str, f64, u64)]) -> LogFacts {
    LogFacts {
        source: "app.log".to_owned(),
        lines: 100,
        settings: settings
            .iter()
            .map(|&(name, value, line)| LogSetting { name, value, line })
            .collect(),
        ..LogFacts::default()
    }
}

fn error(id: &'static str, first_line: u64, count: u64, others: usize) -> LogError {
    LogError {
        id,
        title: "a title",
        fix: "do this",
        others,
        first_line,
        last_line: first_line,
        count,
    }
}

#[test]
fn values_of_the_spec_pass_and_others_fail_at_their_line() {
    let good = stating(&[
        ("pool_size", 5.0, 2),
        ("max_overflow", 10.0, 2),
        ("pool_recycle", 1800.0, 2),
    ]);
    let bad = stating(&[
        ("pool_size", 0.0, 7),
        ("max_overflow", -1.0, 7),
        ("pool_recycle", 300.0, 7),
    ]);
    for id in ["log-pool-size", "log-max-overflow", "log-pool-recycle"] {
        assert!(
            matches!(judge(id, good.clone()), Ok(Verdict::Pass(_))),
            "{id}"
        );
        let Ok(Verdict::Fail(finding)) = judge(id, bad.clone()) else {
            panic!("{id}");
        };
        assert_eq!(finding.seen.origins, [Origin::file("app.log", 7, 1)]);
        assert!(finding.fix.is_some());
    }
}

#[test]
fn one_wrong_engine_among_several_fails_and_is_the_one_named() {
    let log = stating(&[("pool_size", 5.0, 2), ("pool_size", 20.0, 3)]);
    let Ok(Verdict::Fail(finding)) = judge("log-pool-size", log) else {
        panic!();
    };
    assert_eq!(finding.seen.observed.as_deref(), Some("20 (line 3)"));
    assert_eq!(finding.seen.expected.as_deref(), Some("1 to 5"));
}

#[test]
fn what_the_log_does_not_state_is_unknown_and_no_pass() {
    for rule in RULES {
        assert!(
            matches!(judge_with("enterprise", rule.id, None), Err(Missing(_))),
            "{}",
            rule.id
        );
    }
    for id in [
        "log-engine-started",
        "log-pool-size",
        "log-max-overflow",
        "log-pool-recycle",
    ] {
        assert!(matches!(judge(id, stating(&[])), Err(Missing(_))), "{id}");
    }
}

#[test]
fn an_empty_log_proves_nothing() {
    for rule in RULES {
        let outcome = judge(rule.id, LogFacts::default());
        assert!(matches!(outcome, Err(Missing(_))), "{}", rule.id);
    }
}

#[test]
fn a_profile_without_demands_judges_no_value() {
    let log = stating(&[("pool_size", 500.0, 1)]);
    let outcome = judge_with("essential", "log-pool-size", Some(log));
    assert!(
        matches!(outcome, Ok(Verdict::NotApplicable(_))),
        "{outcome:?}"
    );
}

#[test]
fn an_engine_that_was_initialised_passes_with_its_line() {
    let mut log = stating(&[]);
    log.engine_started = Some(12);
    let Ok(Verdict::Pass(seen)) = judge("log-engine-started", log) else {
        panic!();
    };
    assert_eq!(seen.origins, [Origin::file("app.log", 12, 1)]);
}

#[test]
fn known_failures_fail_with_line_count_and_advice() {
    let mut log = stating(&[]);
    assert!(matches!(
        judge("log-known-error", log.clone()),
        Ok(Verdict::Pass(_))
    ));
    log.errors = vec![error("q-lock-timeout", 4, 3, 0)];
    let Ok(Verdict::Fail(finding)) = judge("log-known-error", log.clone()) else {
        panic!();
    };
    assert_eq!(
        finding.seen.message,
        "1 known failure in 3 lines of the log: q-lock-timeout, a title: line 4, 3 times"
    );
    assert_eq!(finding.fix.as_deref(), Some("do this"));
    log.errors.push(error("pw-wrong", 9, 1, 2));
    let Ok(Verdict::Fail(finding)) = judge("log-known-error", log) else {
        panic!();
    };
    assert_eq!(finding.seen.origins.len(), 2);
    assert!(
        finding
            .seen
            .message
            .ends_with("pw-wrong, a title or 2 other causes: line 9")
    );
    assert!(
        finding
            .fix
            .unwrap()
            .contains("dbharden explain q-lock-timeout")
    );
}
