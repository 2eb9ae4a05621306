//! `gunicorn.conf.py`: the number of workers, where it is written so that it can be known.

use ruff_python_ast::{Expr, Number, Operator, Stmt};
use ruff_python_parser::parse_module;

use super::Count;
use super::shell::Lookup;
use crate::facts::Value;

/// What a configuration file says that bears on the processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// `workers`
    pub(super) workers: Option<Count>,
    /// `wsgi_app`
    pub(super) wsgi_app: Option<String>,
    /// `chdir`
    pub(super) chdir: Option<String>,
}

/// The most bytes of a configuration file that are read.
const MAX_BYTES: usize = 64 * 1024;

/// How many levels an expression, or the blocks around it, may have: the parser recurses.
const MAX_LEVELS: usize = 200;

/// Reads a configuration file; the last assignment at its top level counts.
pub(super) fn read(text: &str, lookup: Lookup<'_>) -> Config {
    let mut config = Config::default();
    let parsed = (text.len() <= MAX_BYTES && is_shallow(text)).then(|| parse_module(text));
    let Some(Ok(module)) = parsed else {
        config.workers = Some(Count::Unknown(
            "set in a file that cannot be read".to_owned(),
        ));
        return config;
    };
    for statement in &module.syntax().body {
        let (name, value) = match statement {
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(name)] => (name.id.as_str(), Some(&*assign.value)),
                _ => continue,
            },
            Stmt::AnnAssign(assign) => match &*assign.target {
                Expr::Name(name) => (name.id.as_str(), assign.value.as_deref()),
                _ => continue,
            },
            // A branch or a loop may set anything.
            Stmt::If(_) | Stmt::Try(_) | Stmt::For(_) | Stmt::With(_) | Stmt::While(_)
                if mentions_workers(statement, text) =>
            {
                config.workers = Some(Count::Unknown(
                    "set in a branch of its configuration".to_owned(),
                ));
                continue;
            }
            _ => continue,
        };
        let Some(value) = value else { continue };
        match name {
            "workers" => config.workers = Some(count(value, lookup)),
            "wsgi_app" => config.wsgi_app = text_of(value),
            "chdir" => config.chdir = text_of(value),
            _ => {}
        }
    }
    config
}

/// Returns whether no statement can nest deeper than the parser's stack bears.
///
/// Counts everything that may make a level of the tree, in strings too (an f-string holds
/// expressions), up to the comma or bracket that ends it.
fn is_shallow(text: &str) -> bool {
    let mut chains = vec![0_usize];
    let mut levels = 0;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if indent > MAX_LEVELS / 2 {
            return false;
        }
        if line.trim_start().starts_with('#') && line.len() <= MAX_LEVELS {
            continue;
        }
        let mut before = b' ';
        for byte in line.bytes() {
            let last = chains.len() - 1;
            match byte {
                b'(' | b'[' | b'{' => {
                    levels += 1;
                    chains.push(1);
                }
                b')' | b']' | b'}' if last > 0 => levels -= chains.pop().unwrap_or_default(),
                b',' => levels -= std::mem::take(&mut chains[last]),
                b' ' | b'\t' if !before.is_ascii_alphanumeric() => {}
                _ if byte.is_ascii_alphanumeric() || byte == b'_' => {}
                _ => {
                    chains[last] += 1;
                    levels += 1;
                }
            }
            if levels > MAX_LEVELS {
                return false;
            }
            before = byte;
        }
        if chains.len() == 1 {
            levels = 0;
            chains[0] = 0;
        }
    }
    true
}

fn mentions_workers(statement: &Stmt, text: &str) -> bool {
    use ruff_text_size::Ranged;
    let range = statement.range();
    text.get(range.start().to_usize()..range.end().to_usize())
        .is_some_and(|stretch| stretch.contains("workers"))
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        _ => None,
    }
}

fn count(value: &Expr, lookup: Lookup<'_>) -> Count {
    match number(value, lookup, 0) {
        Ok(number) => match u32::try_from(number) {
            Ok(count) => Count::Known(count),
            Err(_) => Count::Unknown("set to what is no count in its configuration".to_owned()),
        },
        Err(why) => Count::Unknown(why),
    }
}

/// Evaluates whole numbers, `+` and `*`, `int(…)`, and variables with their defaults.
fn number(value: &Expr, lookup: Lookup<'_>, depth: usize) -> Result<i64, String> {
    let beyond = || "computed in its configuration".to_owned();
    if depth > 16 {
        return Err(beyond());
    }
    match value {
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int.as_i64().ok_or_else(beyond),
            _ => Err(beyond()),
        },
        Expr::StringLiteral(text) => text.value.to_str().trim().parse().map_err(|_| beyond()),
        Expr::BinOp(operation) => {
            let left = number(&operation.left, lookup, depth + 1)?;
            let right = number(&operation.right, lookup, depth + 1)?;
            match operation.op {
                Operator::Add => left.checked_add(right),
                Operator::Mult => left.checked_mul(right),
                Operator::Sub => left.checked_sub(right),
                _ => None,
            }
            .ok_or_else(beyond)
        }
        Expr::Call(call) => {
            let arguments = &call.arguments.args;
            match (dotted(&call.func).as_deref(), &**arguments) {
                (Some("int"), [inner]) => number(inner, lookup, depth + 1),
                (
                    Some("os.getenv" | "os.environ.get" | "getenv" | "environ.get"),
                    [name, rest @ ..],
                ) => variable(name, rest.first(), lookup, depth),
                (Some(name), _) if name.ends_with("cpu_count") => {
                    Err("computed from the number of CPUs in its configuration".to_owned())
                }
                _ => Err(beyond()),
            }
        }
        Expr::Subscript(subscript)
            if matches!(
                dotted(&subscript.value).as_deref(),
                Some("os.environ" | "environ")
            ) =>
        {
            variable(&subscript.slice, None, lookup, depth)
        }
        _ => Err(beyond()),
    }
}

