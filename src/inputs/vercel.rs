//! `vercel.json`: the retired `env` and `build.env`, which old projects still carry.

use super::deploy::{self, Deploy, Variables};
use super::json;
use super::yaml::Node;
use crate::facts::{Deployment, Environment, FileProblem, Value, Variable};

/// Reads a `vercel.json`.
pub fn parse(path: &str, text: &str) -> Deploy {
    let root = match json::parse(text) {
        Ok(root) => root,
        Err(problem) => return Deploy::unreadable(problem),
    };
    let mut problems = Vec::new();
    let run = variables(path, root.get("env"), &mut problems);
    let mut environments = vec![environment(path, path.to_owned(), run)];
    if let Some(build) = root.get("build").and_then(|build| build.get("env")) {
        let build = variables(path, Some(build), &mut problems);
        environments.push(environment(path, format!("{path}:build"), build));
    }
    Deploy {
        environments,
        problems,
    }
}

fn environment(path: &str, name: String, variables: Variables) -> Environment {
    let deployment = Deployment {
        platform: "vercel",
        root: deploy::below(path, "."),
        unseen: vec!["Vercel's project settings".to_owned()],
        ..Deployment::default()
    };
    Environment {
        name,
        ..deploy::environment(path, "", variables, deployment)
    }
}

fn variables(path: &str, env: Option<&Node>, problems: &mut Vec<FileProblem>) -> Variables {
    let mut variables = Variables::default();
    let Some(env) = env else {
        return variables;
    };
    if !env.is_mapping() {
        problems.push(env.problem(format!(
            "has an `env` that is {}, not an object",
            env.kind()
        )));
    }
    for (key, node) in env.entries() {
        let value = match node.text() {
            Some(text) if text.starts_with('@') => {
                Value::Unknown("a secret of Vercel's (@…)".to_owned())
            }
            Some(text) => Value::Known(text.into()),
            None => {
                problems.push(node.problem(format!("has {} as a value of `env`", node.kind())));
                Value::Unknown("declared in a way that Vercel does not read".to_owned())
            }
        };
        if let Some(name) = key.text() {
            variables.set(Variable::new(name, value, deploy::origin(path, node)));
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::parse;
    use crate::facts::Value;
    use crate::value::Origin;

    #[test]
    fn both_environments_are_read_with_their_places() {
        let deploy = parse(
            "vercel.json",
            "{\n  \"env\": {\"DB_POOL_SIZE\": \"5\", \"URL\": \"@database-url\"},\n  \"build\": {\"env\": {\"A\": \"1\"}}\n}\n",
        );
        assert_eq!(deploy.problems, []);
        let names: Vec<&str> = deploy
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, ["vercel.json", "vercel.json:build"]);
        let size = deploy.environments[0].get("DB_POOL_SIZE").unwrap();
        assert_eq!(size.value, Value::Known("5".into()));
        assert_eq!(size.origin, Origin::file("vercel.json", 2, 27));
        let url = deploy.environments[0].get("URL").unwrap();
        assert!(matches!(url.value, Value::Unknown(_)));
    }

    #[test]
    fn wrong_types_get_their_place() {
        let deploy = parse("vercel.json", "{\"env\": [\"A\"]}");
        assert_eq!(
            deploy.problems[0].message,
            "has an `env` that is a list, not an object"
        );
        let deploy = parse("vercel.json", "{\"env\": {\"A\": {\"b\": 1}}}");
        assert_eq!(
            deploy.problems[0].message,
            "has a mapping as a value of `env`"
        );
        assert_eq!(deploy.problems[0].column, Some(15));
    }
}
