//! `engine-tls`: the engine requires TLS, in the spelling of its driver.

use super::{advised, not_judged, predicted};
use crate::driver::{Kind, Tls, Verifies};
use crate::facts::{ArgumentValue, Engine, Known, Library, Missing};
use crate::provider::is_local_or_private;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::{Severity, TlsDemand};

pub(super) static RULE: Rule = Rule {
    id: "engine-tls",
    severity: Severity::Error,
    summary: "an engine does not require TLS",
    rationale: "libpq and asyncpg both default to prefer: they take clear text when the server, or \
        somebody in between, offers no TLS. The URL or connect_args must ask for it, in the driver's own \
        spelling: sslmode for psycopg2 and psycopg; ssl for asyncpg, where sslmode raises a TypeError \
        through SQLAlchemy. require encrypts and, without a root file, does not check who answers.",
    fix: "ask for TLS in the URL or in connect_args, in the spelling of the driver",
    symptoms: &["no pg_hba.conf entry for host", "no encryption", "SSL off"],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html"],
    check: Check::Engine(check),
};

/// What an engine's own arguments say of TLS.
enum Said {
    Nothing,
    Required(String, Option<Verifies>),
    NotRequired(String),
    Unknown(String),
}

fn check(engine: &Engine, context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    if context.spec.tls == TlsDemand::Any {
        return Verdict::not_applicable("the spec demands nothing");
    }
    if engine.details.library == Library::Django && engine.details.url.text.is_none() {
        return Err(Missing::new("the host of the database"));
    }
    let Some(driver) = &engine.driver else {
        return Err(Missing::new("the driver of the engine"));
    };
    let said = said(engine, driver.kind);
    let fix = advised(engine, fix(driver.kind));
    let text = engine.details.url.text.as_ref();
    let prediction = text.map(|text| predicted(engine, driver, text.expose(), context));
    if let Some(prediction) = &prediction {
        let hosts = &prediction.hosts;
        if !hosts.is_empty() && hosts.iter().all(|(host, _)| is_local_or_private(host)) {
            return Verdict::not_applicable("the host is local or private");
        }
    }
    let wanted = context.spec.tls;
    match said {
        Said::Required(how, verifies) => required(&how, verifies, wanted, fix),
        Said::NotRequired(how) => Seen::new(format!("{how} does not require TLS"))
            .observed(how)
            .expected("TLS required")
            .fail(fix)
            .into(),
        Said::Unknown(why) => Err(Missing::new(format!("what connect_args say of TLS: {why}"))),
        Said::Nothing => {
            let Some(prediction) = prediction else {
                return Err(Missing::new("the connection string, which may ask for TLS"));
            };
            if !prediction.accepts && prediction.tls.is_none() {
                return Verdict::not_applicable(
                    "the driver refuses the connection string (url-parameters)",
                );
            }
            let enough = match wanted {
                TlsDemand::Any | TlsDemand::Require => true,
                TlsDemand::VerifyCa => prediction
                    .verifies
                    .is_some_and(|verifies| verifies >= Verifies::Chain),
                TlsDemand::VerifyFull => prediction.verifies == Some(Verifies::ChainAndHost),
            };
            match prediction.tls {
                Some(Tls::Required) if enough => {
                    Seen::new("the connection string requires TLS").pass()
                }
                Some(_) => Seen::new(
                    "neither the connection string nor connect_args ask for the TLS of the spec",
                )
                .expected("TLS required")
                .fail(fix)
                .into(),
                None => Err(Missing::new("when the driver uses TLS")),
            }
        }
    }
}

/// Judges TLS that is required: who answers is checked as far as the spec wants it.
fn required(how: &str, verifies: Option<Verifies>, wanted: TlsDemand, fix: String) -> Outcome {
    let (enough, severity) = match wanted {
        TlsDemand::Any | TlsDemand::Require => (None, Severity::Warning),
        TlsDemand::VerifyCa => (Some(Verifies::Chain), Severity::Error),
        TlsDemand::VerifyFull => (Some(Verifies::ChainAndHost), Severity::Error),
    };
    if enough.is_some() && verifies.is_none() {
        return Err(Missing::new(format!("what {how} verifies")));
    }
    let seen = Seen::new(format!("TLS is required by {how}"));
    if verifies == Some(Verifies::Nothing) || verifies.is_some() && verifies < enough {
        let seen = seen.expected("a check of who answers");
        return seen.fail(fix).severity(severity).into();
    }
    seen.pass()
}

/// Returns what an `ssl` context requires; what it verifies is known where the code says: nothing.
fn context_of(engine: &Engine, path: &str, made: &str) -> Said {
    let check = engine.details.argument(&format!("{path}.verify_mode"));
    let off = match check.map(|argument| &argument.value) {
        Some(ArgumentValue::Object(value)) => value == "ssl.CERT_NONE",
        Some(_) => false,
        None => made == "ssl._create_unverified_context",
    };
    if off {
        let how = format!("{path}, a context that verifies nothing");
        return Said::Required(how, Some(Verifies::Nothing));
    }
    Said::Required(format!("{path}, a context"), None)
}

