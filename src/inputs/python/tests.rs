//! Claims about whole projects: texts in, engines out.

use super::{Findings, ProjectSources, scan};
use crate::facts::{Engine, Environment, EnvironmentKind, Known, SettingFrom, Value, Variable};
use crate::value::{Origin, Secret};

fn environment(name: &str, variables: &[(&str, &str)]) -> Environment {
    Environment {
        name: name.to_owned(),
        kind: EnvironmentKind::Process,
        variables: variables
            .iter()
            .map(|(name, value)| {
                Variable::new(
                    *name,
                    Value::Known(Secret::from(*value)),
                    Origin::env(*name),
                )
            })
            .collect(),
        deployment: None,
    }
}

fn findings(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Findings {
    let sources = ProjectSources::from_texts(files.iter().copied());
    scan(sources).findings(&[environment("process", variables)])
}

/// Returns `value (code value) from`, as one line per engine and environment.
fn setting(engine: &Engine, name: &str) -> String {
    let setting = engine.setting(name).unwrap();
    let shown = |value: &Option<Known>| match value {
        Some(Known::Int(number)) => number.to_string(),
        Some(Known::Float(number)) => number.to_string(),
        Some(Known::Bool(truth)) => truth.to_string(),
        Some(Known::Text(text)) => format!("'{text}'"),
        Some(Known::None) => "None".to_owned(),
        None => "?".to_owned(),
    };
    let from = match &setting.from {
        SettingFrom::Literal => "literal".to_owned(),
        SettingFrom::Constant => "constant".to_owned(),
        SettingFrom::Env(name) => format!("env:{name}"),
        SettingFrom::EnvDefault(name) => format!("env-default:{name}"),
        SettingFrom::LibraryDefault => "default".to_owned(),
        SettingFrom::NotApplicable => "n/a".to_owned(),
        SettingFrom::Unknown(reason) => format!("unknown {reason}"),
    };
    format!(
        "{} ({}) {from}",
        shown(&setting.value),
        shown(&setting.code_value)
    )
}

fn check(text: &str, name: &str, expected: &str) {
    let found = findings(&[("app/db.py", text)], &[]);
    let shown: Vec<String> = found
        .engines
        .iter()
        .map(|engine| setting(engine, name))
        .collect();
    assert_eq!(shown, [expected], "{text}");
}

const IMPORT: &str = "import os\nfrom sqlalchemy import create_engine\n";

#[test]
fn a_setting_is_followed_to_where_it_is_set() {
    for (text, expected) in [
        (
            "e = create_engine('postgresql://h/d', pool_size=20)",
            "20 (20) literal",
        ),
        ("e = create_engine('postgresql://h/d')", "5 (5) default"),
        (
            "N = 20\ne = create_engine('postgresql://h/d', pool_size=N)",
            "20 (20) constant",
        ),
        (
            "e = create_engine(os.environ['U'], pool_size=int(os.getenv('N', '7')))",
            "7 (7) env-default:N",
        ),
        (
            "e = create_engine(os.environ['U'], pool_size=int(os.getenv('N') or 7))",
            "7 (7) env-default:N",
        ),
        (
            "kw = {'pool_size': 9}\nif os.getenv('X'):\n    kw['pool_size'] = 3\ne = create_engine('postgresql://h/d', **kw)",
            "9 (9) constant",
        ),
        (
            "def f():\n    return create_engine(URL, pool_size=4)",
            "4 (4) literal",
        ),
        (
            "def f(n):\n    return create_engine(URL, pool_size=n)",
            "? (?) unknown `n` (app/db.py:3)",
        ),
        (
            "def f(n):\n    return create_engine(URL, pool_size=n)\nf(12)",
            "12 (12) constant",
        ),
        (
            "def f(**kw):\n    return create_engine(URL, **kw)\n",
            "? (?) unknown `**kw` (app/db.py:3)",
        ),
        (
            "from other import N\ne = create_engine(URL, pool_size=N)",
            "? (?) unknown `other.N`",
        ),
    ] {
        check(&format!("{IMPORT}{text}"), "pool_size", expected);
    }
}
