//! Heroku's `app.json` and `Procfile`.

use super::deploy::{self, Deploy, Environments, Variables, shown};
use super::json;
use super::yaml::Node;
use crate::facts::{Deployment, Environment, FileProblem, Made, Value, Variable};
use crate::value::{Origin, Sourced};

/// The keys of which Heroku's `app.json` has one; Expo's and others' have none of them.
const OURS: [&str; 4] = ["env", "addons", "formation", "buildpacks"];

/// A process of a `Procfile`: its name and its command.
type Process = (String, Sourced<String>);

/// Reads an `app.json`; `procfile` is the path and the text of the `Procfile` beside it, whose
/// processes all get its variables.
pub fn parse(path: &str, text: &str, procfile: Option<(&str, &str)>) -> Deploy {
    let root = match json::parse(text) {
        Ok(root) => root,
        Err(problem) => return Deploy::unreadable(problem),
    };
    if !OURS.iter().any(|key| root.get(key).is_some()) {
        return procfile.map_or_else(Deploy::default, |(path, text)| parse_procfile(path, text));
    }
    let mut problems = Vec::new();
    let variables = variables(path, &root, &mut problems);
    let processes = procfile
        .map(|(path, text)| processes(path, text).0)
        .unwrap_or_default();
    let plan = plan(&root);
    let deployment = |start_command, instances| Deployment {
        platform: "heroku",
        plan: plan.clone(),
        start_command,
        root: deploy::below(path, "."),
        made: Made::Unsaid,
        instances,
        unseen: vec!["Heroku's config vars".to_owned()],
    };
    let mut environments = Environments::default();
    if processes.is_empty() {
        environments.push(Environment {
            name: path.to_owned(),
            ..deploy::environment(path, "", variables, deployment(None, None))
        });
        return environments.into_deploy(problems);
    }
    for (name, command) in processes {
        let quantity = root
            .get("formation")
            .and_then(|all| all.get(&name)?.get("quantity"));
        let instances =
            quantity.and_then(|node| deploy::count(path, node, "quantity", &mut problems));
        let deployment = deployment(Some(command), instances);
        if !environments.push(deploy::environment(
            path,
            &name,
            variables.clone(),
            deployment,
        )) {
            break;
        }
    }
    environments.into_deploy(problems)
}

/// Reads a `Procfile` that has no `app.json` beside it.
pub fn parse_procfile(path: &str, text: &str) -> Deploy {
    let (processes, problems) = processes(path, text);
    let mut environments = Environments::default();
    for (name, command) in processes {
        let deployment = Deployment {
            platform: "heroku",
            plan: None,
            start_command: Some(command),
            root: deploy::below(path, "."),
            made: Made::Unsaid,
            instances: None,
            unseen: vec!["Heroku's config vars".to_owned()],
        };
        let none = Variables::default();
        if !environments.push(deploy::environment(path, &name, none, deployment)) {
            break;
        }
    }
    environments.into_deploy(problems)
}

fn variables(path: &str, root: &Node, problems: &mut Vec<FileProblem>) -> Variables {
    let mut variables = Variables::default();
    for addon in deploy::list(root, "addons", problems) {
        if let Some(variable) = of_addon(path, addon) {
            variables.set(variable);
        }
    }
    let Some(env) = root.get("env") else {
        return variables;
    };
    if !env.is_mapping() {
        problems.push(env.problem(format!(
            "has an `env` that is {}, not an object",
            env.kind()
        )));
    }
    for (key, node) in env.entries() {
        let Some(name) = key.text() else { continue };
        let (place, value) = if node.is_mapping() {
            described(node)
        } else {
            (&**node, deploy::scalar(node, "a value of `env`"))
        };
        let value = value.unwrap_or_else(|problem| {
            problems.push(problem);
            Value::Unknown("declared in a way that Heroku does not read".to_owned())
        });
        variables.set(Variable::new(name, value, deploy::origin(path, place)));
    }
    variables
}

/// Reads `{"value": …, "generator": "secret", "required": …}`.
fn described(node: &Node) -> (&Node, Result<Value, FileProblem>) {
    let unknown = |why: &str| Ok(Value::Unknown(why.to_owned()));
    match (node.get("value"), node.get("generator")) {
        (Some(value), _) => (value, deploy::scalar(value, "a `value`")),
        (None, Some(generator)) => (
            generator,
            unknown("a random text that Heroku makes (generator)"),
        ),
        (None, None) => (node, unknown("asked for when the app is set up")),
    }
}

/// Returns the plan of Heroku's own Postgres, where one that sets `DATABASE_URL` is declared.
fn plan(root: &Node) -> Option<(String, String)> {
    let addons = root.get("addons")?.items().iter();
    addons
        .filter(|addon| addon.get("as").is_none())
        .find_map(|addon| {
            let text = addon.text().or_else(|| addon.get("plan")?.text())?;
            let plan = text.strip_prefix("heroku-postgresql:")?;
            Some(("heroku".to_owned(), plan.to_owned()))
        })
}

/// Returns what Heroku's own Postgres sets.
fn of_addon(path: &str, addon: &Node) -> Option<Variable> {
    let plan = addon.text().or_else(|| addon.get("plan")?.text())?;
    let service = plan.split(':').next()?;
    let name = match addon.get("as").and_then(Node::text) {
        Some(alias) => format!("{alias}_URL"),
        None => "DATABASE_URL".to_owned(),
    };
    (service == "heroku-postgresql").then(|| {
        let why = format!("set by Heroku's add-on {}", shown(plan));
        Variable::new(name, Value::Unknown(why), deploy::origin(path, addon))
    })
}

