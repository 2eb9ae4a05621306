#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use std::time::Duration;

use jiff::civil::date;

use super::RULES;
use crate::facts::{Facts, HealthFacts, HealthFailure, Metric, Missing, PoolMetrics};
use crate::rules::{Check, Context, Outcome, Verdict};
use crate::spec::Spec;

fn judge_with(profile: &str, id: &str, health: Option<HealthFacts>) -> Outcome {
    let spec = Spec::profile(profile).unwrap();
    let facts = Facts {
        health,
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

fn answering(pools: &[&[(&'static str, f64)]]) -> HealthFacts {
    HealthFacts {
        url: "http://h/health".to_owned(),
        status: Some(200),
        took: Duration::from_millis(5),
        pools: pools
            .iter()
            .map(|metrics| PoolMetrics {
                place: "/pool".to_owned(),
                metrics: metrics
                    .iter()
                    .map(|&(name, value)| Metric {
                        name,
                        value,
                        source: format!("/pool/{name}"),
                    })
                    .collect(),
            })
            .collect(),
        ..HealthFacts::default()
    }
}

/// A pool of five that nobody has used yet, as SQLAlchemy reports it.
const FRESH: &[(&str, f64)] = &[
    ("pool_size", 5.0),
    ("checked_in", 0.0),
    ("checked_out", 0.0),
    ("overflow", -5.0),
    ("max_overflow", 10.0),
    ("pool_recycle", 1800.0),
];

fn fails(id: &str, health: &HealthFacts) -> String {
    match judge_with("enterprise", id, Some(health.clone())) {
        Ok(Verdict::Fail(finding)) => {
            assert!(finding.fix.is_some_and(|fix| !fix.is_empty()), "{id}");
            finding.seen.message
        }
        other => panic!("{id}: {other:?}"),
    }
}

fn passes(id: &str, health: &HealthFacts) {
    let outcome = judge_with("enterprise", id, Some(health.clone()));
    assert!(matches!(outcome, Ok(Verdict::Pass(_))), "{id}: {outcome:?}");
}

fn is_unknown(id: &str, health: Option<HealthFacts>) -> String {
    match judge_with("enterprise", id, health) {
        Err(Missing(what)) => what,
        other => panic!("{id}: {other:?}"),
    }
}

#[test]
fn a_fresh_pool_passes_every_rule_with_its_negative_overflow() {
    for rule in RULES {
        passes(rule.id, &answering(&[FRESH]));
    }
}

#[test]
fn an_endpoint_without_metrics_is_unknown_with_advice_and_no_pass() {
    for id in [
        "health-pool-size",
        "health-overflow",
        "health-recycle",
        "health-saturation",
    ] {
        let what = is_unknown(id, Some(answering(&[])));
        assert!(what.contains("pool.checkedout()"), "{id}: {what}");
    }
    is_unknown("health-consistent", Some(answering(&[])));
    for rule in RULES {
        is_unknown(rule.id, None);
    }
}

#[test]
fn an_endpoint_that_does_not_answer_fails_once_and_leaves_the_rest_unknown() {
    let mut health = answering(&[FRESH]);
    health.failure = Some(HealthFailure {
        message: "no whole answer came in time".to_owned(),
        fix: "do this".to_owned(),
    });
    let message = fails("health-reachable", &health);
    assert_eq!(message, "http://h/health: no whole answer came in time");
    for rule in &RULES[1..] {
        is_unknown(rule.id, Some(health.clone()));
    }
}

#[test]
fn a_status_that_is_no_success_fails_with_its_own_advice() {
    for status in [301, 401, 403, 404, 500, 503] {
        let mut health = answering(&[FRESH]);
        health.status = Some(status);
        assert!(fails("health-reachable", &health).ends_with(&status.to_string()));
    }
}

#[test]
fn values_outside_the_spec_fail_for_the_pool_that_has_them() {
    let bad: &[_] = &[
        ("pool_size", 20.0),
        ("overflow", 11.0),
        ("max_overflow", -1.0),
        ("pool_recycle", 300.0),
    ];
    let health = answering(&[FRESH, bad]);
    assert!(fails("health-pool-size", &health).ends_with("pool_size 20 (/pool)"));
    assert!(
        fails("health-overflow", &health).ends_with("overflow 11 (/pool), max_overflow -1 (/pool)")
    );
    assert!(fails("health-recycle", &health).ends_with("pool_recycle 300 (/pool)"));
}

#[test]
fn a_pool_counts_as_nearly_exhausted_from_four_fifths_on() {
    let using = |out: f64| {
        answering(&[&[
            ("pool_size", 5.0),
            ("max_overflow", 10.0),
            ("checked_out", out),
        ]])
    };
    passes("health-saturation", &using(11.0));
    assert_eq!(
        fails("health-saturation", &using(12.0)),
        "12 of 15 connections are in use (/pool)"
    );
    let leaking = [
        ("pool_size", 5.0),
        ("max_overflow", 10.0),
        ("checked_in", 0.0),
        ("overflow", 10.0),
    ];
    fails("health-saturation", &answering(&[&leaking]));
}

#[test]
fn without_the_limit_of_the_overflow_a_full_pool_is_unknown() {
    let using = |out: f64| answering(&[&[("pool_size", 5.0), ("checked_out", out)]]);
    passes("health-saturation", &using(3.0));
    is_unknown("health-saturation", Some(using(5.0)));
}

#[test]
fn an_answer_over_a_second_is_slow() {
    let mut health = answering(&[FRESH]);
    health.took = Duration::from_secs(1);
    passes("health-latency", &health);
    health.took = Duration::from_millis(1001);
    assert_eq!(fails("health-latency", &health), "the answer took 1001 ms");
}

#[test]
fn numbers_that_cannot_be_true_together_are_a_lie() {
    let lying: [&[(&str, f64)]; 4] = [
        &[
            ("pool_size", 5.0),
            ("checked_out", 40.0),
            ("max_overflow", 10.0),
        ],
        &[
            ("pool_size", 5.0),
            ("checked_out", 5.0),
            ("checked_in", 0.0),
            ("overflow", 3.0),
        ],
        &[("pool_size", 5.0), ("checked_out", -1.0)],
        &[("pool_size", 5.5), ("checked_out", 1.0)],
    ];
    for metrics in lying {
        fails("health-consistent", &answering(&[metrics]));
    }
    let mut health = answering(&[]);
    health.confession = Some("/status is \"unhealthy\"".to_owned());
    assert_eq!(
        fails("health-consistent", &health),
        "it answers 200 while /status is \"unhealthy\""
    );
    health.status = Some(503);
    is_unknown("health-consistent", Some(health));
}

#[test]
fn a_pool_without_limit_and_numbers_read_one_after_the_other_are_no_lie() {
    let one_by_one = [
        ("pool_size", 5.0),
        ("checked_out", 4.0),
        ("checked_in", 1.0),
        ("overflow", 1.0),
    ];
    let unlimited = [
        ("pool_size", 0.0),
        ("checked_out", 7.0),
        ("checked_in", 3.0),
        ("overflow", 0.0),
    ];
    for metrics in [&one_by_one, &unlimited] {
        passes("health-consistent", &answering(&[metrics]));
    }
}

#[test]
fn a_profile_without_demands_judges_no_value() {
    for id in ["health-pool-size", "health-overflow", "health-recycle"] {
        let outcome = judge_with("essential", id, Some(answering(&[FRESH])));
        assert!(
            matches!(outcome, Ok(Verdict::NotApplicable(_))),
            "{id}: {outcome:?}"
        );
    }
}
