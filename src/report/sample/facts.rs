//! What the sample report found out.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::conninfo::{self, Redacted};
use crate::driver::{Driver, Kind, Prediction, RefusedBy, Tls, Variables, Verifies};
use crate::facts::{
    ActivityRow, Connection, Count, DatabaseUrl, Engine, EngineDetails, EngineSetting, Environment,
    EnvironmentKind, Facts, Failure, Known, Metric, Reader, Role, ServerFacts, Service,
    SettingFrom, Stage, StageName, StageReport, StartedProcess, TlsFacts, UrlText, Value, Variable,
};
use crate::value::{Origin, Secret};

/// The sample's connection string, with the password that no report shows.
pub(super) const URL: &str = "postgresql://app:s3cr3t%2Fpw@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=require&sslpassword=k3yp4ss";

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
        files: Vec::new(),
        parts: None,
    }
}

pub(super) fn facts() -> Facts {
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
        handed_on: None,
        prediction,
    };
    Facts {
        urls: vec![DatabaseUrl {
            subject: "DATABASE_URL".into(),
            environment: Some("render.yaml:api".into()),
            origin: Some(Origin::file("render.yaml", 134, 9)),
            text: UrlText::Known(URL.into()),
            redacted: conninfo::redact(URL),
            parsed: conninfo::parse(URL),
            parts: conninfo::parse(URL),
            provider: None,
            absent_files: None,
            variables: Variables::default(),
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
        details: EngineDetails::default(),
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
            ..TlsFacts::default()
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
                ..ActivityRow::default()
            },
            ActivityRow {
                total: Some(2),
                ..ActivityRow::default()
            },
        ]),
        ..Connection::default()
    }
}

pub(super) fn filled_facts(text: &str) -> Facts {
    let own = || text.to_owned();
    let mut url = facts().urls.remove(0);
    url.subject = own();
    url.environment = Some(own());
    url.text = UrlText::Known(Secret::from(text));
    url.redacted = Redacted {
        text: own(),
        replaced: Vec::new(),
    };
    if let Ok(parsed) = &mut url.parsed {
        for parameter in &mut parsed.parameters {
            parameter.value = Secret::from(text);
        }
    }
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
                note: Some(own()),
            }],
            deployment: None,
        }],
        urls: vec![url],
        engines: vec![engine],
        code_read: true,
        services: vec![Service {
            environment: own(),
            file: own(),
            platform: "render",
            origin: None,
            instances: Count::Known(1, own()),
            processes: vec![StartedProcess {
                starts: own(),
                workers: Count::Unknown(1, own()),
                engines: vec![(own(), 383)],
                files: BTreeSet::from([own()]),
                doubt: Some(own()),
            }],
            unknown: Some(own()),
            plan: Some((own(), own())),
            unseen: vec![own()],
        }],
        connections: vec![connection],
        metrics: vec![Metric {
            name: "pool_size",
            value: 5.0,
            source: own(),
        }],
        ..Facts::default()
    }
}
