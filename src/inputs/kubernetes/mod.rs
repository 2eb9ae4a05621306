//! Kubernetes manifests: the variables of each workload's containers.
//!
//! A container's `env` beats its `envFrom`, a later `envFrom` beats an earlier one, and `$(NAME)`
//! takes what stands before it. `ConfigMap`s count when they are in the same file.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::deploy::{self, Deploy, Environments, Variables, list, shown};
use super::yaml::{self, Node};
use crate::facts::{Deployment, FileProblem, Made, Value, Variable};
use crate::value::{Origin, Secret, Sourced};

mod expand;

/// Returns whether a YAML text looks like a manifest with something that is read here; most YAML
/// files of a project are something else.
pub fn is_manifest(text: &str) -> bool {
    let has_line = |key: &str| {
        text.lines().any(|line| {
            let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
            line.starts_with(key)
        })
    };
    has_line("apiVersion:")
        && has_line("kind:")
        && (has_line("containers:") || has_line("containers :"))
}

/// Reads a manifest file, which may hold several documents.
pub fn parse(path: &str, text: &str) -> Deploy {
    let documents = match yaml::parse(text) {
        Ok(documents) => documents,
        Err(problem) => return Deploy::unreadable(problem),
    };
    let mut problems = Vec::new();
    let mut objects: Vec<&Node> = Vec::new();
    for document in &documents {
        if document.get("kind").and_then(Node::text) == Some("List") {
            objects.extend(
                list(document, "items", &mut problems)
                    .iter()
                    .map(Rc::as_ref),
            );
        } else {
            objects.push(document);
        }
    }
    let file = File {
        path,
        objects: &objects,
    };
    let mut environments = Environments::default();
    for object in &objects {
        if let Some(pod) = pod(object)
            && !file.workload(object, pod, &mut environments, &mut problems)
        {
            break;
        }
    }
    environments.into_deploy(problems)
}

/// Returns the pod's specification of a workload; `None` for other kinds.
fn pod(object: &Node) -> Option<&Node> {
    let spec = object.get("spec")?;
    match object.get("kind")?.text()? {
        "Pod" => Some(spec),
        "CronJob" => spec
            .get("jobTemplate")?
            .get("spec")?
            .get("template")?
            .get("spec"),
        // A service of Knative or Cloud Run has a template; Kubernetes' own has none.
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job"
        | "Rollout"
        | "Service" => spec.get("template")?.get("spec"),
        _ => None,
    }
}

fn name_of(object: &Node) -> Option<&str> {
    object.get("metadata")?.get("name")?.text()
}

struct File<'a> {
    path: &'a str,
    objects: &'a [&'a Node],
}

