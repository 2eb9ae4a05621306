//! One report that every renderer's tests show, and one whose every free text is given.

mod facts;

use std::time::Duration;

use self::facts::{URL, facts, filled_facts};
use super::{FailOn, Gate, Report, Sheet};
use crate::conninfo;
use crate::facts::{Facts, Missing};
use crate::rules::{Check, Judgement, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::{Origin, Span};

macro_rules! rule {
    ($name:ident, $id:literal, $severity:ident) => {
        pub(super) static $name: Rule = Rule {
            id: $id,
            severity: Severity::$severity,
            summary: "the setting is as the spec wants it",
            rationale: "An application whose setting is another one stops working on a bad day.",
            fix: "set it as the spec wants it",
            symptoms: &[],
            references: &["https://www.postgresql.org/docs/current/libpq-connect.html"],
            check: Check::Project(|_| Seen::new("").pass()),
        };
    };
}
rule!(URL_CLEAN, "url-clean", Error);
rule!(URL_PORT, "url-port", Error);
rule!(URL_PARAMETERS, "url-parameters", Error);
rule!(POOL_SIZE, "pool-size", Error);
rule!(POOL_RECYCLE, "pool-recycle", Error);
rule!(POOL_TIMEOUT, "pool-timeout", Error);
rule!(ENGINE_SIZE, "engine-pool-size", Error);
rule!(ENGINE_PING, "engine-pre-ping", Error);
rule!(AUTH, "connect-auth", Error);
rule!(TLS_HOST, "tls-certificate-host", Warning);
rule!(POOLER, "server-pooler", Note);

pub(super) static RULES: &[&Rule] = &[
    &URL_CLEAN,
    &URL_PORT,
    &URL_PARAMETERS,
    &POOL_SIZE,
    &POOL_RECYCLE,
    &POOL_TIMEOUT,
    &ENGINE_SIZE,
    &ENGINE_PING,
    &AUTH,
    &TLS_HOST,
    &POOLER,
];

/// What a report borrows.
pub(super) struct Sample {
    pub(super) judgements: Vec<Judgement>,
    pub(super) facts: Facts,
    pub(super) command: &'static str,
}

impl Sample {
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            command: self.command,
            profile: "enterprise",
            judgements: self.judgements.clone(),
            facts: &self.facts,
            fail_on: FailOn {
                least: Some(Severity::Error),
                strict: false,
            },
            took: Duration::from_millis(412),
        }
    }

    pub(super) fn sheet(&self) -> Sheet {
        self.report().seal(&Gate::of(&self.facts, []))
    }

    /// A run over a project with a bit of everything.
    pub(super) fn new() -> Self {
        Self {
            judgements: judgements(),
            facts: facts(),
            command: "check",
        }
    }

    /// A report in which every free text is the given one.
    pub(super) fn filled(text: &str) -> Self {
        let seen = || {
            Seen::new(text)
                .observed(text)
                .expected(text)
                .at(Origin::file(text, 3, 4))
                .at(Origin::env(text))
                .at(Origin::Server {
                    host: text.into(),
                    port: 5432,
                })
        };
        let outcomes: [Outcome; 5] = [
            seen().pass(),
            seen().fail(text).mark(Span::new(0, 1)).into(),
            seen().fail(text).severity(Severity::Note).into(),
            Verdict::not_applicable(text.to_owned()),
            Err(Missing::new(text)),
        ];
        let mut judgements: Vec<Judgement> = outcomes
            .into_iter()
            .zip([&URL_CLEAN, &URL_PORT, &POOL_SIZE, &ENGINE_PING, &AUTH])
            .map(|(outcome, rule)| judgement(rule, text, outcome))
            .collect();
        for one in &mut judgements {
            one.driver = Some(text.into());
            one.environment = Some(text.into());
            one.redacted = Some(text.into());
            one.origin = Some(Origin::flag(text));
        }
        judgements[2].waived = Some(text.into());
        Self {
            judgements,
            facts: filled_facts(text),
            command: "logs",
        }
    }
}

