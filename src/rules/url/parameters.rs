//! `url-parameters`: the driver takes every parameter, with its value.

use crate::conninfo::{Parameter, parse_parts};
use crate::driver::{Driver, RefusedBy, owner};
use crate::facts::{DatabaseUrl, Missing, Reader};
use crate::rules::{Check, Context, Finding, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

use super::contradiction::{not_together, spoiled};
use super::files::{absent_file, names_service, with_files};
use super::without::Source;
use super::{corrected, parts, text_for};

pub(super) static RULE: Rule = Rule {
    id: "url-parameters",
    severity: Severity::Error,
    summary: "the driver does not take a parameter or its value",
    rationale: "Each driver has its own list. libpq refuses what it does not know; SQLAlchemy \
        hands nearly every parameter to the driver as a keyword argument, so asyncpg raises a \
        TypeError; asyncpg's DSN and postgres.js send what they do not know to the server as a \
        setting, which ends the session where it has none of that name; node-postgres ignores it \
        in silence, a misspelled sslmode too. Given twice, most take the last; SQLAlchemy and \
        Django make a list of them, which no driver takes for a mode.",
    fix: "remove the parameter, or write it in the driver's spelling",
    symptoms: &[
        "TypeError: connect() got an unexpected keyword argument 'sslmode'",
        "invalid dsn: invalid connection option \"pgbouncer\"",
        "FATAL:  unrecognized configuration parameter",
        "invalid sslmode value",
        "invalid URI query parameter",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, _context: Context<'_>) -> Outcome {
    let Some(text) = text_for(url, reader) else {
        return Verdict::not_applicable("there is no connection string");
    };
    let handed_on = reader.handed_on.as_ref().map(|_| parse_parts(text));
    let parts = match &handed_on {
        Some(Ok(parts)) => parts,
        Some(Err(_)) => {
            return Err(Missing::new(
                "a connection string that parses, as the code hands it on",
            ));
        }
        None => parts(url)?,
    };
    // What the code changed stands nowhere in the string that is shown.
    let marked = |finding: Finding, span| match &handed_on {
        None => finding.mark(url.redacted.map(span)),
        Some(_) => finding,
    };
    let given: Vec<_> = parts
        .parameters
        .iter()
        .filter(|parameter| !parameter.keyword_span.is_empty())
        .collect();
    // A string that is taken whole is taken in parts.
    let taken = reader.prediction.accepts;
    if !taken && url.absent_files.is_none() && names_service(parts, url, &reader.driver) {
        return Err(Missing::new(
            "the connection service file of the machine that reads the string",
        ));
    }
    let beside_variables = !taken && !url.variables.is_empty();
    if beside_variables && url.predict_alone(&reader.driver, text).accepts {
        return spoiled(text, url, reader).into();
    }
    if given.is_empty() {
        return Verdict::not_applicable("it has no parameters");
    }
    let source = Source { text, parts };
    if !taken && !url.predict_alone(&reader.driver, &source.with(&[])).accepts {
        return Err(Missing::new(
            "a connection string that the driver takes without its parameters",
        ));
    }
    let culprits: Vec<_> = given
        .iter()
        .filter_map(|parameter| {
            let refusal =
                (!taken).then(|| refusal(url, &source, parameter, &given, &reader.driver));
            let words = refusal
                .flatten()
                .or_else(|| ignored(parameter, &reader.driver));
            Some((*parameter, words?))
        })
        .collect();
    if let Some((first, _)) = culprits.first() {
        let words: Vec<_> = culprits.iter().map(|(_, words)| words.as_str()).collect();
        let finding = finding(source.written(first), &words.join("; "), url, reader);
        return marked(finding, first.keyword_span).into();
    }
    if let Some(twice) = given.iter().find(|one| {
        given
            .iter()
            .filter(|other| other.keyword == one.keyword)
            .count()
            > 1
    }) {
        let finding = Seen::new(format!("{} is given twice", twice.keyword))
            .fail("give it once: drivers take the last, or both, or stop");
        return marked(finding, twice.keyword_span).into();
    }
    if !taken && let Some(finding) = not_together(&source.with(&given), url, reader) {
        return finding;
    }
    if let Some((_, missing)) = absent_file(url, reader) {
        return Err(missing);
    }
    let refused = (!taken).then(|| url.predict(&reader.driver, &source.with(&given)));
    if refused.is_some_and(|prediction| !prediction.files.is_empty()) {
        return Err(Missing::new(format!(
            "a connection string that {} takes: its files were not looked for",
            reader.driver
        )));
    }
    let all = format!("{} takes every parameter", reader.driver);
    Seen::new(with_files(all, reader)).pass()
}

fn finding(keyword: &str, words: &str, url: &DatabaseUrl, reader: &Reader) -> Finding {
    let fix = match corrected(url, reader) {
        Some(corrected) => format!("write {corrected}"),
        None => format!("remove {keyword}"),
    };
    Seen::new(words).observed(keyword).fail(fix)
}

/// Says how the driver, or the server behind it, refuses a string with this parameter alone.
///
/// A parameter may need another one: asyncpg takes `sslmode=verify-full` beside `sslrootcert` alone.
fn refusal(
    url: &DatabaseUrl,
    source: &Source<'_>,
    parameter: &Parameter,
    given: &[&Parameter],
    driver: &Driver,
) -> Option<String> {
    let alone = url.predict_alone(driver, &source.with(&[parameter]));
    if alone.accepts {
        return None;
    }
    let taken = |one: &&Parameter| {
        std::ptr::eq(*one, parameter) || url.predict_alone(driver, &source.with(&[one])).accepts
    };
    let beside: Vec<_> = given.iter().copied().filter(taken).collect();
    if beside.len() > 1 && url.predict_alone(driver, &source.with(&beside)).accepts {
        return None;
    }
    let error = alone
        .error
        .map(|error| format!(": {error}"))
        .unwrap_or_default();
    let who = if alone.refused_by == Some(RefusedBy::Server) {
        "the server refuses".to_owned()
    } else {
        format!("{driver} refuses")
    };
    let keyword = source.written(parameter);
    Some(format!("{who} {keyword}{}{error}", belongs(keyword)))
}

/// Says that the driver takes no notice of a parameter.
fn ignored(parameter: &Parameter, driver: &Driver) -> Option<String> {
    let keyword = &parameter.keyword;
    (!driver.kind.knows_parameter(keyword))
        .then(|| format!("{driver} ignores {keyword} in silence{}", belongs(keyword)))
}

/// Names whose parameter it is, where it is another tool's.
fn belongs(keyword: &str) -> String {
    owner(keyword)
        .map(|owner| format!(" (it is {owner}'s)"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::{Kind, Variables};
    use crate::facts::{DatabaseUrl, Reader};
    use crate::provider::detect;
    use crate::rules::Verdict;
    use crate::rules::url::tests::{Expected, judge_url, outcome, read_by, sample};

    fn url(kind: Kind, query: &str) -> DatabaseUrl {
        let text = format!("postgresql://u:p@db.example.com:5432/d{query}");
        DatabaseUrl {
            readers: vec![read_by(kind, &text)],
            ..sample(&text)
        }
    }

    fn judged(kind: Kind, query: &str) -> Expected {
        judge_url("url-parameters", url(kind, query))
    }

    #[test]
    fn parameters_that_the_driver_takes_pass() {
        assert_eq!(
            judged(Kind::Libpq, "?sslmode=require&application_name=a"),
            Expected::Pass
        );
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?ssl=require"),
            Expected::Pass
        );
        assert_eq!(
            judged(Kind::Asyncpg, "?sslmode=require&application_name=a"),
            Expected::Pass
        );
    }

    #[test]
    fn a_parameter_or_a_value_that_the_driver_refuses_fails() {
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?sslmode=require"),
            Expected::Fail
        );
        assert_eq!(judged(Kind::Libpq, "?ssl=require"), Expected::Fail);
        assert_eq!(judged(Kind::Libpq, "?sslmode=REQUIRE"), Expected::Fail);
        assert_eq!(judged(Kind::Asyncpg, "?connect_timeout=5"), Expected::Fail);
        assert_eq!(
            judged(Kind::Psycopg2, "?sslmode=require&pgbouncer=true"),
            Expected::Fail
        );
    }

    #[test]
    fn what_the_code_hands_on_is_judged() {
        let handed = |set: &str, on: &str| {
            let base = "postgresql://u:p@db.example.com:5432/d";
            let mut url = url(Kind::SqlalchemyAsyncpg, set);
            let on = format!("{base}{on}");
            url.readers = vec![Reader {
                handed_on: Some(on.as_str().into()),
                ..read_by(Kind::SqlalchemyAsyncpg, &on)
            }];
            judge_url("url-parameters", url)
        };
        let (libpqs, asyncpgs) = ("?sslmode=require", "?ssl=require");
        assert_eq!(handed(libpqs, asyncpgs), Expected::Pass);
        assert_eq!(handed(asyncpgs, libpqs), Expected::Fail);
    }

    #[test]
    fn the_owner_of_another_tools_parameter_is_named() {
        let Verdict::Fail(finding) =
            outcome("url-parameters", url(Kind::Psycopg2, "?pgbouncer=true")).unwrap()
        else {
            panic!("it passed")
        };
        assert!(finding.seen.message.contains("Prisma"), "{finding:?}");
    }

    #[test]
    fn a_parameter_given_twice_fails() {
        assert_eq!(
            judged(Kind::Libpq, "?sslmode=require&sslmode=disable"),
            Expected::Fail
        );
    }

    #[test]
    fn a_variable_that_spoils_the_string_is_named_as_the_culprit() {
        let mode = "bogus".into();
        let mut url = DatabaseUrl {
            variables: Variables::of([("PGSSLMODE", &mode)]),
            ..url(Kind::Libpq, "?application_name=a")
        };
        let text = "postgresql://u:p@db.example.com:5432/d?application_name=a";
        url.readers[0].prediction = url.predict(&url.readers[0].driver, text);
        let Verdict::Fail(finding) = outcome("url-parameters", url).unwrap() else {
            panic!("it passed")
        };
        assert_eq!(finding.seen.observed.as_deref(), Some("PGSSLMODE"));
    }

    #[test]
    fn a_variable_that_spoils_a_string_without_parameters_fails_too() {
        let (mode, name) = ("bogus".into(), "web".into());
        let mut url = DatabaseUrl {
            variables: Variables::of([("PGSSLMODE", &mode), ("PGAPPNAME", &name)]),
            ..url(Kind::Libpq, "")
        };
        let text = "postgresql://u:p@db.example.com:5432/d";
        url.readers[0].prediction = url.predict(&url.readers[0].driver, text);
        let Verdict::Fail(finding) = outcome("url-parameters", url).unwrap() else {
            panic!("it passed")
        };
        assert_eq!(finding.fix.as_deref(), Some("correct or unset PGSSLMODE"));
    }

    #[test]
    fn a_parameter_that_needs_another_one_is_no_culprit() {
        assert_eq!(
            judged(Kind::Asyncpg, "?sslmode=verify-full&sslrootcert=/ca.pem"),
            Expected::Pass
        );
        let both = "?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=5";
        let Verdict::Fail(finding) = outcome("url-parameters", url(Kind::Asyncpg, both)).unwrap()
        else {
            panic!("it passed")
        };
        assert_eq!(finding.seen.observed.as_deref(), Some("connect_timeout"));
    }

    #[test]
    fn what_a_provider_routes_by_reaches_no_server() {
        let text =
            "postgresql://u:p@ep-x-1.us-east-2.aws.neon.tech:5432/d?options=endpoint%3Dep-x-1";
        let url = |provider| DatabaseUrl {
            provider,
            ..sample(text)
        };
        assert_eq!(judge_url("url-parameters", url(None)), Expected::Fail);
        let neon = detect("ep-x-1.us-east-2.aws.neon.tech", Some(5432));
        assert!(neon.is_some());
        assert_eq!(judge_url("url-parameters", url(neon)), Expected::Pass);
    }

    #[test]
    fn a_scheme_that_the_driver_refuses_is_no_fault_of_the_parameters() {
        let text = "postgres://u:p@db.example.com:5432/d?sslmode=require";
        let url = DatabaseUrl {
            readers: vec![read_by(Kind::SqlalchemyPsycopg2, text)],
            ..sample(text)
        };
        assert_eq!(judge_url("url-parameters", url), Expected::Pass);
    }

    #[test]
    fn a_file_that_is_not_on_this_machine_is_unknown() {
        let mut here = url(
            Kind::NodePostgres,
            "?sslmode=verify-full&sslrootcert=/ca.pem",
        );
        assert_eq!(judge_url("url-parameters", here.clone()), Expected::Pass);
        here.absent_files = Some(vec!["/ca.pem".to_owned()]);
        assert_eq!(judge_url("url-parameters", here), Expected::Unknown);
    }

    #[test]
    fn a_string_without_parameters_is_not_judged() {
        assert_eq!(judged(Kind::Libpq, ""), Expected::NotApplicable);
    }

    #[test]
    fn a_string_that_is_refused_anyway_is_unknown() {
        let text = "postgresql://u:p@h:99999/d?sslmode=require";
        let url = DatabaseUrl {
            readers: vec![read_by(Kind::Libpq, text)],
            ..sample(text)
        };
        assert_eq!(judge_url("url-parameters", url), Expected::Unknown);
    }
}
