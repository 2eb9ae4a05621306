//! `render.yaml`: Render's blueprint.
//!
//! Read after Render's schema (`https://render.com/schema/render.yaml.json`) and its blueprint
//! reference. A service's own variables beat those of its groups; of several groups, the later
//! one in the list counts.

use super::deploy::{self, Deploy, Environments, Variables, list, shown};
use super::yaml::{self, Node};
use crate::facts::{Deployment, FileProblem, Made, Value, Variable};
use crate::value::{Origin, Sourced};

mod entry;

use entry::{Entry, Source};

/// A group or a service with its entries.
struct Named<'a> {
    name: String,
    node: &'a Node,
    entries: Vec<Entry<'a>>,
}

/// Everything that a blueprint declares, wherever it stands.
#[derive(Default)]
struct Blueprint<'a> {
    services: Vec<Named<'a>>,
    groups: Vec<Named<'a>>,
    databases: Vec<&'a Node>,
}

/// Reads a `render.yaml`.
pub fn parse(path: &str, text: &str) -> Deploy {
    let root = match yaml::parse_one(text) {
        Ok(Some(root)) => root,
        Ok(None) => return Deploy::default(),
        Err(problem) => return Deploy::unreadable(problem),
    };
    if !root.is_mapping() {
        return Deploy::unreadable(root.problem(format!("is {}, not a blueprint", root.kind())));
    }
    let mut problems = Vec::new();
    let mut blueprint = Blueprint::default();
    for scope in scopes(&root, &mut problems) {
        blueprint.add(scope, &mut problems);
    }
    let mut environments = Environments::default();
    for service in blueprint
        .services
        .iter()
        .filter(|known| runs_code(known.node))
    {
        let (variables, unseen) = blueprint.variables(path, service);
        let mut deployment = deployment(path, service.node, unseen, &mut problems);
        deployment.plan = blueprint.plan(service);
        if !environments.push(deploy::environment(
            path,
            &service.name,
            variables,
            deployment,
        )) {
            break;
        }
    }
    environments.into_deploy(problems)
}

/// Returns every mapping that may hold `services`, `databases` and `envVarGroups`: the file, its
/// projects, their environments, and what is `ungrouped`.
fn scopes<'a>(root: &'a Node, problems: &mut Vec<FileProblem>) -> Vec<&'a Node> {
    let mut scopes = vec![root];
    scopes.extend(root.get("ungrouped"));
    for project in list(root, "projects", problems) {
        scopes.push(project);
        for environment in list(project, "environments", problems) {
            scopes.push(environment);
        }
    }
    scopes
}

/// Returns whether a service runs a process of the project: a key-value store does not.
fn runs_code(service: &Node) -> bool {
    let of = |key: &str| service.get(key).and_then(Node::text);
    !matches!(of("type"), Some("redis" | "keyvalue"))
}

impl<'a> Blueprint<'a> {
    fn add(&mut self, scope: &'a Node, problems: &mut Vec<FileProblem>) {
        for service in list(scope, "services", problems) {
            self.services.extend(named(service, "service", problems));
        }
        for group in list(scope, "envVarGroups", problems) {
            self.groups
                .extend(named(group, "environment group", problems));
        }
        for database in list(scope, "databases", problems) {
            self.databases.push(database);
        }
    }

    /// Returns a service's variables, and the groups that no file shows.
    fn variables(&self, path: &str, service: &Named<'_>) -> (Variables, Vec<String>) {
        let mut variables = Variables::default();
        let mut unseen = Vec::new();
        for entry in &service.entries {
            let Source::Group(name) = &entry.source else {
                continue;
            };
            match self.groups.iter().find(|group| group.name == *name) {
                Some(group) => {
                    for entry in &group.entries {
                        self.set(path, entry, &mut variables);
                    }
                }
                None => unseen.push(format!("Render's environment group {}", shown(name))),
            }
        }
        for entry in &service.entries {
            self.set(path, entry, &mut variables);
        }
        (variables, unseen)
    }

    fn set(&self, path: &str, entry: &Entry<'_>, variables: &mut Variables) {
        if let Some(key) = entry.key {
            let value = self.value(entry, 0);
            variables.set(Variable::new(key, value, deploy::origin(path, entry.place)));
        }
    }

    /// Returns what an entry comes to, following `fromService` up to a few services.
    fn value(&self, entry: &Entry<'_>, depth: usize) -> Value {
        match &entry.source {
            Source::Value(value) => value.clone(),
            Source::Group(_) | Source::Dashboard => {
                Value::Unknown("set in Render's dashboard (sync: false)".to_owned())
            }
            Source::Generated => {
                Value::Unknown("a random text that Render makes (generateValue)".to_owned())
            }
            Source::Database { name, property } => self.of_database(name, property),
            Source::Service {
                name,
                property: None,
                key: Some(key),
            } => self.of_service(name, key, depth),
            Source::Service { name, property, .. } => {
                let property = property.as_deref().unwrap_or("value");
                Value::Unknown(format!(
                    "the {} of Render's service {} (fromService)",
                    shown(property),
                    shown(name)
                ))
            }
            Source::Malformed => {
                Value::Unknown("declared in a way that Render does not read".to_owned())
            }
        }
    }