fn variable(
    name: &Expr,
    default: Option<&Expr>,
    lookup: Lookup<'_>,
    depth: usize,
) -> Result<i64, String> {
    let Expr::StringLiteral(name) = name else {
        return Err("computed in its configuration".to_owned());
    };
    let name = name.value.to_str();
    match (lookup(name), default) {
        (Some(Value::Known(text)), _) => {
            let text = text.expose().trim();
            text.parse()
                .map_err(|_| format!("taken from {name}, which is no number"))
        }
        (Some(Value::Unknown(reason)), _) => Err(reason),
        (None, Some(default)) => number(default, lookup, depth + 1),
        (None, None) => Err(format!("taken from {name}, which is not set here")),
    }
}

/// Returns `a.b.c` for names and attributes, up to a few parts.
fn dotted(value: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    let mut value = value;
    while parts.len() < 8 {
        match value {
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.as_str());
                value = &attribute.value;
            }
            Expr::Name(name) => {
                parts.push(name.id.as_str());
                parts.reverse();
                return Some(parts.join("."));
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Count, read};
    use crate::facts::Value;

    fn lookup(name: &str) -> Option<Value> {
        match name {
            "WEB_CONCURRENCY" => Some(Value::Known("3".into())),
            "HIDDEN" => Some(Value::Unknown("hidden".to_owned())),
            _ => None,
        }
    }

    #[test]
    fn workers_are_known_where_they_can_be() {
        for (text, wanted) in [
            ("workers = 4\n", Ok(4)),
            ("workers: int = 2 * 2 + 1\n", Ok(5)),
            (
                "import os\nworkers = int(os.environ.get('WEB_CONCURRENCY', '2'))\n",
                Ok(3),
            ),
            ("workers = int(os.getenv('X', 2))\n", Ok(2)),
            ("workers = int(os.environ['HIDDEN'])\n", Err("hidden")),
            (
                "workers = int(os.environ['X'])\n",
                Err("taken from X, which is not set here"),
            ),
            (
                "workers = multiprocessing.cpu_count() * 2 + 1\n",
                Err("computed from the number of CPUs in its configuration"),
            ),
            ("workers = f()\n", Err("computed in its configuration")),
            ("workers = -1\n", Err("computed in its configuration")),
            (
                "if x:\n    workers = 2\n",
                Err("set in a branch of its configuration"),
            ),
            ("workers = (\n", Err("set in a file that cannot be read")),
        ] {
            let wanted = match wanted {
                Ok(count) => Count::Known(count),
                Err(why) => Count::Unknown(why.to_owned()),
            };
            assert_eq!(read(text, &lookup).workers, Some(wanted), "{text}");
        }
        let config = read("wsgi_app = 'app.main:app'\nchdir = 'server'\n", &lookup);
        assert_eq!(config.workers, None);
        assert_eq!(config.wsgi_app.as_deref(), Some("app.main:app"));
        assert_eq!(config.chdir.as_deref(), Some("server"));
    }

    #[test]
    fn deep_nesting_ends() {
        for deep in [
            "(",
            "-",
            "not ",
            "[",
            "f(",
            "lambda: ",
            "a.",
            "1+",
            "(\n-",
            "f'{(",
            "x if y else ",
        ] {
            let text = format!(
                "workers = {}",
                deep.repeat(super::MAX_BYTES / deep.len() - 10)
            );
            let workers = read(&text, &lookup).workers;
            assert!(matches!(workers, Some(Count::Unknown(_))), "{deep}");
        }
        let blocks: Vec<String> = (0..300)
            .map(|n| format!("{}if x:\n", " ".repeat(n)))
            .collect();
        assert!(read(&blocks.concat(), &lookup).workers.is_some());
        let long = format!("workers = 2 {}\n", "+ 1 ".repeat(60));
        assert_eq!(
            read(&long, &lookup).workers,
            Some(Count::Unknown("computed in its configuration".to_owned()))
        );
        let wide = format!("x = [{}]\nworkers = 2\n", "{'a': (1, 2)},\n".repeat(1_000));
        assert_eq!(read(&wide, &lookup).workers, Some(Count::Known(2)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(workers|=|int|\\(|\\)|os.getenv|'X'|,|2|\\*|\\+|\n| ){0,30}") {
            read(&text, &lookup);
        }
    }
}
