//! Methods of texts, dicts, lists and of the objects that libraries make.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::call::Arguments;
use super::numbers::Truths;
use super::{Evaluated, Evaluator};
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Data, Id, Value};

impl<'a> Evaluator<'a> {
    /// Calls a method of a built-in value.
    pub(super) fn call_method(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        match &owner.data {
            Data::Str(_) | Data::Prefix(..) | Data::Unknown(_) => {
                Ok(self.text_method(owner, name, &arguments, expr))
            }
            Data::Object(id) => match self.heap.object(*id).kind.clone() {
                Kind::Dict => self.dict_method(*id, owner, name, &arguments, expr),
                Kind::List => Ok(self.list_method(*id, name, &arguments, expr)),
                Kind::Made(made) => self.made_method(*id, &made, name, arguments, expr),
                _ => Ok(self.call_unknown(owner, &arguments, expr)),
            },
            _ => Ok(self.call_unknown(owner, &arguments, expr)),
        }
    }

    fn text_method(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        let first = arguments.positional.first().and_then(Value::as_str);
        let second = arguments.positional.get(1).and_then(Value::as_str);
        let mut result = owner.clone();
        for value in &arguments.positional {
            if !matches!(value.how, crate::inputs::python::value::How::Literal) {
                result = result.made_of(value);
            }
        }
        let text = match &owner.data {
            Data::Str(text) => text,
            Data::Prefix(known, why) => {
                let data = prefix_method(known, why, name, first, second);
                if name == "replace" {
                    note_replacement(&mut result, first, second);
                }
                return match data {
                    Some(data) => result.with(data),
                    None => self.unknown(expr).made_of(&result),
                };
            }
            _ => {
                let mut unknown = self.unknown(expr).made_of(&result);
                if name == "replace" {
                    note_replacement(&mut unknown, first, second);
                }
                if name == "set" {
                    let driver = arguments.keyword("drivername").and_then(Value::as_str);
                    note_replacement(&mut unknown, Some(""), driver);
                }
                return unknown;
            }
        };
        let data = match (name, first, second, arguments.positional.len()) {
            ("replace", Some(from), Some(to), _) => {
                note_replacement(&mut result, Some(from), Some(to));
                match arguments.get(2, "count").map(|value| &value.data) {
                    None => Some(Data::Str(text.replace(from, to).into())),
                    Some(Data::Int(count)) => usize::try_from(*count)
                        .ok()
                        .map(|count| Data::Str(text.replacen(from, to, count).into())),
                    Some(_) => None,
                }
            }
            ("strip", None, None, 0) => Some(Data::Str(text.trim().into())),
            ("lstrip", None, None, 0) => Some(Data::Str(text.trim_start().into())),
            ("rstrip", None, None, 0) => Some(Data::Str(text.trim_end().into())),
            ("strip", Some(set), None, 1) => {
                Some(Data::Str(text.trim_matches(|c| set.contains(c)).into()))
            }
            ("rstrip", Some(set), None, 1) => {
                Some(Data::Str(text.trim_end_matches(|c| set.contains(c)).into()))
            }
            ("lstrip", Some(set), None, 1) => Some(Data::Str(
                text.trim_start_matches(|c| set.contains(c)).into(),
            )),
            ("lower" | "casefold", ..) => Some(Data::Str(text.to_lowercase().into())),
            ("upper", ..) => Some(Data::Str(text.to_uppercase().into())),
            ("startswith", Some(start), ..) => Some(Data::Bool(text.starts_with(start))),
            ("endswith", Some(end), ..) => Some(Data::Bool(text.ends_with(end))),
            ("startswith", None, None, 1) => self
                .items(&arguments.positional[0])
                .and_then(|items| {
                    items
                        .iter()
                        .map(|item| item.as_str().map(|start| text.starts_with(start)))
                        .collect::<Option<Vec<bool>>>()
                })
                .map(|found| Data::Bool(found.contains(&true))),
            ("removeprefix", Some(start), ..) => {
                Some(Data::Str(text.strip_prefix(start).unwrap_or(text).into()))
            }
            ("removesuffix", Some(end), ..) => {
                Some(Data::Str(text.strip_suffix(end).unwrap_or(text).into()))
            }
            ("isdigit", ..) if text.is_ascii() => Some(Data::Bool(
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
            )),
            ("get_secret_value" | "unicode_string", ..) => Some(owner.data.clone()),
            ("split", Some(separator), None, 1) if !separator.is_empty() => {
                let items = text
                    .split(separator)
                    .map(|part| owner.with(Data::Str(part.into())))
                    .collect();
                let id = self.make_list(items, expr);
                Some(Data::Object(id))
            }
            ("set", ..) => {
                // A URL object's `set(drivername=…)`.
                arguments
                    .keyword("drivername")
                    .and_then(Value::as_str)
                    .and_then(|driver| {
                        let (_, rest) = text.split_once("://")?;
                        Some(Data::Str(format!("{driver}://{rest}").into()))
                    })
            }
            ("render_as_string", ..) => Some(owner.data.clone()),
            _ => None,
        };
        match data {
            Some(data) => result.with(data),
            None => self.unknown(expr).made_of(&result),
        }
    }

