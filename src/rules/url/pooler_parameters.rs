//! `url-pooler-parameters`: the pooled host takes every startup parameter that the driver sends.

use super::string_that_is_taken;
use crate::driver::startup_parameters;
use crate::facts::{DatabaseUrl, Missing, Reader, UrlText};
use crate::provider::{Pooler, Startup};
use crate::rules::session::settings_of_options;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-pooler-parameters",
    severity: Severity::Error,
    summary: "the pooler refuses or drops a startup parameter",
    rationale: "A pooler serves one server session to many clients, so it takes only the startup \
        parameters that it can set back. PgBouncer refuses any other that it is not told to \
        ignore, and the connection with it; Neon's proxy drops them without a word and its pooler \
        refuses those inside options=; Supavisor drops nearly all. A setting that belongs to the \
        role works wherever the pooler logs in as that role.",
    fix: "set it for the role instead: ALTER ROLE app SET statement_timeout = '5s'",
    symptoms: &[
        "unsupported startup parameter: options",
        "unsupported startup parameter in options: search_path",
    ],
    references: &["https://www.pgbouncer.org/config.html#ignore_startup_parameters"],
    check: Check::Reader(check),
};

/// What becomes of one parameter.
enum Fate {
    Refused(String),
    Dropped(String),
}

fn check(url: &DatabaseUrl, reader: &Reader, _context: Context<'_>) -> Outcome {
    let (Some(detected), UrlText::Known(text)) = (url.provider, &url.text) else {
        return Verdict::not_applicable("no pooler is known at this host");
    };
    let pooler = match (detected.pooled, &detected.provider.pooler) {
        (Some(true), Some(pooler)) => pooler,
        (None, Some(_)) => {
            return Err(Missing::new(
                "to know whether a pooler answers at this host",
            ));
        }
        _ => return Verdict::not_applicable("no pooler answers at this host"),
    };
    let Some(sent) = startup_parameters(&reader.driver, text.expose(), &url.variables) else {
        return Err(string_that_is_taken());
    };
    let fates: Vec<_> = sent
        .iter()
        .flat_map(|(name, value)| fates(pooler, name, value))
        .collect();
    let mark = url
        .parts
        .as_ref()
        .ok()
        .and_then(|parts| parts.get("options"))
        .map(|one| url.redacted.map(one.value_span));
    let name = detected.provider.name;
    let finding = match fates.iter().find(|fate| matches!(fate, Fate::Refused(_))).or(fates.first()) {
        None => return Seen::new(format!("{name}'s pooler takes what {} sends", reader.driver)).pass(),
        Some(Fate::Refused(what)) => Seen::new(format!("{name}'s pooler refuses {what}"))
            .observed(what)
            .fail(format!("remove it; set it for the role (ALTER ROLE … SET {what} = …), or use the direct host")),
        Some(Fate::Dropped(what)) => Seen::new(format!("{name}'s pooler drops {what} without a word"))
            .observed(what)
            .fail(format!("set it for the role: ALTER ROLE … SET {what} = …"))
            .severity(Severity::Warning),
    };
    match mark {
        Some(mark) => finding.mark(mark).into(),
        None => finding.into(),
    }
}

/// Says what becomes of a startup parameter, or of each setting inside `options`.
fn fates(pooler: &Pooler, name: &str, value: &str) -> Vec<Fate> {
    if name != "options" {
        return pooler
            .startup
            .sure()
            .and_then(|startup| fate(startup, name))
            .into_iter()
            .collect();
    }
    let Some(startup) = pooler.options.sure() else {
        return Vec::new();
    };
    settings_of_options(value)
        .filter_map(|setting| fate(startup, setting))
        .collect()
}

fn fate(startup: Startup, name: &str) -> Option<Fate> {
    if startup.refuses(name) == Some(true) {
        return Some(Fate::Refused(name.to_owned()));
    }
    (startup.ignores(name) == Some(true)).then(|| Fate::Dropped(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::DatabaseUrl;
    use crate::provider::detect;
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};

    const POOLED: &str = "ep-cool-darkness-123456-pooler.eu-central-1.aws.neon.tech";
    const DIRECT: &str = "ep-cool-darkness-123456.eu-central-1.aws.neon.tech";

    fn judged(kind: Kind, host: &str, query: &str) -> Expected {
        let text = format!("postgresql://u:p@{host}:5432/d{query}");
        let url = DatabaseUrl {
            provider: detect(host, Some(5432)),
            readers: vec![read_by(kind, &text)],
            ..sample(&text)
        };
        judge_url("url-pooler-parameters", url)
    }

    #[test]
    fn parameters_that_the_pooler_tracks_pass() {
        assert_eq!(
            judged(Kind::Libpq, POOLED, "?application_name=app"),
            Expected::Pass
        );
        assert_eq!(
            judged(
                Kind::Libpq,
                POOLED,
                "?options=endpoint%3Dep-cool-darkness-123456-pooler"
            ),
            Expected::Pass
        );
    }

    #[test]
    fn a_setting_that_the_pooler_refuses_or_drops_fails() {
        assert_eq!(
            judged(
                Kind::Libpq,
                POOLED,
                "?options=-c%20statement_timeout%3D5000"
            ),
            Expected::Fail
        );
        assert_eq!(judged(Kind::Asyncpg, POOLED, "?jit=off"), Expected::Fail);
    }

    #[test]
    fn a_direct_host_has_no_pooler() {
        assert_eq!(
            judged(
                Kind::Libpq,
                DIRECT,
                "?options=-c%20statement_timeout%3D5000"
            ),
            Expected::NotApplicable
        );
    }

    #[test]
    fn a_string_that_the_driver_refuses_is_unknown() {
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, POOLED, "?sslmode=require"),
            Expected::Unknown
        );
    }
}