    fn of_database(&self, name: &str, property: &str) -> Value {
        let database = self
            .databases
            .iter()
            .find(|database| database.get("name").and_then(Node::text) == Some(name));
        let declared = |key: &str| {
            let text = database.and_then(|database| database.get(key)?.text());
            text.map(|text| Value::Known(text.into()))
        };
        let name = shown(name);
        let what = match property {
            "connectionString" => format!(
                "Render's internal connection string of the database {name} (fromDatabase; no port, no sslmode)"
            ),
            "connectionPoolString" => format!(
                "Render's internal pool connection string of the database {name} (fromDatabase; PgBouncer in transaction mode)"
            ),
            "database" => match declared("databaseName") {
                Some(value) => return value,
                None => format!("the name of Render's database {name} (fromDatabase)"),
            },
            "user" => match declared("user") {
                Some(value) => return value,
                None => format!("the user of Render's database {name} (fromDatabase)"),
            },
            other => format!(
                "the {} of Render's database {name} (fromDatabase)",
                shown(other)
            ),
        };
        Value::Unknown(what)
    }

    /// Returns the plan of the database whose own connection string a service gets.
    fn plan(&self, service: &Named<'_>) -> Option<(String, String)> {
        service.entries.iter().find_map(|entry| {
            let Source::Database { name, property } = &entry.source else {
                return None;
            };
            let mut databases = self.databases.iter();
            let database =
                databases.find(|one| one.get("name").and_then(Node::text) == Some(name))?;
            let plan = database.get("plan")?.text()?;
            (property == "connectionString").then(|| ("render".to_owned(), plan.to_owned()))
        })
    }

    fn of_service(&self, name: &str, key: &str, depth: usize) -> Value {
        let unknown = |why: &str| {
            Value::Unknown(format!(
                "{} of Render's service {}, {why} (fromService)",
                shown(key),
                shown(name)
            ))
        };
        if depth > 8 {
            return unknown("which leads back to itself");
        }
        let Some(service) = self.services.iter().find(|service| service.name == name) else {
            return unknown("which this file does not declare");
        };
        let own = service.entries.iter().rev();
        let of_groups = service
            .entries
            .iter()
            .rev()
            .filter_map(|entry| match &entry.source {
                Source::Group(name) => self.groups.iter().find(|group| group.name == *name),
                _ => None,
            });
        let of_groups = of_groups.flat_map(|group| group.entries.iter().rev());
        match own.chain(of_groups).find(|entry| entry.key == Some(key)) {
            Some(entry) => self.value(entry, depth + 1),
            None => unknown("which does not set it in this file"),
        }
    }
}

fn named<'a>(node: &'a Node, what: &str, problems: &mut Vec<FileProblem>) -> Option<Named<'a>> {
    if !node.is_mapping() {
        problems.push(node.problem(format!("has {} as a {what}", node.kind())));
        return None;
    }
    let name = node.get("name").and_then(Node::text);
    if name.is_none() {
        problems.push(node.problem(format!("has a {what} without a name")));
    }
    let entries = list(node, "envVars", problems);
    Some(Named {
        name: name.unwrap_or("unnamed").to_owned(),
        node,
        entries: entries
            .iter()
            .filter_map(|entry| Entry::read(entry, problems))
            .collect(),
    })
}

fn deployment(
    path: &str,
    service: &Node,
    unseen: Vec<String>,
    problems: &mut Vec<FileProblem>,
) -> Deployment {
    let commands = ["startCommand", "dockerCommand"];
    let command = commands.iter().find_map(|key| service.get(key));
    let scaling = service
        .get("scaling")
        .and_then(|scaling| scaling.get("maxInstances"));
    let instances = match (scaling, service.get("numInstances")) {
        (Some(most), _) => deploy::count(path, most, "maxInstances", problems),
        (None, Some(number)) => deploy::count(path, number, "numInstances", problems),
        // Render runs one where the file says nothing.
        (None, None) => Some(Sourced::new(1, Origin::Default)),
    };
    Deployment {
        platform: "render",
        start_command: command.and_then(|command| deploy::command(path, command)),
        root: service
            .get("rootDir")
            .and_then(Node::text)
            .map(str::to_owned),
        plan: None,
        made: made(service),
        instances,
        unseen,
    }
}

/// Returns what a service is made from. Its Dockerfile's path starts at the repository.
fn made(service: &Node) -> Made {
    let text = |key: &str| service.get(key).and_then(Node::text);
    let below = |path: &str| deploy::below("render.yaml", path);
    let dockerfile = text("dockerfilePath");
    match text("runtime").or_else(|| text("env")) {
        Some("docker") => {}
        None if dockerfile.is_some() => {}
        None | Some("python") => return Made::Unsaid,
        Some(_) => return Made::Elsewhere,
    }
    match below(dockerfile.unwrap_or("Dockerfile")) {
        Some(path) => Made::Dockerfile {
            path,
            context: below(text("dockerContext").unwrap_or(".")),
        },
        None => Made::Unsaid,
    }
}

#[cfg(test)]
mod tests;