fn said(engine: &Engine, kind: Kind) -> Said {
    let details = &engine.details;
    let base = match details.library {
        Library::Sqlalchemy | Library::SqlalchemyAsync => "connect_args.",
        Library::PsycopgPool => "kwargs.",
        Library::Django => "OPTIONS.",
        _ => "",
    };
    let libpq = matches!(
        kind,
        Kind::Psycopg2
            | Kind::Psycopg
            | Kind::SqlalchemyPsycopg2
            | Kind::SqlalchemyPsycopg
            | Kind::Libpq
    );
    let name = if libpq {
        "sslmode"
    } else if kind == Kind::SqlalchemyPg8000 {
        "ssl_context"
    } else {
        "ssl"
    };
    let path = format!("{base}{name}");
    let Some(argument) = details.argument(&path) else {
        let above = path
            .match_indices('.')
            .map(|(at, _)| &path[..at])
            .chain([""]);
        let open = above.into_iter().find_map(|above| details.open_at(above));
        return open.map_or(Said::Nothing, |why| Said::Unknown(why.to_owned()));
    };
    match &argument.value {
        ArgumentValue::Unknown(why) => Said::Unknown(why.clone()),
        ArgumentValue::Object(made) => context_of(engine, &path, made),
        ArgumentValue::Plain(Known::Bool(true)) if !libpq => {
            Said::Required(format!("{path}=True"), None)
        }
        ArgumentValue::Plain(_) => Said::NotRequired(path),
        ArgumentValue::Text(text) => match text.expose() {
            mode @ ("require" | "verify-ca" | "verify-full") => {
                let verifies = match mode {
                    // libpq checks the chain where the file of roots exists.
                    "require" => None,
                    "verify-ca" => Some(Verifies::Chain),
                    _ => Some(Verifies::ChainAndHost),
                };
                Said::Required(format!("{path}={mode}"), verifies)
            }
            mode @ ("disable" | "allow" | "prefer") => Said::NotRequired(format!("{path}={mode}")),
            _ => Said::Unknown(format!("{path} has a value that is no sslmode")),
        },
    }
}

fn fix(kind: Kind) -> &'static str {
    match kind {
        Kind::SqlalchemyAsyncpg => {
            "pass connect_args={\"ssl\": ssl.create_default_context()}, or end the URL in ?ssl=require"
        }
        Kind::Asyncpg => "pass ssl=ssl.create_default_context()",
        Kind::SqlalchemyPg8000 => {
            "pass connect_args={\"ssl_context\": ssl.create_default_context()}"
        }
        Kind::Psycopg | Kind::Psycopg2 => "pass sslmode=\"verify-full\", or at least \"require\"",
        _ => "pass connect_args={\"sslmode\": \"verify-full\"}, or at least \"require\"",
    }
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::ArgumentValue;
    use crate::rules::engine::tests::{at, engine, given, judged};

    const ID: &str = "engine-tls";

    #[test]
    fn tls_by_the_url_or_by_arguments_passes() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        let by_url = at(
            sync.clone(),
            "postgresql+psycopg2://u:p@db.example.com/d?sslmode=require",
        );
        assert_eq!(judged(ID, &[by_url]), "pass");
        let by_argument = given(
            sync,
            "connect_args.sslmode",
            ArgumentValue::Text("verify-full".into()),
        );
        assert_eq!(judged(ID, &[by_argument]), "pass");
        let context = given(
            engine(Kind::SqlalchemyAsyncpg),
            "connect_args.ssl",
            ArgumentValue::Object("ssl.create_default_context".into()),
        );
        assert_eq!(judged(ID, &[context]), "pass");
    }

    #[test]
    fn a_context_that_verifies_nothing_fails() {
        let made = |name: &str| {
            given(
                engine(Kind::SqlalchemyAsyncpg),
                "connect_args.ssl",
                ArgumentValue::Object(name.into()),
            )
        };
        let checked = |value: &str| {
            given(
                made("ssl.create_default_context"),
                "connect_args.ssl.verify_mode",
                ArgumentValue::Object(value.into()),
            )
        };
        assert_eq!(judged(ID, &[checked("ssl.CERT_NONE")]), "fail");
        assert_eq!(
            judged(ID, &[made("ssl._create_unverified_context")]),
            "fail"
        );
        assert_eq!(judged(ID, &[checked("ssl.CERT_REQUIRED")]), "pass");
    }

    #[test]
    fn an_engine_that_takes_clear_text_fails() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(
            judged(
                ID,
                &[at(
                    sync.clone(),
                    "postgresql+psycopg2://u:p@db.example.com/d"
                )]
            ),
            "fail"
        );
        let prefer = given(
            sync,
            "connect_args.sslmode",
            ArgumentValue::Text("prefer".into()),
        );
        assert_eq!(judged(ID, &[prefer]), "fail");
    }

    #[test]
    fn an_unknown_url_is_unknown_and_a_local_one_is_not_judged() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(judged(ID, std::slice::from_ref(&sync)), "unknown");
        assert_eq!(
            judged(ID, &[at(sync, "postgresql+psycopg2://u:p@localhost/d")]),
            "n/a"
        );
    }
}
