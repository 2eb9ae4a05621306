//! Calls that make engines and that no evaluation reached: code that nothing calls, or that lies
//! beyond what is followed. They are found by the imports of their file, and only what is written
//! in the call itself is known of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Number, Stmt};
use ruff_text_size::Ranged;

use super::eval::library;
use super::modules::Modules;
use super::record::{Address, Argument, Record};
use super::value::{How, Place};
use crate::facts::{ArgumentValue, Known};
use crate::value::Secret;

const REASON: &str = "an expression that was not followed";

/// Returns the calls of a file that make engines, but for those at known places.
pub(super) fn overlooked(modules: &Modules, file: usize, known: &BTreeSet<Place>) -> Vec<Record> {
    let Some(body) = modules.body(file) else {
        return Vec::new();
    };
    let mut search = Search {
        modules,
        file,
        known,
        names: BTreeMap::new(),
        calls: Vec::new(),
    };
    for statement in body {
        search.visit_stmt(statement);
    }
    let Search { names, calls, .. } = search;
    calls
        .into_iter()
        .filter_map(|call| {
            let name = engine_of(call, &names)?;
            let place = Place {
                file,
                offset: call.start().into(),
            };
            Some(record_of(call, &name, place, modules))
        })
        .collect()
}

struct Search<'m> {
    modules: &'m Modules,
    file: usize,
    known: &'m BTreeSet<Place>,
    /// What the file imports that leads to an engine: each name with what it may be.
    names: BTreeMap<&'m str, Vec<String>>,
    calls: Vec<&'m ExprCall>,
}

impl<'m> Search<'m> {
    fn bind(&mut self, name: &'m str, dotted: String) {
        if library::leads_to_engine(&dotted) && self.modules.resolve(self.file, &dotted).is_none() {
            self.names.entry(name).or_default().push(dotted);
        }
    }
}

impl<'m> Visitor<'m> for Search<'m> {
    fn visit_stmt(&mut self, statement: &'m Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let dotted = alias.name.id.as_str();
                    if let Some(name) = &alias.asname {
                        self.bind(name.id.as_str(), dotted.to_owned());
                    } else {
                        let top = dotted.split('.').next().unwrap_or(dotted);
                        self.bind(top, top.to_owned());
                    }
                }
            }
            Stmt::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_ref().map_or("", |name| name.id.as_str());
                if self.modules.resolve(self.file, module).is_none() {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        self.bind(name.id.as_str(), format!("{module}.{}", alias.name.id));
                    }
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'m Expr) {
        if let Expr::Call(call) = expr {
            let place = Place {
                file: self.file,
                offset: call.start().into(),
            };
            if !self.known.contains(&place) {
                self.calls.push(call);
            }
        }
        walk_expr(self, expr);
    }
}

/// Returns the name of the library's function that a call may call.
fn engine_of(call: &ExprCall, names: &BTreeMap<&str, Vec<String>>) -> Option<String> {
    let candidates = dotted(&call.func, names);
    let engines: Vec<&str> = candidates
        .iter()
        .map(|name| library::canonical(name))
        .filter(|name| library::is_engine(name))
        .collect();
    let psycopg2 = call.arguments.keywords.iter().any(|keyword| {
        keyword
            .arg
            .as_ref()
            .is_some_and(|name| matches!(name.id.as_str(), "minconn" | "maxconn"))
    });
    engines
        .iter()
        .find(|name| name.starts_with("psycopg2.pool.") == psycopg2)
        .or(engines.first())
        .map(|name| (*name).to_owned())
}

/// Returns what an expression may be by the imports: `sqlalchemy.create_engine`.
fn dotted(expr: &Expr, names: &BTreeMap<&str, Vec<String>>) -> Vec<String> {
    match expr {
        Expr::Name(name) => names.get(name.id.as_str()).cloned().unwrap_or_default(),
        Expr::Attribute(attribute) => dotted(&attribute.value, names)
            .into_iter()
            .map(|owner| format!("{owner}.{}", attribute.attr))
            .collect(),
        _ => Vec::new(),
    }
}

fn record_of(call: &ExprCall, name: &str, place: Place, modules: &Modules) -> Record {
    let mut record = Record::blank(Rc::from(name), place, modules.role(place.file));
    record.by_itself = true;
    let config = name.ends_with("engine_from_config");
    let flask = name == "flask_sqlalchemy.SQLAlchemy";
    let unknown = || {
        format!(
            "`…` ({}:{})",
            modules.path(place.file),
            modules.line(place.file, place.offset)
        )
    };
    let first = call.arguments.args.first();
    if config || flask || call.arguments.args.iter().any(Expr::is_starred_expr) {
        record.open.push((String::new(), unknown()));
    }
    if let Some(url) = first {
        record.address = match literal(url) {
            Some(ArgumentValue::Text(text)) if !config => Address::Known(text),
            _ => Address::Unknown(unknown()),
        };
    }
    for keyword in &call.arguments.keywords {
        let Some(name) = &keyword.arg else {
            record.open.push((String::new(), unknown()));
            continue;
        };
        let value = literal(&keyword.value);
        if matches!(name.id.as_str(), "url" | "dsn" | "conninfo") {
            record.address = match value {
                Some(ArgumentValue::Text(text)) => Address::Known(text),
                _ => Address::Unknown(unknown()),
            };
            continue;
        }
        if value.is_none() {
            record.open.push((name.id.to_string(), unknown()));
        }
        record.arguments.push(Argument {
            name: name.id.to_string(),
            value: value.unwrap_or_else(|| ArgumentValue::Unknown(REASON.to_owned())),
            how: How::Literal,
            place: Some(Place {
                file: place.file,
                offset: keyword.start().into(),
            }),
        });
    }
    record
}

/// Returns what is written out.
fn literal(expr: &Expr) -> Option<ArgumentValue> {
    Some(match expr {
        Expr::NoneLiteral(_) => ArgumentValue::Plain(Known::None),
        Expr::BooleanLiteral(truth) => ArgumentValue::Plain(Known::Bool(truth.value)),
        Expr::StringLiteral(text) => ArgumentValue::Text(Secret::new(text.value.to_str())),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(number) => ArgumentValue::Plain(Known::Int(number.as_i64()?)),
            Number::Float(number) => ArgumentValue::Plain(Known::Float(*number)),
            Number::Complex { .. } => return None,
        },
        _ => return None,
    })
}
