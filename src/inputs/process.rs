//! The process environment over the files of `--env-file`.

use std::collections::BTreeMap;

use super::dotenv::Dotenv;
use crate::facts::{Environment, EnvironmentKind, Value, Variable};
use crate::value::{Secret, Sourced};

/// Returns the environment `process`: the process's variables over the files, of which a later
/// one beats an earlier one.
pub fn environment(process: &BTreeMap<String, Sourced<Secret>>, files: Vec<Dotenv>) -> Environment {
    let mut variables: Vec<Variable> = Vec::new();
    for file in files {
        for variable in file.variables_within(process) {
            set(&mut variables, variable);
        }
    }
    for (name, given) in process {
        let value = Value::Known(given.value.clone());
        set(
            &mut variables,
            Variable::new(name.clone(), value, given.origin.clone()),
        );
    }
    Environment {
        name: "process".to_owned(),
        kind: EnvironmentKind::Process,
        variables,
        deployment: None,
    }
}

fn set(variables: &mut Vec<Variable>, variable: Variable) {
    variables.retain(|known| known.name != variable.name);
    variables.push(variable);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::collections::BTreeMap;

    use super::environment;
    use crate::facts::Value;
    use crate::inputs::dotenv;
    use crate::value::{Origin, Secret, Sourced};

    #[test]
    fn the_process_beats_the_last_file_which_beats_the_first() {
        let process = BTreeMap::from([(
            "A".to_owned(),
            Sourced::new(Secret::new("process"), Origin::env("A")),
        )]);
        let files = vec![
            dotenv::parse("one.env", "A=1\nB=1\nC=${A}-${NONE}\n"),
            dotenv::parse("two.env", "A=2\nB=2\n"),
        ];
        let environment = environment(&process, files);
        for (name, text, origin) in [
            ("A", "process", Origin::env("A")),
            ("B", "2", Origin::file("two.env", 2, 3)),
            ("C", "process-", Origin::file("one.env", 3, 3)),
        ] {
            let variable = environment.get(name).unwrap();
            assert_eq!(variable.value, Value::Known(text.into()), "{name}");
            assert_eq!(variable.origin, origin);
        }
        assert_eq!(environment.variables.len(), 3);
    }
}
