//! Cases as text: `### name`, then `# env: A=1 B=2` (an environment), `# call: function` (called
//! after the import), `# file: path` (the file that follows; without one it is `db.py`).

use std::collections::BTreeMap;

/// A project with the environments in which it is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) environments: Vec<BTreeMap<String, String>>,
    pub(crate) call: String,
    /// Whether its values are ones that must be found: `# opaque` says that unknown is right.
    pub(crate) resolvable: bool,
}

const PRELUDE: &str =
    "import os\nfrom sqlalchemy import create_engine\nURL = 'postgresql+psycopg2://u:p@h/d'\n";

/// Reads the cases of one text.
pub(crate) fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            cases.push(Case {
                name: name.trim().to_owned(),
                environments: vec![BTreeMap::new()],
                resolvable: true,
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(variables) = line.strip_prefix("# env:") {
            case.environments.push(
                variables
                    .split_whitespace()
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| (name.to_owned(), value.replace("%20", " ")))
                    .collect(),
            );
        } else if let Some(call) = line.strip_prefix("# call:") {
            call.trim().clone_into(&mut case.call);
        } else if line == "# opaque" {
            case.resolvable = false;
        } else if let Some(path) = line.strip_prefix("# file:") {
            case.files.push((path.trim().to_owned(), String::new()));
        } else {
            if case.files.is_empty() {
                case.files.push(("db.py".to_owned(), String::new()));
            }
            if let Some((_, text)) = case.files.last_mut() {
                text.push_str(if line == "%p" { PRELUDE } else { line });
                text.push('\n');
            }
        }
    }
    cases
}

impl Case {
    /// Returns the module that the program starts with: the first file's.
    pub(crate) fn module(&self) -> String {
        let path = &self.files[0].0;
        let stem = path.strip_suffix(".py").unwrap_or(path);
        stem.strip_suffix("/__init__")
            .unwrap_or(stem)
            .replace('/', ".")
    }
}