impl File<'_> {
    /// Adds each container of a workload; false where no more fit.
    fn workload(
        &self,
        object: &Node,
        pod: &Node,
        environments: &mut Environments,
        problems: &mut Vec<FileProblem>,
    ) -> bool {
        let workload = name_of(object).unwrap_or("unnamed");
        let containers = list(pod, "containers", problems);
        let instances = self.instances(object, workload, problems);
        for container in containers {
            let name = container
                .get("name")
                .and_then(Node::text)
                .unwrap_or("unnamed");
            let name = if containers.len() == 1 {
                workload.to_owned()
            } else {
                format!("{workload}/{name}")
            };
            let mut unseen = Vec::new();
            let variables = self.variables(container, &mut unseen, problems);
            let words = |key: &str| {
                container
                    .get(key)
                    .and_then(|node| deploy::command(self.path, node))
            };
            let start_command = match (words("command"), words("args")) {
                (Some(command), Some(arguments)) => Some(Sourced::new(
                    format!("{} {}", command.value, arguments.value),
                    command.origin,
                )),
                (command, arguments) => command.or(arguments),
            };
            let made = if start_command.is_some() {
                Made::Unsaid
            } else {
                Made::Elsewhere
            };
            let deployment = Deployment {
                platform: "kubernetes",
                made,
                plan: None,
                start_command,
                root: None,
                instances: instances.clone(),
                unseen,
            };
            let environment = deploy::environment(self.path, &name, variables, deployment);
            if !environments.push(environment) {
                return false;
            }
        }
        true
    }

    /// Returns how many pods run: an autoscaler's most, else the replicas.
    fn instances(
        &self,
        object: &Node,
        workload: &str,
        problems: &mut Vec<FileProblem>,
    ) -> Option<Sourced<u32>> {
        let spec = object.get("spec")?;
        let scales = |scaler: &Node| {
            let target = scaler.get("spec")?.get("scaleTargetRef")?;
            let fits = scaler.get("kind")?.text()? == "HorizontalPodAutoscaler"
                && target.get("name")?.text()? == workload;
            fits.then(|| scaler.get("spec")?.get("maxReplicas").cloned())?
        };
        if let Some(most) = self.objects.iter().find_map(|scaler| scales(scaler)) {
            return deploy::count(self.path, &most, "maxReplicas", problems);
        }
        match (
            object.get("kind")?.text()?,
            spec.get("replicas"),
            spec.get("parallelism"),
        ) {
            // As many as there are nodes, or as there are requests.
            ("DaemonSet" | "Service", ..) => None,
            ("Job", _, Some(node)) => deploy::count(self.path, node, "parallelism", problems),
            (_, Some(node), _) => deploy::count(self.path, node, "replicas", problems),
            (_, None, _) => Some(Sourced::new(1, Origin::Default)),
        }
    }

    fn variables(
        &self,
        container: &Node,
        unseen: &mut Vec<String>,
        problems: &mut Vec<FileProblem>,
    ) -> Variables {
        let mut variables = Variables::default();
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        for source in list(container, "envFrom", problems) {
            for variable in self.of_source(source, unseen) {
                known.insert(variable.name.clone(), variable.value.clone());
                variables.set(variable);
            }
        }
        for entry in list(container, "env", problems) {
            let Some(name) = entry.get("name").and_then(Node::text) else {
                problems.push(entry.problem("has an entry of `env` without a name"));
                continue;
            };
            let (place, value) = self.of_entry(entry, problems);
            let value = match value {
                Value::Known(text) => expand::expand(&text, &known),
                unknown @ Value::Unknown(_) => unknown,
            };
            known.insert(name.to_owned(), value.clone());
            variables.set(Variable::new(name, value, deploy::origin(self.path, place)));
        }
        variables
    }

    /// Returns the variables of an `envFrom` entry.
    fn of_source(&self, source: &Node, unseen: &mut Vec<String>) -> Vec<Variable> {
        let prefix = source
            .get("prefix")
            .and_then(Node::text)
            .unwrap_or_default();
        let of =
            |key: &str, kind: &'static str| Some((kind, source.get(key)?.get("name")?.text()?));
        let Some((kind, name)) =
            of("configMapRef", "ConfigMap").or_else(|| of("secretRef", "Secret"))
        else {
            return Vec::new();
        };
        let Some(object) = self.object(kind, name) else {
            unseen.push(format!("the {kind} {} (envFrom)", shown(name)));
            return Vec::new();
        };
        let mut variables = Vec::new();
        for (part, text) in PARTS {
            for (key, node) in object.get(part).map(Node::entries).unwrap_or_default() {
                if let Some(key) = key.text() {
                    let name = format!("{prefix}{key}");
                    let value = of_data(node, kind, text);
                    variables.push(Variable::new(name, value, deploy::origin(self.path, node)));
                }
            }
        }
        variables
    }

    fn of_entry<'n>(
        &'n self,
        entry: &'n Node,
        problems: &mut Vec<FileProblem>,
    ) -> (&'n Node, Value) {
        let Some(from) = entry.get("valueFrom") else {
            let node = entry.value("value").unwrap_or(entry);
            if node.is_mapping() && entry.value("value").is_none() {
                return (entry, Value::Known(Secret::default()));
            }
            return match deploy::scalar(node, "a `value`") {
                Ok(value) => (node, value),
                Err(problem) => {
                    problems.push(problem);
                    let why = "declared in a way that Kubernetes does not read";
                    (node, Value::Unknown(why.to_owned()))
                }
            };
        };
        for (reference, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(reference) = from.get(reference) else {
                continue;
            };
            let part = |key: &str| reference.get(key).and_then(Node::text).unwrap_or_default();
            let (name, key) = (part("name"), part("key"));
            let found = self.object(kind, name).and_then(|object| {
                PARTS
                    .iter()
                    .find_map(|(part, text)| Some((object.get(part)?.value(key)?, *text)))
            });
            return if let Some((node, text)) = found {
                (node, of_data(node, kind, text))
            } else {
                let why = format!("the key {} of the {kind} {}", shown(key), shown(name));
                (from, Value::Unknown(why))
            };
        }
        (
            from,
            Value::Unknown("a field of the pod (fieldRef)".to_owned()),
        )
    }

    fn object(&self, kind: &str, name: &str) -> Option<&Node> {
        self.objects.iter().copied().find(|object| {
            object.get("kind").and_then(Node::text) == Some(kind) && name_of(object) == Some(name)
        })
    }
}

/// The parts of a `ConfigMap` or `Secret`, and whether they hold plain text; `stringData` wins.
const PARTS: [(&str, bool); 2] = [("stringData", true), ("data", false)];

/// Returns an entry's value; a `Secret`'s `data` is in base64, and stays unknown.
fn of_data(node: &Node, kind: &str, text: bool) -> Value {
    match node.text() {
        Some(value) if text || kind == "ConfigMap" => Value::Known(value.into()),
        Some(_) => Value::Unknown("in base64 in a Secret of this file".to_owned()),
        None => Value::Known(Secret::default()),
    }
}

#[cfg(test)]
mod tests;
