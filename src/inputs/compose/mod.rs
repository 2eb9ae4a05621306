//! `compose.yaml`: Compose's services.
//!
//! Read after the Compose specification (services, interpolation, merge). `environment` beats
//! `env_file`, a later `env_file` beats an earlier one, and a variable without a value is passed
//! through from the shell or the `.env` beside the file.

use super::deploy::{self, Deploy, Environments, Variables, shown};
use super::dotenv::Dotenv;
use super::yaml::{self, Node};
use crate::facts::{Deployment, Environment, FileProblem, Made, Value, Variable};
use crate::value::{Origin, Secret, Sourced};

mod interpolate;

use interpolate::{Lookup, Refused, interpolate};

/// What surrounds a compose file.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The variables of the `.env` beside it, which fill `${…}`.
    pub dotenv: &'a [Variable],
    /// Reads a file that `env_file` names, relative to the compose file; says why it cannot.
    pub env_file: &'a dyn Fn(&str) -> Result<Dotenv, String>,
}

/// Reads a compose file.
pub fn parse(path: &str, text: &str, around: Around<'_>) -> Deploy {
    let root = match yaml::parse_one(text) {
        Ok(Some(root)) => root,
        Ok(None) => return Deploy::default(),
        Err(problem) => return Deploy::unreadable(problem),
    };
    let services = match root.get("services") {
        Some(services) if services.is_mapping() => services,
        Some(other) => {
            return Deploy::unreadable(other.problem(format!(
                "has `services` that is {}, not a mapping",
                other.kind()
            )));
        }
        None if root.is_mapping() => return Deploy::default(),
        None => {
            return Deploy::unreadable(root.problem(format!("is {}, not a mapping", root.kind())));
        }
    };
    let lookup = |name: &str| {
        let variable = around.dotenv.iter().find(|known| known.name == name)?;
        Some(match &variable.value {
            Value::Known(text) => Ok(text.expose().to_owned()),
            Value::Unknown(reason) => Err(reason.clone()),
        })
    };
    let mut reader = Reader {
        path,
        around,
        lookup: &lookup,
        services,
        problems: Vec::new(),
    };
    let mut environments = Environments::default();
    for (name, service) in services.entries() {
        let environment = name.text().and_then(|name| reader.service(name, service));
        if environment.is_some_and(|environment| !environments.push(environment)) {
            break;
        }
    }
    environments.into_deploy(reader.problems)
}

struct Reader<'a> {
    path: &'a str,
    around: Around<'a>,
    lookup: Lookup<'a>,
    services: &'a Node,
    problems: Vec<FileProblem>,
}

impl<'a> Reader<'a> {
    fn service(&mut self, name: &str, service: &'a Node) -> Option<Environment> {
        if !service.is_mapping() {
            let problem = format!("has a service that is {}, not a mapping", service.kind());
            self.problems.push(service.problem(problem));
            return None;
        }
        let mut unseen = Vec::new();
        // What is extended comes first, so that the service's own words are the last ones.
        let layers = self.layers(service, &mut unseen);
        let mut variables = Variables::default();
        for layer in &layers {
            self.env_files(layer, &mut variables, &mut unseen);
        }
        for layer in &layers {
            self.environment(layer, &mut variables);
        }
        let deployment = self.deployment(&layers, unseen);
        Some(deploy::environment(self.path, name, variables, deployment))
    }