/// The most processes of a `Procfile` that are read; Heroku takes fewer.
const MAX_PROCESSES: usize = 1_000;

/// Splits a `Procfile`: `name: command` a line.
fn processes(path: &str, text: &str) -> (Vec<Process>, Vec<FileProblem>) {
    let mut processes: Vec<Process> = Vec::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let name = line.split(':').next().unwrap_or_default();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        let command = line.get(name.len() + 1..).unwrap_or_default();
        if name.is_empty() || !name.chars().all(fits) || command.trim().is_empty() {
            problems.push(FileProblem {
                message: "has a line that is not `name: command`".to_owned(),
                line: Some(number),
                column: Some(1),
            });
            continue;
        }
        let indent = command.len() - command.trim_start().len();
        let column = super::text::number(name.len() + 1 + indent + 1);
        let command = Sourced::new(
            command.trim().to_owned(),
            Origin::file(path, number, column),
        );
        if processes.len() == MAX_PROCESSES {
            break;
        }
        processes.retain(|(known, _)| known != name);
        processes.push((name.to_owned(), command));
    }
    (processes, problems)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use proptest::prelude::*;

    use super::{parse, parse_procfile};
    use crate::facts::Value;
    use crate::value::Origin;

    const APP: &str = "{
  \"addons\": [\"heroku-postgresql:essential-0\", {\"plan\": \"heroku-postgresql\", \"as\": \"REPLICA\"}],
  \"env\": {
    \"DB_POOL_SIZE\": \"5\",
    \"DB_POOL_TIMEOUT\": 30,
    \"SECRET\": {\"generator\": \"secret\"},
    \"DB_MAX_OVERFLOW\": {\"description\": \"x\", \"value\": \"10\"},
    \"ASKED\": {\"required\": true},
    \"BAD\": [1]
  },
  \"formation\": {\"web\": {\"quantity\": 2}}
}";

    #[test]
    fn every_form_of_app_json_is_read() {
        let deploy = parse("app.json", APP, None);
        let environment = &deploy.environments[0];
        assert_eq!(environment.name, "app.json");
        for (name, wanted, line, column) in [
            (
                "DATABASE_URL",
                Err("set by Heroku's add-on heroku-postgresql:essential-0"),
                2,
                14,
            ),
            (
                "REPLICA_URL",
                Err("set by Heroku's add-on heroku-postgresql"),
                2,
                47,
            ),
            ("DB_POOL_SIZE", Ok("5"), 4, 21),
            ("DB_POOL_TIMEOUT", Ok("30"), 5, 24),
            (
                "SECRET",
                Err("a random text that Heroku makes (generator)"),
                6,
                29,
            ),
            ("DB_MAX_OVERFLOW", Ok("10"), 7, 54),
            ("ASKED", Err("asked for when the app is set up"), 8, 14),
        ] {
            let variable = environment.get(name).unwrap();
            let wanted = match wanted {
                Ok(text) => Value::Known(text.into()),
                Err(reason) => Value::Unknown(reason.to_owned()),
            };
            assert_eq!(variable.value, wanted, "{name}");
            assert_eq!(
                variable.origin,
                Origin::file("app.json", line, column),
                "{name}"
            );
        }
        assert_eq!(deploy.problems.len(), 1);
        assert_eq!(deploy.problems[0].line, Some(9));
    }

    #[test]
    fn a_procfile_beside_it_gives_the_processes() {
        let procfile =
            "# c\nweb: gunicorn app:app -w 3\r\nworker:celery -A jobs worker\nnonsense\n";
        let deploy = parse("app.json", APP, Some(("Procfile", procfile)));
        let names: Vec<&str> = deploy
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, ["app.json:web", "app.json:worker"]);
        let web = deploy.environments[0].deployment.as_ref().unwrap();
        assert_eq!(web.instances.as_ref().unwrap().value, 2);
        let command = web.start_command.as_ref().unwrap();
        assert_eq!(command.value, "gunicorn app:app -w 3");
        assert_eq!(command.origin, Origin::file("Procfile", 2, 6));
        let expo = parse("app.json", "{\"expo\": {}}", Some(("Procfile", procfile)));
        assert_eq!(expo.environments[0].name, "Procfile:web");
        assert!(
            parse("app.json", "{\"expo\": {}}", None)
                .environments
                .is_empty()
        );
        let alone = parse_procfile("server/Procfile", procfile);
        assert_eq!(alone.environments[1].name, "server/Procfile:worker");
        assert_eq!(
            alone.environments[1]
                .deployment
                .as_ref()
                .unwrap()
                .root
                .as_deref(),
            Some("server")
        );
        assert_eq!(
            alone.problems[0].message,
            "has a line that is not `name: command`"
        );
        assert_eq!(alone.problems[0].line, Some(4));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(web|:| |\n|\r|é|#|\\PC){0,30}", json in "[\\[\\]{}\":,a-e1 ]{0,40}") {
            parse_procfile("Procfile", &text);
            parse("app.json", &json, Some(("Procfile", &text)));
        }
    }
}
