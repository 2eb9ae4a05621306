//! `engine-url-guard`: the code's own demands on the connection string can be met, and are.

use crate::facts::{DatabaseUrl, Service, UrlGuard};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Origin;

pub(super) static RULE: Rule = Rule {
    id: "engine-url-guard",
    severity: Severity::Warning,
    summary: "the code refuses the connection string that it gets",
    rationale: "A test such as `if \"sslmode\" in url: raise` stops the application before it connects. Where \
        one file demands sslmode and another forbids it, no URL suits a process that imports both; where the \
        deployed URL has what is forbidden, nothing starts. Drivers differ in the spelling, so a guard that is \
        right for asyncpg is wrong for psycopg2.",
    fix: "remove the guard, and hand each driver the spelling that it takes",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/dialects/postgresql.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let guards = &context.facts.guards;
    if guards.is_empty() {
        return Verdict::not_applicable("the code tests no connection string for sslmode");
    }
    if let Some((guard, url)) = context
        .facts
        .urls
        .iter()
        .find_map(|url| Some((refusing(url, guards, context)?, url)))
    {
        let verb = if guard.forbids { "has" } else { "has no" };
        let environment = url.environment.as_deref().unwrap_or("the argument");
        return Seen::new(format!(
            "{}:{} raises where it runs: {} in {environment} {verb} {}",
            guard.path, guard.line, url.subject, guard.parameter
        ))
        .at(place(guard))
        .fail(RULE.fix)
        .into();
    }
    let demanding = guards.iter().filter(|guard| !guard.forbids);
    let pairs = demanding.flat_map(|one| {
        let forbidding = guards.iter().filter(|guard| guard.forbids);
        forbidding.map(move |other| (one, other))
    });
    let mut pairs: Vec<(&UrlGuard, &UrlGuard)> = pairs.collect();
    // A process that imports both cannot start, whatever the URL is.
    pairs.sort_by_key(|(one, other)| !together(one, other, context));
    let Some((one, other)) = pairs.first() else {
        return Seen::new("no guard refuses a connection string that is known").pass();
    };
    let how = if together(one, other, context) {
        ", and one process imports both"
    } else {
        ""
    };
    Seen::new(format!(
        "{}:{} demands {}, and {}:{} forbids it{how}",
        one.path, one.line, one.parameter, other.path, other.line
    ))
    .at(place(one))
    .at(place(other))
    .fail(RULE.fix)
    .into()
}

/// Returns a guard that refuses a connection string, in a file that its environment may import.
fn refusing<'a>(
    url: &DatabaseUrl,
    guards: &'a [UrlGuard],
    context: Context<'_>,
) -> Option<&'a UrlGuard> {
    let text = url.text.known()?.expose();
    guards.iter().find(|guard| {
        let service = context
            .facts
            .services
            .iter()
            .find(|service| url.environment.as_ref() == Some(&service.environment));
        text.contains(guard.parameter.as_str()) == guard.forbids
            && service.is_none_or(|service| imports(service, guard))
    })
}

fn imports(service: &Service, guard: &UrlGuard) -> bool {
    let mut processes = service.processes.iter();
    processes.any(|process| process.files.contains(&guard.path))
}

/// Returns whether one process imports both.
fn together(one: &UrlGuard, other: &UrlGuard, context: Context<'_>) -> bool {
    let services = &context.facts.services;
    let mut processes = services.iter().flat_map(|service| &service.processes);
    processes
        .any(|process| process.files.contains(&one.path) && process.files.contains(&other.path))
}

fn place(guard: &UrlGuard) -> Origin {
    Origin::file(guard.path.clone(), guard.line, 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::facts::{Count, Facts, Service, StartedProcess, UrlGuard};
    use crate::rules::engine::tests::outcome;
    use crate::rules::url::tests::sample;

    const ID: &str = "engine-url-guard";

    fn guard(path: &str, forbids: bool) -> UrlGuard {
        UrlGuard {
            path: path.to_owned(),
            line: 3,
            parameter: "sslmode".to_owned(),
            forbids,
        }
    }

    fn starting(files: &[&str]) -> Service {
        let count = Count::Known(1, String::new());
        Service {
            environment: "render.yaml:api".to_owned(),
            file: "render.yaml".to_owned(),
            platform: "render",
            origin: None,
            instances: count.clone(),
            processes: vec![StartedProcess {
                starts: "app.main".to_owned(),
                workers: count,
                engines: Vec::new(),
                files: files
                    .iter()
                    .map(ToString::to_string)
                    .collect::<BTreeSet<_>>(),
                doubt: None,
            }],
            unknown: None,
            plan: None,
            unseen: Vec::new(),
        }
    }

    fn judged(guards: Vec<UrlGuard>, url: Option<&str>, services: Vec<Service>) -> &'static str {
        let facts = Facts {
            guards,
            urls: url.map(sample).into_iter().collect(),
            services,
            ..Facts::default()
        };
        outcome(ID, &facts)
    }

    #[test]
    fn a_guard_that_refuses_the_url_fails_where_it_is_imported() {
        let url = Some("postgresql://u@h:5432/d?sslmode=require");
        assert_eq!(judged(vec![guard("a.py", true)], url, Vec::new()), "fail");
        assert_eq!(judged(vec![guard("a.py", false)], url, Vec::new()), "pass");
        let bare = Some("postgresql://u@h:5432/d");
        assert_eq!(judged(vec![guard("a.py", false)], bare, Vec::new()), "fail");
        assert_eq!(judged(Vec::new(), url, Vec::new()), "n/a");
    }

    #[test]
    fn guards_that_contradict_each_other_fail() {
        let both = vec![guard("a.py", true), guard("b.py", false)];
        assert_eq!(judged(both.clone(), None, Vec::new()), "fail");
        assert_eq!(
            judged(both, None, vec![starting(&["a.py", "b.py"])]),
            "fail"
        );
        assert_eq!(judged(vec![guard("a.py", true)], None, Vec::new()), "pass");
    }
}
