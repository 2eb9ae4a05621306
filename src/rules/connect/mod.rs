//! The **connect** family: each stage of the connection succeeds.

mod auth;
mod dialect;
mod dns;
mod flaw;
mod query;
mod tcp;
mod tls;
mod r#unsafe;

use super::session::url_of;
use super::{Context, Outcome, Rule, Seen, Verdict};
use crate::facts::{Connection, DatabaseUrl, Failure, Missing, Stage, StageName, StageReport};

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &dns::RULE,
    &tcp::RULE,
    &tls::RULE,
    &auth::RULE,
    &query::RULE,
    &r#unsafe::RULE,
];

/// Judges one stage over every address that was tried: one success is enough.
fn judge_stage(name: StageName, tries: &[&Connection], context: Context<'_>) -> Outcome {
    let reports: Vec<_> = tries
        .iter()
        .filter_map(|try_| report_of(name, try_))
        .collect();
    if let Some(done) = reports
        .iter()
        .find(|report| matches!(report.stage, Stage::Done(())))
    {
        let seen = Seen::new(format!("{} succeeded", label(name)));
        return match done.took {
            Some(took) => seen
                .observed(format!("{:.1} ms", took.as_secs_f64() * 1000.0))
                .pass(),
            None => seen.pass(),
        };
    }
    let went_on = tries.iter().any(|try_| got_past(name, try_));
    if went_on {
        return Verdict::not_applicable(format!("{} was not needed", label(name)));
    }
    match reports.iter().rev().find_map(|report| failure_of(report)) {
        Some(failure) => {
            let url = tries.iter().find_map(|try_| url_of(try_, context));
            fail(failure, url)
        }
        None => Err(Missing::new(format!("the stages before {}", label(name)))),
    }
}

fn fail(failure: &Failure, url: Option<&DatabaseUrl>) -> Outcome {
    let seen = Seen::new(&failure.message);
    let seen = match failure.cause {
        Some(cause) => seen.observed(cause),
        None if failure.candidates.is_empty() => seen,
        None => seen.observed(format!("one of {}", failure.candidates.join(", "))),
    };
    let fix = match url.and_then(|url| dialect::note(&failure.fix, url)) {
        Some(note) => format!("{} ({note})", failure.fix),
        None => failure.fix.clone(),
    };
    seen.fail(fix).into()
}

fn report_of(name: StageName, try_: &Connection) -> Option<&StageReport> {
    try_.stages.iter().find(|report| report.name == name)
}

fn failure_of(report: &StageReport) -> Option<&Failure> {
    match &report.stage {
        Stage::Failed(failure) => Some(failure),
        Stage::NotRun | Stage::Done(()) => None,
    }
}

/// Returns whether a later stage ran.
fn got_past(name: StageName, try_: &Connection) -> bool {
    try_.stages
        .iter()
        .any(|report| report.name > name && !matches!(report.stage, Stage::NotRun))
}

fn label(name: StageName) -> &'static str {
    match name {
        StageName::Dns => "the name lookup",
        StageName::Tcp => "the TCP connection",
        StageName::Tls => "the TLS handshake",
        StageName::Auth => "the login",
        StageName::Query => "the first query",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, Facts, Failure, Stage, StageName, StageReport};
    use crate::rules::{Context, Outcome, Verdict};
    use crate::spec::Spec;

    fn judge_stage(name: StageName, tries: &[&Connection]) -> Outcome {
        let (spec, facts) = (Spec::profile("enterprise").unwrap(), Facts::default());
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        super::judge_stage(name, tries, context)
    }

    const NAMES: [StageName; 5] = [
        StageName::Dns,
        StageName::Tcp,
        StageName::Tls,
        StageName::Auth,
        StageName::Query,
    ];

    /// A try whose stages ended as the letters say: `D`one, `F`ailed, `-` not run.
    fn try_(letters: &str) -> Connection {
        let stages = NAMES
            .iter()
            .zip(letters.chars())
            .map(|(name, letter)| StageReport {
                name: *name,
                stage: match letter {
                    'D' => Stage::Done(()),
                    'F' => Stage::Failed(Failure {
                        cause: Some("pw-wrong"),
                        candidates: Vec::new(),
                        message: "it failed".to_owned(),
                        fix: "mend it".to_owned(),
                    }),
                    _ => Stage::NotRun,
                },
                took: None,
            });
        Connection {
            url: ("URL".to_owned(), None),
            host: "h".to_owned(),
            port: 5432,
            stages: stages.collect(),
            server: None,
            activity: None,
            ..Connection::default()
        }
    }

    #[test]
    fn a_failed_stage_fails_and_later_ones_are_unknown() {
        let tries = [&try_("DDF--")];
        assert!(matches!(
            judge_stage(StageName::Tcp, &tries).unwrap(),
            Verdict::Pass(_)
        ));
        let Verdict::Fail(finding) = judge_stage(StageName::Tls, &tries).unwrap() else {
            panic!("no failure")
        };
        assert_eq!(finding.seen.observed.as_deref(), Some("pw-wrong"));
        assert_eq!(finding.fix.as_deref(), Some("mend it"));
        assert!(judge_stage(StageName::Auth, &tries).is_err());
    }

    #[test]
    fn one_address_that_answers_is_enough() {
        let tries = [&try_("DF---"), &try_("DDDDD")];
        assert!(matches!(
            judge_stage(StageName::Tcp, &tries).unwrap(),
            Verdict::Pass(_)
        ));
    }

    #[test]
    fn a_stage_that_was_not_needed_is_not_applicable() {
        let tries = [&try_("-D-DD")];
        assert!(matches!(
            judge_stage(StageName::Tls, &tries).unwrap(),
            Verdict::NotApplicable(_)
        ));
        assert!(matches!(
            judge_stage(StageName::Dns, &tries).unwrap(),
            Verdict::NotApplicable(_)
        ));
    }
}