fn judgement(rule: &'static Rule, subject: &str, outcome: Outcome) -> Judgement {
    let severity = match &outcome {
        Ok(Verdict::Fail(finding)) => finding.severity.unwrap_or(rule.severity),
        _ => rule.severity,
    };
    Judgement {
        rule,
        subject: subject.into(),
        driver: None,
        environment: None,
        origin: None,
        redacted: None,
        outcome,
        severity,
        waived: None,
        lapsed: None,
    }
}

#[expect(clippy::too_many_lines, reason = "a list, read by looking up")]
fn judgements() -> Vec<Judgement> {
    let url = conninfo::redact(URL).text;
    let in_render = |mut one: Judgement, line: u32| {
        one.environment = Some("render.yaml:api".into());
        one.origin = Some(Origin::file("render.yaml", line, 9));
        one.redacted = Some(url.clone());
        one
    };
    let mark = |part: &str| {
        let start = url.find(part).unwrap_or_default();
        Span::new(start, start + part.len())
    };
    let mut parameters = judgement(
        &URL_PARAMETERS,
        "DATABASE_URL",
        Seen::new("asyncpg does not know sslmode in a SQLAlchemy URL and raises TypeError")
            .observed("sslmode=require")
            .expected("ssl=require")
            .fail("write ssl=require instead of sslmode=require")
            .mark(mark("sslmode=require"))
            .into(),
    );
    parameters.driver = Some("sqlalchemy+asyncpg".into());
    let mut waived = in_render(
        judgement(
            &POOL_RECYCLE,
            "DB_POOL_RECYCLE",
            Seen::new("connections are replaced after 300 s")
                .observed("300")
                .expected("1800")
                .fail("set DB_POOL_RECYCLE to 1800")
                .into(),
        ),
        141,
    );
    waived.waived = Some("rolled back after incident 123".into());
    vec![
        in_render(
            judgement(
                &URL_CLEAN,
                "DATABASE_URL",
                Seen::new("nothing around it").pass(),
            ),
            134,
        ),
        in_render(
            judgement(
                &URL_PORT,
                "DATABASE_URL",
                Seen::new("the port is left out")
                    .observed("none")
                    .expected("1 to 65535, written out")
                    .fail("write :5432 behind the host")
                    .mark(mark("ep-cool-1.eu-central-1.aws.neon.tech"))
                    .into(),
            ),
            134,
        ),
        in_render(parameters, 134),
        in_render(
            judgement(
                &POOL_SIZE,
                "DB_POOL_SIZE",
                Seen::new("5 connections")
                    .observed("5")
                    .expected("1 to 5")
                    .pass(),
            ),
            140,
        ),
        waived,
        in_render(
            judgement(
                &POOL_TIMEOUT,
                "DB_POOL_TIMEOUT",
                Verdict::not_applicable("unset: the engine's own default decides"),
            ),
            142,
        ),
        judgement(
            &ENGINE_SIZE,
            "app/database.py:383",
            Seen::new("pool_size is 5")
                .observed("5")
                .expected("1 to 5")
                .pass(),
        ),
        judgement(
            &ENGINE_PING,
            "app/database.py:383",
            Seen::new("pool_pre_ping is off")
                .observed("False")
                .expected("True")
                .at(Origin::file("app/database.py", 386, 5))
                .fail("pass pool_pre_ping=True")
                .into(),
        ),
        judgement(
            &ENGINE_PING,
            "server/main.py:41",
            Err(Missing::new("the value of OPTIONS, server/main.py:12")),
        ),
        judgement(
            &AUTH,
            "db.example.com:5432",
            Seen::new("the server refused the password of user \"app\"")
                .at(Origin::Server {
                    host: "db.example.com".into(),
                    port: 5432,
                })
                .fail("look in the server's log for the reason behind 28P01")
                .into(),
        ),
        judgement(
            &TLS_HOST,
            "db.example.com:5432",
            Err(Missing::new("the TLS handshake")),
        ),
        judgement(
            &POOLER,
            "db.example.com:5432",
            Seen::new("PgBouncer is in between")
                .fail("do not rely on session state")
                .into(),
        ),
    ]
}