    fn dict_method(
        &mut self,
        id: Id,
        owner: &Value<'a>,
        name: &str,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        if let Some(name) = arguments.positional.first().and_then(Value::as_str) {
            let name: Rc<str> = name.into();
            self.watch(&name);
        }
        let none = Value::constant(Data::None);
        let key = arguments.positional.first().map(|value| Key::of(value));
        match (name, key) {
            ("get" | "pop" | "setdefault", Some(Some(key))) => {
                let default = arguments.get(1, "default").cloned();
                let open = self.heap.object(id).open.clone();
                let found = self.heap.field(id, &key).cloned();
                let result = match (found, open) {
                    (Some(value), _) => self.tainted(id, &key, value, expr).named(),
                    (None, None) if name == "pop" && default.is_none() => {
                        return self.fail("KeyError", expr);
                    }
                    (None, None) => default.unwrap_or(none),
                    (None, Some(_)) => self.unknown(expr),
                };
                match name {
                    "pop" => self.write(id, key, None),
                    "setdefault" => self.write(id, key, Some(result.clone())),
                    _ => {}
                }
                let key_reads = arguments
                    .positional
                    .first()
                    .and_then(|key| key.reads.clone());
                Ok(result.decided_by(&owner.reads).decided_by(&key_reads))
            }
            ("update", _) => {
                if let Some(value) = arguments.positional.first().cloned() {
                    self.update(id, &value, expr);
                }
                for (keyword, value) in arguments.keywords.clone() {
                    let value = value.named().decided_by(&self.state.decisions);
                    self.write(id, Key::Name(keyword), Some(value));
                }
                if let Some(reason) = &arguments.open {
                    self.heap.forget(id, reason);
                }
                Ok(none)
            }
            ("copy", _) => {
                let copy = self.heap.make(Kind::Dict, Some(self.place(expr)));
                self.update(copy, owner, expr);
                Ok(owner.with(Data::Object(copy)))
            }
            ("items", _) => {
                let object = self.heap.object(id);
                let plain = object.open.is_none() && !object.fields.values().any(Value::is_unknown);
                let items: Option<Vec<Value<'a>>> = object
                    .fields
                    .iter()
                    .map(|(key, value)| match key {
                        Key::Name(name) => {
                            let key = Value::constant(Data::Str(Rc::clone(name)));
                            Some(Value::constant(Data::Tuple([key, value.clone()].into())))
                        }
                        _ => None,
                    })
                    .collect();
                match items.filter(|_| plain) {
                    Some(items) => {
                        let list = self.make_list(items, expr);
                        Ok(owner.with(Data::Object(list)))
                    }
                    None => Ok(self.unknown(expr)),
                }
            }
            ("keys", _) => match self.items(owner) {
                Some(items) => {
                    let list = self.make_list(items, expr);
                    Ok(owner.with(Data::Object(list)))
                }
                None => Ok(self.unknown(expr)),
            },
            ("clear", _) => {
                let keys: Vec<Key> = self.heap.object(id).fields.keys().cloned().collect();
                for key in keys {
                    self.write(id, key, None);
                }
                self.heap.open(id, None);
                Ok(none)
            }
            (
                "from_object" | "from_mapping" | "from_pyfile" | "from_envvar"
                | "from_prefixed_env" | "from_file",
                _,
            ) => self.load_config(id, name, arguments, expr),
            ("values", _) => Ok(self.unknown(expr)),
            _ => {
                let reason = self.reason(expr);
                self.heap.forget(id, &reason);
                Ok(self.call_unknown(owner, arguments, expr))
            }
        }
    }