    /// Returns a service behind those that it extends, the farthest first.
    fn layers(&mut self, service: &'a Node, unseen: &mut Vec<String>) -> Vec<&'a Node> {
        let mut layers = vec![service];
        while let Some(extends) = layers.last().and_then(|layer| layer.get("extends")) {
            let named = extends.get("service").unwrap_or(extends).text();
            if extends.get("file").is_some() {
                unseen.push("a service of another file (extends)".to_owned());
                break;
            }
            match named.and_then(|name| self.services.get(name)) {
                Some(base) if layers.len() < 16 => layers.push(base),
                Some(_) => {
                    self.problems
                        .push(extends.problem("has services that extend each other"));
                    break;
                }
                None => {
                    self.problems
                        .push(extends.problem("extends a service that it does not have"));
                    break;
                }
            }
        }
        layers.reverse();
        layers
    }

    fn env_files(&mut self, service: &Node, variables: &mut Variables, unseen: &mut Vec<String>) {
        let Some(list) = service.get("env_file") else {
            return;
        };
        let nodes: Vec<&Node> = if list.is_list() {
            list.items().iter().map(|item| &**item).collect()
        } else {
            vec![list]
        };
        for node in nodes {
            let named = node.get("path").unwrap_or(node);
            let required = node.get("required").and_then(Node::boolean) != Some(false);
            let Some(text) = named.text() else {
                let problem = format!("has an `env_file` that is {}, not a path", named.kind());
                self.problems.push(named.problem(problem));
                continue;
            };
            let Ok(file) = interpolate(text, self.lookup) else {
                unseen.push("an env_file whose path is not known".to_owned());
                continue;
            };
            match (self.around.env_file)(&file) {
                Ok(dotenv) => {
                    for variable in dotenv.variables {
                        variables.set(as_compose_reads(variable));
                    }
                }
                Err(why) => {
                    if required {
                        unseen.push(format!("the env_file {}, which {why}", shown(&file)));
                    }
                }
            }
        }
    }

    fn environment(&mut self, service: &Node, variables: &mut Variables) {
        let Some(environment) = service.get("environment") else {
            return;
        };
        if environment.is_mapping() {
            for (key, value) in environment.entries() {
                if let Some(name) = key.text() {
                    self.entry(name, value, key, variables);
                }
            }
        } else if environment.is_list() {
            for item in environment.items() {
                self.item(item, variables);
            }
        } else {
            let kind = environment.kind();
            let problem = format!("has an `environment` that is {kind}, not a mapping or a list");
            self.problems.push(environment.problem(problem));
        }
    }

    /// Reads `NAME: value` of a mapping.
    fn entry(&mut self, name: &str, value: &Node, key: &Node, variables: &mut Variables) {
        if value.is_null() {
            let value = self.passed_through(name);
            let origin = deploy::origin(self.path, key);
            variables.set(Variable::new(name, value, origin));
            return;
        }
        let known = if let Some(text) = value.text() {
            self.replaced(text, value)
        } else {
            let problem = format!("has {} as the value of a variable", value.kind());
            self.problems.push(value.problem(problem));
            Value::Unknown("declared in a way that Compose does not read".to_owned())
        };
        let origin = deploy::origin(self.path, value);
        variables.set(Variable::new(name, known, origin));
    }

    /// Reads `NAME=value` of a list.
    fn item(&mut self, item: &Node, variables: &mut Variables) {
        let Some(text) = item.text() else {
            let problem = format!("has {} in `environment`, not NAME=value", item.kind());
            self.problems.push(item.problem(problem));
            return;
        };
        let origin = deploy::origin(self.path, item);
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, self.replaced(value, item)),
            None => (text, self.passed_through(text)),
        };
        variables.set(Variable::new(name, value, origin));
    }

    fn replaced(&mut self, text: &str, node: &Node) -> Value {
        match interpolate(text, self.lookup) {
            Ok(text) => Value::Known(Secret::new(text)),
            Err(Refused::Unknown(reason)) => Value::Unknown(reason),
            Err(Refused::Malformed) => {
                let problem = "has a `$` that Compose cannot replace; `$$` stands for one";
                self.problems.push(node.problem(problem));
                Value::Unknown("text with a `$` that Compose cannot replace".to_owned())
            }
        }
    }

    fn passed_through(&self, name: &str) -> Value {
        match (self.lookup)(name) {
            Some(Ok(text)) => Value::Known(Secret::new(text)),
            Some(Err(reason)) => Value::Unknown(reason),
            None => Value::Unknown("passed through from the shell that runs Compose".to_owned()),
        }
    }

    fn deployment(&mut self, layers: &[&Node], unseen: Vec<String>) -> Deployment {
        let last = |key: &str| layers.iter().rev().find_map(|layer| layer.get(key));
        let words = |key: &str| last(key).and_then(|node| deploy::command(self.path, node));
        let start_command = match (words("entrypoint"), words("command")) {
            (Some(entry), Some(command)) => Some(Sourced::new(
                format!("{} {}", entry.value, command.value),
                command.origin,
            )),
            (entry, command) => command.or(entry),
        };
        let start_command = start_command.map(|mut command| {
            if let Ok(text) = interpolate(&command.value, self.lookup) {
                command.value = text;
            }
            command
        });
        let has_command = start_command.is_some();
        let context = last("build").and_then(|build| build.get("context").unwrap_or(build).text());
        let deploy = last("deploy");
        let replicas = deploy
            .and_then(|deploy| deploy.get("replicas"))
            .or_else(|| last("scale"));
        let global = deploy
            .and_then(|deploy| deploy.get("mode"))
            .and_then(Node::text)
            == Some("global");
        let instances = match replicas {
            Some(node) => self.replicas(node),
            None if global => None,
            None => Some(Sourced::new(1, Origin::Default)),
        };
        Deployment {
            platform: "compose",
            start_command,
            root: context.and_then(|context| deploy::below(self.path, context)),
            plan: None,
            made: self.made(last("build"), has_command),
            instances,
            unseen,
        }
    }

    /// Returns what a service is made from: an image without a command runs nothing of the project.
    fn made(&self, build: Option<&Node>, has_command: bool) -> Made {
        let Some(build) = build else {
            return if has_command {
                Made::Unsaid
            } else {
                Made::Elsewhere
            };
        };
        let text = |key: &str| build.get(key).and_then(Node::text);
        let context = build.text().or_else(|| text("context")).unwrap_or(".");
        let file = text("dockerfile").unwrap_or("Dockerfile");
        let context = deploy::below(self.path, context);
        let path = match &context {
            Some(context) if context == "." => deploy::below("Dockerfile", file),
            Some(context) => deploy::below(&format!("{context}/Dockerfile"), file),
            None => None,
        };
        match path {
            Some(path) if text("dockerfile_inline").is_none() => Made::Dockerfile { path, context },
            _ => Made::Unsaid,
        }
    }

    fn replicas(&mut self, node: &Node) -> Option<Sourced<u32>> {
        let text = node.text().map(|text| interpolate(text, self.lookup));
        match text {
            Some(Err(Refused::Unknown(_))) => None,
            Some(Ok(text)) if text.parse::<u32>().is_ok() => {
                let number = text.parse().ok()?;
                Some(Sourced::new(number, deploy::origin(self.path, node)))
            }
            _ => {
                self.problems
                    .push(node.problem("has a `replicas` that is no whole number"));
                None
            }
        }
    }
}

/// Returns an `env_file`'s variable as Compose takes it: it also replaces `$NAME`, which
/// python-dotenv leaves.
fn as_compose_reads(variable: Variable) -> Variable {
    let replaces = |text: &Secret| {
        let pairs = text.expose().as_bytes().windows(2);
        pairs.into_iter().any(|pair| {
            pair[0] == b'$' && (pair[1].is_ascii_alphabetic() || b"_{".contains(&pair[1]))
        })
    };
    let doubtful = matches!(&variable.value, Value::Known(text) if replaces(text));
    if doubtful {
        let value = Value::Unknown("text with a `$`, which Compose may replace".to_owned());
        Variable { value, ..variable }
    } else {
        variable
    }
}

#[cfg(test)]
mod tests;
