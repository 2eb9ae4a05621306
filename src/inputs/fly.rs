//! `fly.toml`: Fly's `[env]` and process groups.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::deploy::{self, Deploy, Environments, Variables};
use super::text::Places;
use crate::facts::{Deployment, Environment, FileProblem, Made, Value, Variable};
use crate::value::{Origin, Sourced};

/// The most bytes that a `fly.toml` may have: the parser needs some fifty times as much memory.
const MAX_BYTES: usize = 1 << 20;

/// Reads a `fly.toml`.
pub fn parse(path: &str, text: &str) -> Deploy {
    if text.len() > MAX_BYTES {
        return Deploy::unreadable(FileProblem {
            message: format!("is larger than {} KiB", MAX_BYTES >> 10),
            line: None,
            column: None,
        });
    }
    let places = Places::new(text);
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let what = error.message().lines().next().unwrap_or_default();
            let at = error.span().map_or(0, |span| span.start);
            return Deploy::unreadable(problem(&places, at, format!("is not valid TOML: {what}")));
        }
    };
    let mut file = File {
        path,
        places,
        problems: Vec::new(),
    };
    let root = document.get_ref();
    let variables = file.variables(root);
    let processes = file.processes(root);
    let made = file.made(root);
    let deployment = |start_command| Deployment {
        platform: "fly",
        start_command,
        root: deploy::below(path, "."),
        plan: None,
        made: made.clone(),
        instances: None,
        unseen: vec!["Fly's secrets, which beat [env]".to_owned()],
    };
    let mut environments = Environments::default();
    if processes.is_empty() {
        let command = file.command(root);
        environments.push(Environment {
            name: path.to_owned(),
            ..deploy::environment(path, "", variables, deployment(command))
        });
        return environments.into_deploy(file.problems);
    }
    for (name, command) in processes {
        let deployment = deployment(Some(command));
        if !environments.push(deploy::environment(
            path,
            &name,
            variables.clone(),
            deployment,
        )) {
            break;
        }
    }
    environments.into_deploy(file.problems)
}

struct File<'a> {
    path: &'a str,
    places: Places<'a>,
    problems: Vec<FileProblem>,
}

impl File<'_> {
    fn origin(&self, at: usize) -> Origin {
        let (line, column) = self.places.of(at);
        Origin::file(self.path, line, column)
    }

    fn blame(&mut self, at: usize, message: impl Into<String>) {
        self.problems
            .push(problem(&self.places, at, message.into()));
    }

    /// Returns a table under a key; what is there but is no table is a problem.
    fn table<'t>(&mut self, root: &'t DeTable<'t>, key: &str) -> Option<&'t DeTable<'t>> {
        let value = root.get(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.blame(
            value.span().start,
            format!("has a `{key}` that is no table"),
        );
        None
    }

    fn variables(&mut self, root: &DeTable<'_>) -> Variables {
        let mut variables = Variables::default();
        let Some(env) = self.table(root, "env") else {
            return variables;
        };
        for (key, value) in env {
            let at = value.span().start;
            let known = if let DeValue::String(text) = value.get_ref() {
                Value::Known(text.as_ref().into())
            } else {
                self.blame(
                    at,
                    "has a value in `[env]` that is no string, which Fly refuses",
                );
                Value::Unknown("no string, which Fly refuses".to_owned())
            };
            variables.set(Variable::new(
                key.get_ref().as_ref(),
                known,
                self.origin(at),
            ));
        }
        variables
    }

    /// Returns the process groups with their commands, in the order of the file.
    fn processes(&mut self, root: &DeTable<'_>) -> Vec<(String, Sourced<String>)> {
        let Some(table) = self.table(root, "processes") else {
            return Vec::new();
        };
        let mut processes = Vec::new();
        for (key, value) in table {
            let at = value.span().start;
            match value.get_ref() {
                DeValue::String(text) => {
                    let command = Sourced::new(text.trim().to_owned(), self.origin(at));
                    processes.push((at, key.get_ref().to_string(), command));
                }
                _ => self.blame(at, "has a process whose command is no string"),
            }
        }
        processes.sort_by_key(|(at, ..)| *at);
        processes
            .into_iter()
            .map(|(_, name, command)| (name, command))
            .collect()
    }

    /// Returns what the app is made from, as `[build]` says.
    fn made(&mut self, root: &DeTable<'_>) -> Made {
        let build = self.table(root, "build");
        let text = |key: &str| build.and_then(|build| build.get(key)?.get_ref().as_str());
        let dockerfile = text("dockerfile").and_then(|named| deploy::below(self.path, named));
        match (dockerfile, text("image")) {
            (Some(path), _) => Made::Dockerfile {
                path,
                context: deploy::below(self.path, "."),
            },
            (None, Some(_)) => Made::Elsewhere,
            (None, None) => Made::Unsaid,
        }
    }

    /// Returns the command of `[experimental] cmd`, which replaces the image's.
    fn command(&mut self, root: &DeTable<'_>) -> Option<Sourced<String>> {
        let value = self.table(root, "experimental")?.get("cmd")?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Array(items) => words(items)?,
            _ => return None,
        };
        Some(Sourced::new(text, self.origin(value.span().start)))
    }
}

