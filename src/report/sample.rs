//! One report that every renderer's tests show, and one whose every free text is given.

use std::time::Duration;

use super::{FailOn, Gate, Report, Sheet};
use crate::conninfo::{Form, Parameter, Parsed, Redacted};
use crate::driver::{Driver, Kind, Prediction, RefusedBy, Tls, Verifies};
use crate::facts::{
    ActivityRow, Connection, DatabaseUrl, Engine, EngineSetting, Environment, EnvironmentKind,
    Facts, Failure, Known, Metric, Missing, Reader, Role, ServerFacts, SettingFrom, Stage,
    StageName, StageReport, TlsFacts, Value, Variable,
};
use crate::rules::{Check, Judgement, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::{Origin, Secret, Span};

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
            judgements: &self.judgements,
            facts: &self.facts,
            fail_on: FailOn {
                least: Some(Severity::Error),
                strict: false,
            },
            took: Duration::from_millis(412),
        }
    }

    pub(super) fn sheet(&self) -> Sheet {
        self.report().seal(&Gate::new([Secret::from("s3cr3t/pw")]))
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
    }
}

const URL: &str =
    "postgresql+asyncpg://app:***@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=require";

fn judgements() -> Vec<Judgement> {
    let in_render = |mut one: Judgement, line: u32| {
        one.environment = Some("render.yaml:api".into());
        one.origin = Some(Origin::file("render.yaml", line, 9));
        one.redacted = Some(URL.into());
        one
    };
    let mark = |part: &str| {
        let start = URL.find(part).unwrap_or_default();
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

fn parameter(keyword: &str, value: &str, in_authority: bool) -> Parameter {
    Parameter {
        keyword: keyword.into(),
        value: value.into(),
        keyword_span: if in_authority {
            Span::default()
        } else {
            Span::new(0, keyword.len())
        },
        value_span: Span::default(),
    }
}

fn prediction() -> Prediction {
    Prediction {
        accepts: true,
        error: None,
        refused_by: None,
        hosts: vec![("ep-cool-1.eu-central-1.aws.neon.tech".into(), 5432)],
        user: Some("app".into()),
        dbname: Some("app".into()),
        application_name: None,
        tls: Some(Tls::Required),
        verifies: Some(Verifies::Nothing),
        roots: None,
        plaintext_password: Some(false),
    }
}

fn facts() -> Facts {
    let refused = Prediction {
        accepts: false,
        error: Some("TypeError: connect() got an unexpected keyword argument 'sslmode'".into()),
        refused_by: Some(RefusedBy::Driver),
        hosts: Vec::new(),
        user: None,
        dbname: None,
        tls: None,
        verifies: None,
        plaintext_password: None,
        ..prediction()
    };
    let reader = |kind, prediction| Reader {
        driver: Driver::newest(kind),
        because: "--driver".into(),
        prediction,
    };
    Facts {
        urls: vec![DatabaseUrl {
            subject: "DATABASE_URL".into(),
            environment: Some("render.yaml:api".into()),
            origin: Origin::file("render.yaml", 134, 9),
            text: Ok("postgresql+asyncpg://app:s3cr3t%2Fpw@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=require".into()),
            redacted: Redacted {
                text: URL.into(),
                replaced: vec![(Span::new(25, 36), Span::new(25, 28))],
            },
            parsed: Ok(Parsed {
                form: Form::Uri,
                parameters: vec![
                    parameter("user", "app", true),
                    parameter("password", "s3cr3t/pw", true),
                    parameter("dbname", "app", true),
                    parameter("sslmode", "require", false),
                    parameter("sslpassword", "keypass", false),
                ],
            }),
            provider: None,
            readers: vec![
                reader(Kind::SqlalchemyPsycopg2, prediction()),
                reader(Kind::SqlalchemyAsyncpg, refused),
            ],
        }],
        engines: vec![engine()],
        code_read: true,
        connections: vec![connection()],
        ..Facts::default()
    }
}

fn engine() -> Engine {
    let setting = |value, code_value, from, line| EngineSetting {
        value,
        code_value,
        from,
        line,
    };
    Engine {
        path: "app/database.py".into(),
        line: 383,
        function: "create_async_engine".into(),
        role: Role::App,
        driver: Some(Driver::newest(Kind::SqlalchemyAsyncpg)),
        url_from: "env:DATABASE_URL".into(),
        environment: None,
        settings: vec![
            (
                "pool_size",
                setting(
                    Some(Known::Int(5)),
                    Some(Known::Int(10)),
                    SettingFrom::Env("DB_POOL_SIZE".into()),
                    Some(385),
                ),
            ),
            (
                "pool_pre_ping",
                setting(
                    Some(Known::Bool(false)),
                    Some(Known::Bool(false)),
                    SettingFrom::Literal,
                    Some(386),
                ),
            ),
            (
                "pool_recycle",
                setting(
                    None,
                    None,
                    SettingFrom::Unknown("settings.recycle() at app/config.py:7".into()),
                    Some(387),
                ),
            ),
        ],
    }
}

fn connection() -> Connection {
    let stage = |name, stage, took: Option<u64>| StageReport {
        name,
        stage,
        took: took.map(Duration::from_micros),
    };
    let failure = Failure {
        cause: None,
        candidates: vec!["pw-wrong", "role-missing"],
        message: "password authentication failed".into(),
        fix: "look in the server's log".into(),
    };
    Connection {
        url: ("DATABASE_URL".into(), Some("process".into())),
        host: "db.example.com".into(),
        port: 5432,
        address: Some("192.0.2.7".into()),
        stages: vec![
            stage(StageName::Dns, Stage::Done(()), Some(1_204)),
            stage(StageName::Tcp, Stage::Done(()), Some(18_000)),
            stage(StageName::Tls, Stage::Done(()), Some(39_950)),
            stage(StageName::Auth, Stage::Failed(failure), Some(22_000)),
            stage(StageName::Query, Stage::NotRun, None),
        ],
        tls: Some(TlsFacts {
            version: "TLSv1.3".into(),
            cipher: "TLS13_AES_256_GCM_SHA384".into(),
            chain_verified: true,
            host_verified: true,
            not_after: Some("2027-01-01T00:00:00Z".into()),
            issuer: Some("CN=R11".into()),
        }),
        server: Some(ServerFacts {
            version: "16.4".into(),
            pooler: Some("pgbouncer".into()),
            max_connections: Some(100),
            ..ServerFacts::default()
        }),
        activity: Some(vec![
            ActivityRow {
                application_name: "hiremebahamas".into(),
                total: Some(4),
                active: Some(1),
                idle: Some(3),
                idle_in_transaction: Some(0),
                waiting: Some(0),
                unencrypted: None,
                oldest_transaction: Some(Duration::from_millis(1_250)),
            },
            ActivityRow {
                total: Some(2),
                ..ActivityRow::default()
            },
        ]),
    }
}

fn filled_facts(text: &str) -> Facts {
    let own = || text.to_owned();
    let mut url = facts().urls.remove(0);
    url.subject = own();
    url.environment = Some(own());
    url.text = Ok(Secret::from(text));
    url.redacted = Redacted {
        text: own(),
        replaced: Vec::new(),
    };
    url.parsed = Ok(Parsed {
        form: Form::Uri,
        parameters: ["user", "password", "dbname", "sslpassword", "options"]
            .iter()
            .map(|keyword| parameter(keyword, text, false))
            .collect(),
    });
    for reader in &mut url.readers {
        reader.because = own();
        reader.prediction.error = Some(own());
        reader.prediction.hosts = vec![(own(), 5432)];
        reader.prediction.user = Some(own());
        reader.prediction.dbname = Some(own());
        reader.prediction.application_name = Some(own());
    }
    let mut engine = engine();
    engine.path = own();
    engine.function = own();
    engine.url_from = own();
    engine.environment = Some(own());
    engine.settings[0].1.value = Some(Known::Text(own()));
    engine.settings[0].1.from = SettingFrom::Env(own());
    engine.settings[1].1.from = SettingFrom::EnvDefault(own());
    engine.settings[2].1.from = SettingFrom::Unknown(own());
    let mut connection = connection();
    connection.url = (own(), Some(own()));
    connection.host = own();
    connection.address = Some(own());
    connection.tls = Some(TlsFacts {
        version: own(),
        cipher: own(),
        not_after: Some(own()),
        issuer: Some(own()),
        ..TlsFacts::default()
    });
    connection.server = Some(ServerFacts {
        version: own(),
        pooler: Some(own()),
        ..ServerFacts::default()
    });
    connection.activity = Some(vec![ActivityRow {
        application_name: own(),
        ..ActivityRow::default()
    }]);
    Facts {
        environments: vec![Environment {
            name: own(),
            kind: EnvironmentKind::Process,
            variables: vec![Variable {
                name: own(),
                value: Value::Unknown(own()),
                origin: Origin::file(text, 1, 1),
            }],
            deployment: None,
        }],
        urls: vec![url],
        engines: vec![engine],
        code_read: true,
        connections: vec![connection],
        files: Vec::new(),
        metrics: vec![Metric {
            name: "pool_size",
            value: 5.0,
            source: own(),
        }],
    }
}