    fn list_method(
        &mut self,
        id: Id,
        name: &str,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        if name == "append"
            && let ([value], None) = (arguments.positional.as_slice(), &self.heap.object(id).open)
        {
            let next = i64::try_from(self.heap.object(id).fields.len()).unwrap_or(i64::MAX);
            self.heap.set(id, Key::Int(next), Some(value.clone()));
            return Value::constant(Data::None);
        }
        if !matches!(name, "index" | "count" | "copy") {
            let reason = self.reason(expr);
            self.heap.forget(id, &reason);
        }
        self.unknown(expr)
    }

    fn made_method(
        &mut self,
        id: Id,
        made: &str,
        name: &str,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let truths = match made {
            "environs.Env" | "environs.FileAwareEnv" => Truths::Environs,
            "environ.Env" | "environ.FileAwareEnv" => Truths::DjangoEnviron,
            "flask_sqlalchemy.SQLAlchemy" => {
                if name == "init_app" {
                    self.init_app(id, &arguments, expr);
                }
                return Ok(self.unknown(expr));
            }
            made if made.starts_with("ssl.") => return Ok(Value::constant(Data::None)),
            _ => return Ok(self.unknown(expr)),
        };
        match name {
            "int" | "float" | "bool" | "str" => self.helper(name, &arguments, truths, expr),
            "get_value" => self.helper("", &arguments, truths, expr),
            "db" | "db_url" if made.starts_with("environ.") => self.environ_db(&arguments, expr),
            "dj_db_url" => {
                let url = self.helper("str", &arguments, truths, expr)?;
                let mut rest = arguments;
                rest.positional = vec![url];
                self.database_url(false, &rest, expr)
            }
            "read_env" | "seal" => Ok(Value::constant(Data::None)),
            _ => {
                let variable = arguments
                    .positional
                    .first()
                    .and_then(Value::as_str)
                    .map(Rc::<str>::from);
                let mut value = self.unknown(expr);
                if let Some(variable) = variable {
                    value = self.from_default(&variable, value, expr);
                }
                Ok(value)
            }
        }
    }
}

/// Notes that a text is put in the place of another in a connection string.
fn note_replacement(value: &mut Value<'_>, from: Option<&str>, to: Option<&str>) {
    if let (Some(from), Some(to)) = (from, to)
        && from.len() <= 64
        && to.len() <= 64
        && !to.contains('@')
    {
        let mut all = value.replaced.as_deref().cloned().unwrap_or_default();
        all.push((from.to_owned(), to.to_owned()));
        value.replaced = Some(Rc::new(all));
    }
}

/// What a method makes of a text of which only the beginning is known.
fn prefix_method<'a>(
    known: &Rc<str>,
    why: &Rc<str>,
    name: &str,
    first: Option<&str>,
    second: Option<&str>,
) -> Option<Data<'a>> {
    match (name, first, second) {
        ("startswith", Some(start), _) => {
            if known.starts_with(start) {
                Some(Data::Bool(true))
            } else if start.starts_with(&**known) {
                None
            } else {
                Some(Data::Bool(false))
            }
        }
        ("replace", Some(from), Some(to)) => match known.find(from) {
            Some(_) => Some(Data::Prefix(
                known.replacen(from, to, 1).into(),
                Rc::clone(why),
            )),
            // A scheme that was not in the beginning is not in the rest.
            None if from.contains("://") && known.contains("://") => {
                Some(Data::Prefix(Rc::clone(known), Rc::clone(why)))
            }
            None => None,
        },
        (
            "strip" | "rstrip" | "get_secret_value" | "unicode_string" | "render_as_string",
            None,
            _,
        ) => Some(Data::Prefix(Rc::clone(known), Rc::clone(why))),
        _ => None,
    }
}