fn words(items: &[Spanned<DeValue<'_>>]) -> Option<String> {
    let words: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
    Some(deploy::quoted(&words?))
}

fn problem(places: &Places<'_>, at: usize, message: String) -> FileProblem {
    let (line, column) = places.of(at);
    FileProblem {
        message,
        line: Some(line),
        column: Some(column),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use proptest::prelude::*;

    use super::parse;
    use crate::facts::Value;
    use crate::value::Origin;

    #[test]
    fn env_and_process_groups_are_read_with_their_places() {
        let deploy = parse(
            "fly.toml",
            "app = \"x\"\n[env]\n  DB_POOL_SIZE = \"5\"\n  \"é\" = 'ü'\n[processes]\nweb = \"gunicorn app:app\"\nagent = \"celery -A jobs worker\"\n",
        );
        assert_eq!(deploy.problems, []);
        let names: Vec<&str> = deploy
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, ["fly.toml:web", "fly.toml:agent"]);
        let size = deploy.environments[1].get("DB_POOL_SIZE").unwrap();
        assert_eq!(size.value, Value::Known("5".into()));
        assert_eq!(size.origin, Origin::file("fly.toml", 3, 18));
        let command = deploy.environments[0]
            .deployment
            .as_ref()
            .unwrap()
            .start_command
            .clone();
        assert_eq!(command.unwrap().value, "gunicorn app:app");
        let alone = parse(
            "a/fly.toml",
            "[experimental]\ncmd = [\"uvicorn\", \"app:app\"]\n",
        );
        assert_eq!(alone.environments[0].name, "a/fly.toml");
        let deployment = alone.environments[0].deployment.as_ref().unwrap();
        assert_eq!(
            deployment.start_command.as_ref().unwrap().value,
            "uvicorn app:app"
        );
    }

    #[test]
    fn what_fly_would_refuse_gets_its_place() {
        for (text, at, message) in [
            (
                "[env]\nA = 5\n",
                (2, 5),
                "has a value in `[env]` that is no string, which Fly refuses",
            ),
            ("env = 5\n", (1, 7), "has a `env` that is no table"),
            (
                "[env]\nA = 'x\n",
                (2, 7),
                "is not valid TOML: invalid literal string, expected `'`",
            ),
            (
                "[processes]\nweb = 5\n",
                (2, 7),
                "has a process whose command is no string",
            ),
        ] {
            let deploy = parse("fly.toml", text);
            let problem = &deploy.problems[0];
            assert_eq!(problem.message, message);
            assert_eq!(
                (problem.line, problem.column),
                (Some(at.0), Some(at.1)),
                "{text}"
            );
        }
        let deep = parse("fly.toml", &format!("a = {}", "[".repeat(100_000)));
        assert_eq!(deep.problems.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\[env\\]\n|\\[processes\\]\n|A|=|\"|'|\n|5|\\[|\\]|\\{|\\}|,){0,30}") {
            parse("fly.toml", &text);
        }
    }
}
