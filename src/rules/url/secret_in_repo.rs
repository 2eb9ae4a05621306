//! `url-secret-in-repo`: no password stands in a file that git tracks.

use super::is_near;
use crate::conninfo::secrets;
use crate::facts::{DatabaseUrl, EnvironmentKind, Missing, Tracked, UrlText};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Origin;

pub(super) static RULE: Rule = Rule {
    id: "url-secret-in-repo",
    severity: Severity::Error,
    summary: "a password stands in a file of the repository",
    rationale: "Everybody who can read the repository, or any copy and any build of it, has the \
        password, and removing the line leaves it in the history. A database that only the same \
        machine or network reaches is less of a risk, so there it is a warning.",
    fix: "set the value where the platform keeps secrets, and change the password",
    symptoms: &[],
    references: &["https://render.com/docs/blueprint-spec#prompting-for-secret-values"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, context: Context<'_>) -> Outcome {
    let (UrlText::Known(text), Some(Origin::File { path, .. })) = (&url.text, &url.origin) else {
        return Verdict::not_applicable("no file sets it");
    };
    if secrets(text.expose()).is_empty() {
        return Seen::new("it holds no password").pass();
    }
    let what = match &context.facts.tracked {
        Tracked::Files(files) if files.contains(path) => "git tracks",
        Tracked::Files(_) => return Seen::new(format!("git does not track {path}")).pass(),
        Tracked::Unknown(why) => {
            return Err(Missing::new(format!(
                "to know whether git tracks {path}: {why}"
            )));
        }
        Tracked::NoRepository if is_deploy_file(url, context) => "is deployed",
        Tracked::NoRepository => {
            return Verdict::not_applicable("the project is in no git repository");
        }
    };
    let message = match what {
        "git tracks" => format!("{path} holds a password, and git tracks it"),
        _ => format!("{path} holds a password, and is made to be shared"),
    };
    let near = url
        .parts
        .as_ref()
        .is_ok_and(|parts| parts.hosts().iter().all(is_near));
    let finding = Seen::new(message).fail(
        "set it where the platform keeps secrets (Render: `sync: false`), and change the password",
    );
    if near {
        finding.severity(Severity::Warning).into()
    } else {
        finding.into()
    }
}

fn is_deploy_file(url: &DatabaseUrl, context: Context<'_>) -> bool {
    let environment = context
        .facts
        .environments
        .iter()
        .find(|one| Some(&one.name) == url.environment.as_ref());
    environment.is_some_and(|environment| environment.kind == EnvironmentKind::Service)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{DatabaseUrl, Environment, EnvironmentKind, Facts, Tracked, UrlText};
    use crate::rules::url::tests::sample;
    use crate::rules::{Context, Outcome, Verdict, find, judge};
    use crate::spec::Spec;
    use crate::value::Origin;

    const URL: &str = "postgresql://app:s3cr3t@db.example.com:5432/d";

    fn judged(text: &str, kind: EnvironmentKind, tracked: Tracked) -> Outcome {
        let spec = Spec::profile("enterprise").unwrap();
        let url = DatabaseUrl {
            origin: Some(Origin::file("render.yaml", 3, 5)),
            environment: Some("render.yaml:api".to_owned()),
            ..sample(text)
        };
        let environment = Environment {
            name: "render.yaml:api".to_owned(),
            kind,
            variables: Vec::new(),
            deployment: None,
        };
        let facts = Facts {
            urls: vec![url],
            environments: vec![environment],
            tracked,
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find("url-secret-in-repo").unwrap()], context)
            .swap_remove(0)
            .outcome
    }

    fn files(paths: &[&str]) -> Tracked {
        Tracked::Files(paths.iter().map(|path| (*path).to_owned()).collect())
    }

    #[test]
    fn a_password_in_a_tracked_file_fails() {
        let outcome = judged(URL, EnvironmentKind::Service, files(&["render.yaml"]));
        assert!(matches!(outcome, Ok(Verdict::Fail(_))), "{outcome:?}");
    }

    #[test]
    fn outside_git_a_deploy_file_fails_and_another_is_not_judged() {
        let deployed = judged(URL, EnvironmentKind::Service, Tracked::NoRepository);
        assert!(matches!(deployed, Ok(Verdict::Fail(_))), "{deployed:?}");
        let own = judged(URL, EnvironmentKind::Dotenv, Tracked::NoRepository);
        assert!(matches!(own, Ok(Verdict::NotApplicable(_))), "{own:?}");
    }

    #[test]
    fn an_untracked_file_and_a_string_without_a_password_pass() {
        assert!(matches!(
            judged(URL, EnvironmentKind::Dotenv, files(&[])),
            Ok(Verdict::Pass(_))
        ));
        let bare = judged(
            "postgresql://app@h/d",
            EnvironmentKind::Service,
            files(&["render.yaml"]),
        );
        assert!(matches!(bare, Ok(Verdict::Pass(_))), "{bare:?}");
    }

    #[test]
    fn an_index_that_cannot_be_read_is_unknown() {
        assert!(
            judged(
                URL,
                EnvironmentKind::Service,
                Tracked::Unknown("it is new".to_owned())
            )
            .is_err()
        );
    }

    #[test]
    fn what_no_file_sets_is_not_judged() {
        let url = DatabaseUrl {
            text: UrlText::Known(URL.into()),
            ..sample(URL)
        };
        let outcome = crate::rules::url::tests::outcome("url-secret-in-repo", url);
        assert!(
            matches!(outcome, Ok(Verdict::NotApplicable(_))),
            "{outcome:?}"
        );
    }
}
