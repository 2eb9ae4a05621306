//! GitHub workflows: `env` of the workflow, its jobs and their steps.
//!
//! The nearest one counts: a step's beats its job's, which beats the workflow's. A job is an
//! environment, and so is each of its steps that sets something itself.

use super::deploy::{self, Deploy, Environments, Variables, shown};
use super::yaml::{self, Node};
use crate::facts::{Deployment, FileProblem, Value, Variable};
use crate::value::Secret;

/// Reads a workflow.
pub fn parse(path: &str, text: &str) -> Deploy {
    let root = match yaml::parse_one(text) {
        Ok(Some(root)) => root,
        Ok(None) => return Deploy::default(),
        Err(problem) => return Deploy::unreadable(problem),
    };
    let mut reader = Reader {
        path,
        problems: Vec::new(),
    };
    let mut environments = Environments::default();
    let mut of_workflow = Variables::default();
    reader.env(&root, &mut of_workflow);
    let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
    for (key, job) in jobs {
        let name = key.text().unwrap_or_default();
        if !reader.job(name, job, &of_workflow, &mut environments) {
            break;
        }
    }
    environments.into_deploy(reader.problems)
}

fn deployment() -> Deployment {
    Deployment {
        platform: "github",
        ..Deployment::default()
    }
}

struct Reader<'a> {
    path: &'a str,
    problems: Vec<FileProblem>,
}

impl Reader<'_> {
    /// Adds a job and its steps; false where no more fit.
    fn job(
        &mut self,
        name: &str,
        job: &Node,
        around: &Variables,
        environments: &mut Environments,
    ) -> bool {
        let mut of_job = around.clone();
        self.env(job, &mut of_job);
        let steps = deploy::list(job, "steps", &mut self.problems);
        for (number, step) in (1..).zip(steps) {
            if step.get("env").is_none() {
                continue;
            }
            let mut of_step = of_job.clone();
            self.env(step, &mut of_step);
            let called = ["name", "id"].iter().find_map(|key| step.get(key)?.text());
            let called = called.map_or_else(|| format!("step {number}"), shown);
            let name = format!("{name}/{called}");
            if !environments.push(deploy::environment(self.path, &name, of_step, deployment())) {
                return false;
            }
        }
        of_job.is_empty()
            || environments.push(deploy::environment(self.path, name, of_job, deployment()))
    }

    /// Adds a node's `env` to what stands around it.
    fn env(&mut self, node: &Node, variables: &mut Variables) {
        let Some(env) = node.get("env") else {
            return;
        };
        if !env.is_mapping() {
            let whole = env.text().is_some_and(|text| text.contains("${{"));
            if !whole {
                let problem = format!("has an `env` that is {}, not a mapping", env.kind());
                self.problems.push(env.problem(problem));
            }
            return;
        }
        // `env.NAME` means what stands around, not the entry before.
        let around = variables.clone();
        for (key, value) in env.entries() {
            let Some(name) = key.text() else { continue };
            let known = match deploy::scalar(value, "a value of `env`") {
                Ok(Value::Known(text)) => evaluate(&text, &around),
                Ok(unknown) => unknown,
                Err(problem) => {
                    self.problems.push(problem);
                    Value::Unknown("declared in a way that GitHub does not read".to_owned())
                }
            };
            variables.set(Variable::new(name, known, deploy::origin(self.path, value)));
        }
    }
}

/// Replaces `${{ env.NAME }}`; any other expression makes the value unknown.
fn evaluate(text: &Secret, around: &Variables) -> Value {
    let mut out = String::new();
    let mut rest = text.expose();
    while let Some((before, behind)) = rest.split_once("${{") {
        out.push_str(before);
        let Some((expression, tail)) = behind.split_once("}}") else {
            return Value::Unknown("an expression of GitHub's that is not closed".to_owned());
        };
        rest = tail;
        let expression = expression.trim();
        match expression
            .strip_prefix("env.")
            .and_then(|name| around.get(name))
        {
            Some(variable) => match &variable.value {
                Value::Known(value) => out.push_str(value.expose()),
                unknown @ Value::Unknown(_) => return unknown.clone(),
            },
            None => return Value::Unknown(said(expression)),
        }
        if out.len() > 1 << 20 {
            return Value::Unknown("too long once its expressions are replaced".to_owned());
        }
    }
    out.push_str(rest);
    Value::Known(Secret::new(out))
}

/// Says what an expression takes its value from.
fn said(expression: &str) -> String {
    let plain = |text: &str| {
        text.len() <= 64
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
    };
    match expression.split_once('.') {
        Some(("secrets", name)) if plain(name) => format!("GitHub's secret {name}"),
        Some(_) if plain(expression) => format!("GitHub's {expression}"),
        _ => "an expression of GitHub's".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use proptest::prelude::*;

    use super::parse;
    use crate::facts::{Environment, Value};
    use crate::value::Origin;

    const FILE: &str = "\
on: push
env:
  DB_POOL_SIZE: 5
  WHO: workflow
jobs:
  test:
    runs-on: ubuntu-latest
    env:
      WHO: job
      URL: postgresql://u:${{ secrets.PW }}@localhost/d
      COPY: \"${{ env.DB_POOL_SIZE }}0\"
    steps:
      - uses: actions/checkout@v4
      - name: Run tests
        env:
          WHO: step
          FROM: ${{ env.WHO }}
        run: pytest
      - run: echo
        env: {A: [1]}
  lint:
    steps: []
";

    fn value(environment: &Environment, name: &str) -> String {
        match &environment.get(name).unwrap().value {
            Value::Known(text) => text.expose().to_owned(),
            Value::Unknown(reason) => format!("? {reason}"),
        }
    }

    #[test]
    fn the_nearest_env_counts() {
        let deploy = parse(".github/workflows/ci.yml", FILE);
        let names: Vec<&str> = deploy
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                ".github/workflows/ci.yml:test/Run tests",
                ".github/workflows/ci.yml:test/step 3",
                ".github/workflows/ci.yml:test",
                ".github/workflows/ci.yml:lint"
            ]
        );
        let [step, _, job, lint] = deploy.environments.as_slice() else {
            panic!("{deploy:?}");
        };
        assert_eq!(value(step, "WHO"), "step");
        assert_eq!(value(step, "FROM"), "job");
        assert_eq!(value(step, "DB_POOL_SIZE"), "5");
        assert_eq!(value(job, "WHO"), "job");
        assert_eq!(value(job, "URL"), "? GitHub's secret PW");
        assert_eq!(value(job, "COPY"), "50");
        assert_eq!(value(lint, "WHO"), "workflow");
        assert_eq!(
            step.get("WHO").unwrap().origin,
            Origin::file(".github/workflows/ci.yml", 16, 16)
        );
        assert_eq!(
            deploy.problems[0].message,
            "has a list as a value of `env`, which must be a text, a number, or true or false"
        );
        assert_eq!(
            (deploy.problems[0].line, deploy.problems[0].column),
            (Some(20), Some(18))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(jobs:|env:|steps:|\n|\n  |\n    |a: |b|\\$\\{\\{ env.a \\}\\}|- ){0,40}") {
            parse("ci.yml", &text);
        }
    }
}
