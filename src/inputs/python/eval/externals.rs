//! Calls of libraries: conversions, helpers that read settings, and what makes an engine.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::call::Arguments;
use super::numbers::Truths;
use super::{Evaluated, Evaluator, library};
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Data, Value};

impl<'a> Evaluator<'a> {
    /// Calls a library's name.
    pub(super) fn call_external(
        &mut self,
        name: &Rc<str>,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        if library::is_engine(name) {
            return Ok(self.engine_call(name, &arguments, expr));
        }
        if let Some(rest) = name.strip_prefix("builtins.") {
            return self.call_builtin(rest, &arguments, expr);
        }
        match &**name {
            "pydantic_settings.SettingsConfigDict" | "pydantic.ConfigDict" => {
                return self.call_builtin("dict", &arguments, expr);
            }
            "os.getenv" | "os.environ.get" => return self.getenv(&arguments, expr),
            "os.environ.setdefault"
            | "os.environ.pop"
            | "os.environ.__setitem__"
            | "os.putenv"
            | "os.unsetenv" => {
                let result = self.getenv(&arguments, expr)?;
                let key = arguments.get(0, "key").cloned();
                let stays = &**name == "os.environ.setdefault"
                    && key
                        .as_ref()
                        .and_then(Value::as_str)
                        .is_some_and(|key| self.environment.contains_key(key));
                if !stays {
                    self.write_environ(&key.unwrap_or(Value::constant(Data::None)));
                }
                return Ok(result);
            }
            "os.environ.update" | "os.environ.clear" | "os.environ.popitem" => {
                self.write_environ(&Value::constant(Data::None));
            }
            "os.environ.copy" => return Ok(Value::constant(Data::External("os.environ".into()))),
            "decouple.config" => return self.helper("", &arguments, Truths::Strtobool, expr),
            "dotenv.load_dotenv" | "dotenv.find_dotenv" => return Ok(Value::constant(Data::None)),
            "typing.cast" => {
                return Ok(match arguments.positional.get(1) {
                    Some(value) => value.clone(),
                    None => self.unknown(expr),
                });
            }
            "copy.copy" | "copy.deepcopy" => {
                if let Some(value) = arguments.positional.first().cloned() {
                    return Ok(self.copied(&value, expr));
                }
            }
            "functools.partial" => return Ok(self.partial(arguments, expr)),
            "functools.lru_cache" | "functools.cache" => {
                if let Some(function) = arguments.positional.first() {
                    return Ok(function.clone());
                }
            }
            "sqlalchemy.make_url" => {
                if let Some(url) = arguments.positional.first() {
                    return Ok(url.clone());
                }
            }
            "sqlalchemy.URL.create" | "sqlalchemy.URL" => {
                return Ok(self.url_create(&arguments, "drivername", expr));
            }
            "distutils.util.strtobool" | "setuptools._distutils.util.strtobool" => {
                if let Some(value) = arguments.positional.first().cloned() {
                    let truth = self.cast(&value, "bool", Truths::Strtobool, expr)?;
                    return Ok(match truth.data {
                        Data::Bool(flag) => truth.with(Data::Int(i64::from(flag))),
                        _ => truth,
                    });
                }
            }
            "importlib.import_module" => {
                let dotted = arguments.positional.first().and_then(Value::as_str);
                if let Some(dotted) = dotted.filter(|name| !name.starts_with('.')) {
                    let dotted = dotted.to_owned();
                    return Ok(self.module(&dotted));
                }
            }
            name if library::calls_its_first(name) => {
                return self.call_first(arguments, expr);
            }
            name if name.starts_with("pydantic") && name.ends_with(".build") => {
                return Ok(self.url_create(&arguments, "scheme", expr));
            }
            name if library::is_url_type(name) && arguments.positional.len() == 1 => {
                return Ok(arguments.positional[0].clone());
            }
            "dj_database_url.config" | "dj_database_url.parse" => {
                let config = name.ends_with("config");
                return self.database_url(config, &arguments, expr);
            }
            "environ.Env.read_env" => return Ok(Value::constant(Data::None)),
            _ => {}
        }
        if library::is_made(name) {
            return Ok(self.make(name, arguments, expr));
        }
        if library::is_harmless(name) {
            return Ok(self.unknown(expr));
        }
        let function = Value::constant(Data::External(Rc::clone(name)));
        Ok(self.call_unknown(&function, &arguments, expr))
    }

    /// Makes an object of a library, which remembers its arguments.
    fn make(&mut self, name: &Rc<str>, arguments: Arguments<'a>, expr: &'a Expr) -> Value<'a> {
        let id = self
            .heap
            .make(Kind::Made(Rc::clone(name)), Some(self.place(expr)));
        for (index, value) in (0_i64..).zip(arguments.positional) {
            self.heap.set(id, Key::Int(index), Some(value));
        }
        for (keyword, value) in arguments.keywords {
            self.heap.set(id, Key::Name(keyword), Some(value));
        }
        if matches!(&**name, "flask.Flask" | "quart.Quart") {
            let config = self.heap.make(Kind::Dict, Some(self.place(expr)));
            let value = Value::constant(Data::Object(config));
            self.heap.set(id, Key::from("config"), Some(value));
        }
        Value::constant(Data::Object(id))
    }

    fn call_builtin(
        &mut self,
        name: &str,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let first = arguments.positional.first().cloned();
        match (name, first) {
            _ if arguments.is_open() && name != "dict" => {}
            ("int", Some(value)) if arguments.positional.len() == 1 => {
                return self.to_int(&value, expr);
            }
            ("float", Some(value)) => return self.to_float(&value, expr),
            ("str", Some(value)) if arguments.positional.len() == 1 => {
                return Ok(self.to_str(&value, expr));
            }
            ("bool", Some(value)) => return Ok(self.to_bool(&value, expr)),
            ("dict", first) => {
                let id = self.heap.make(Kind::Dict, Some(self.place(expr)));
                if let Some(value) = first {
                    self.update(id, &value, expr);
                }
                for (keyword, value) in &arguments.keywords {
                    self.heap
                        .set(id, Key::Name(Rc::clone(keyword)), Some(value.clone()));
                }
                if let Some(reason) = &arguments.open {
                    self.heap.forget(id, reason);
                }
                return Ok(Value::literal(Data::Object(id)));
            }
            ("list" | "sorted", Some(value)) => {
                if let (Some(items), "list") = (self.items(&value), name) {
                    let id = self.make_list(items, expr);
                    return Ok(Value::constant(Data::Object(id)).made_of(&value));
                }
            }
            ("tuple", Some(value)) => {
                if let Some(items) = self.items(&value) {
                    return Ok(Value::constant(Data::Tuple(items.into())).made_of(&value));
                }
            }
            ("len", Some(value)) => {
                if let Some(items) = self.items(&value) {
                    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                    return Ok(value.with(Data::Int(length)));
                }
                if let Some(text) = value.as_str() {
                    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                    return Ok(value.with(Data::Int(length)));
                }
            }
            ("abs", Some(value)) => {
                if let Data::Int(number) = value.data {
                    return Ok(value.with(Data::Int(number.abs())));
                }
            }
            ("round", Some(value)) if arguments.positional.len() == 1 => {
                if let Data::Int(_) = value.data {
                    return Ok(value);
                }
            }
            ("max" | "min", Some(_)) => return Ok(self.extreme(name == "max", arguments, expr)),
            ("getattr", Some(owner)) => return self.getattr(&owner, arguments, expr),
            ("hasattr", Some(owner)) => {
                if let (Some(id), Some(text)) = (
                    owner.object(),
                    arguments.positional.get(1).and_then(Value::as_str),
                ) {
                    let own = self.heap.field(id, &Key::from(text)).is_some();
                    if own {
                        return Ok(owner.with(Data::Bool(true)));
                    }
                }
            }
            ("setattr", Some(owner)) => {
                let key = arguments
                    .positional
                    .get(1)
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                let value = arguments.positional.get(2).cloned();
                if let Some(id) = owner.object() {
                    if let (Some(key), Some(value)) = (key, value) {
                        self.write(id, Key::from(key.as_str()), Some(value.named()));
                    } else {
                        let reason = self.reason(expr);
                        self.heap.forget(id, &reason);
                    }
                }
                return Ok(Value::constant(Data::None));
            }
            ("exec" | "eval", _) => self.anything_may_have_changed(expr),
            ("globals" | "locals" | "vars", _) if (self.frames.len() == 1 || name == "globals") => {
                let scope = self
                    .frames
                    .last()
                    .and_then(|frame| frame.scopes.first().copied());
                if let Some(scope) = scope {
                    return Ok(Value::constant(Data::Object(scope)));
                }
            }
            ("super", _) => return Ok(Value::constant(Data::External("builtins.super()".into()))),
            _ => {}
        }
        let function: Rc<str> = format!("builtins.{name}").into();
        if library::is_harmless(&function) {
            let mut result = self.unknown(expr);
            for value in &arguments.positional {
                result = result.made_of(value);
            }
            return Ok(result);
        }
        Ok(self.call_unknown(&Value::constant(Data::External(function)), arguments, expr))
    }

    /// After `exec` no name of the module is known.
    fn anything_may_have_changed(&mut self, expr: &'a Expr) {
        let reason = self.reason(expr);
        let scopes = self.frames.last().map(|frame| Rc::clone(&frame.scopes));
        for &scope in scopes.iter().flat_map(|scopes| scopes.iter()) {
            self.forget_values(scope, &reason);
        }
    }

    /// Makes every plain value of a scope unknown; what was imported or defined stays.
    pub(super) fn forget_values(&mut self, scope: usize, reason: &Rc<str>) {
        let keys: Vec<Key> = self
            .heap
            .object(scope)
            .fields
            .iter()
            .filter(|(_, value)| {
                !matches!(
                    value.data,
                    Data::External(_) | Data::Function(_) | Data::Later(_)
                ) && !value.object().is_some_and(|id| {
                    matches!(self.heap.object(id).kind, Kind::Class(_) | Kind::Module(_))
                })
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            let value = Value::constant(Data::Unknown(Rc::clone(reason)));
            self.heap.set(scope, key, Some(value));
        }
    }

    fn extreme(&mut self, max: bool, arguments: &Arguments<'a>, expr: &'a Expr) -> Value<'a> {
        let items = match arguments.positional.as_slice() {
            [one] => self.items(one),
            many => Some(many.to_vec()),
        };
        let Some(items) = items.filter(|items| !items.is_empty() && arguments.keywords.is_empty())
        else {
            return self.unknown(expr);
        };
        let mut best = items[0].clone();
        for item in &items[1..] {
            let (Data::Int(a), Data::Int(b)) = (&best.data, &item.data) else {
                return items.iter().fold(self.unknown(expr), Value::made_of);
            };
            let data = Data::Int(if max { *a.max(b) } else { *a.min(b) });
            best = best.with(data).made_of(item);
        }
        if !matches!(best.data, Data::Int(_) | Data::Float(_)) {
            return self.unknown(expr).made_of(&best);
        }
        best
    }

    fn getattr(
        &mut self,
        owner: &Value<'a>,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let Some(name) = arguments
            .positional
            .get(1)
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            return Ok(self.unknown(expr));
        };
        let value = self.attribute(owner, &name, expr)?;
        let absent = value.is_unknown()
            && owner
                .object()
                .is_some_and(|id| match &self.heap.object(id).kind {
                    Kind::Instance(class) => {
                        self.heap.object(id).open.is_none()
                            && self.class_info(*class).is_some_and(|info| {
                                info.external.iter().all(|base| base.contains("pydantic"))
                                    && !info.unknown_base
                                    && !info.mro.iter().any(|&class| {
                                        self.heap.field(class, &Key::from(name.as_str())).is_some()
                                    })
                            })
                            && self.heap.field(id, &Key::from(name.as_str())).is_none()
                    }
                    Kind::Module(_) => {
                        self.heap.object(id).open.is_none()
                            && self.heap.field(id, &Key::from(name.as_str())).is_none()
                    }
                    _ => false,
                });
        match arguments.positional.get(2) {
            Some(default) if absent => Ok(default.clone()),
            _ => Ok(value),
        }
    }

    fn partial(&mut self, arguments: Arguments<'a>, expr: &'a Expr) -> Value<'a> {
        let mut positional = arguments.positional.into_iter();
        match (positional.next(), arguments.open) {
            (Some(function), None) => {
                let rest: Vec<Value<'a>> = positional.collect();
                Value::constant(Data::Partial(Rc::new((function, rest, arguments.keywords))))
            }
            _ => self.unknown(expr),
        }
    }

    /// Copies a dict or list.
    pub(super) fn copied(&mut self, value: &Value<'a>, expr: &'a Expr) -> Value<'a> {
        let Some(id) = value.object() else {
            return value.clone();
        };
        let object = self.heap.object(id).clone();
        if !matches!(object.kind, Kind::Dict | Kind::List | Kind::Instance(_)) {
            return value.clone();
        }
        let copy = self.heap.make(object.kind, Some(self.place(expr)));
        for (key, field) in object.fields {
            let field = self.tainted(id, &key, field, expr);
            let field = if field.object().is_some() {
                self.copied(&field, expr)
            } else {
                field
            };
            self.heap.set(copy, key, Some(field));
        }
        self.heap.open(copy, object.open);
        value.with(Data::Object(copy))
    }

    /// Calls the first argument with the others: `to_thread(create_engine, url)`.
    pub(super) fn call_first(
        &mut self,
        mut arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        if arguments.positional.is_empty() {
            return Ok(self.unknown(expr));
        }
        let function = arguments.positional.remove(0);
        self.apply(&function, arguments, expr)
    }

    /// A helper that reads settings: `config("X", default=5, cast=int)`, `env.int("X", 5)`.
    pub(super) fn helper(
        &mut self,
        method: &str,
        arguments: &Arguments<'a>,
        truths: Truths,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let key = arguments
            .positional
            .first()
            .or_else(|| arguments.keyword("var"))
            .or_else(|| arguments.keyword("option"));
        let Some(name) = key.and_then(Value::as_str).map(Rc::<str>::from) else {
            return Ok(self.unknown(expr));
        };
        let (default_at, cast_at) = match truths {
            Truths::Strtobool => (1, 2),
            Truths::Starlette => (2, 1),
            Truths::Environs => (1, 9),
            _ if method.is_empty() => (2, 1),
            _ => (1, 9),
        };
        let default = arguments.get(default_at, "default").cloned();
        let cast = match arguments.get(cast_at, "cast") {
            Some(cast) => match &cast.data {
                Data::External(name) => name.strip_prefix("builtins.").map(Rc::<str>::from),
                Data::None => Some("str".into()),
                _ => None,
            },
            None => Some(if method.is_empty() { "str" } else { method }.into()),
        };
        let no_cast = arguments.get(cast_at, "cast").is_none() && method.is_empty();
        let Some(cast) = cast.filter(|_| !arguments.is_open()) else {
            return Ok(self.unknown(expr));
        };
        if let Some(value) = self.variable(&name, expr) {
            return if no_cast {
                Ok(value)
            } else {
                self.cast(&value, &cast, truths, expr)
            };
        }
        let Some(default) = default else {
            let value = self.fail("KeyError", expr)?;
            return Ok(self.from_default(&name, value, expr));
        };
        let default = if no_cast || matches!(default.data, Data::None) {
            default
        } else {
            self.cast(&default, &cast, truths, expr)?
        };
        Ok(self.from_default(&name, default, expr))
    }

    /// Calls an object of a library.
    pub(super) fn call_made(
        &mut self,
        id: usize,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let Kind::Made(name) = self.heap.object(id).kind.clone() else {
            return Ok(self.unknown(expr));
        };
        match &*name {
            "decouple.Config" | "decouple.AutoConfig" => {
                self.helper("", &arguments, Truths::Strtobool, expr)
            }
            "starlette.config.Config" => self.helper("", &arguments, Truths::Starlette, expr),
            "environs.Env" | "environs.FileAwareEnv" => {
                self.helper("str", &arguments, Truths::Environs, expr)
            }
            "environ.Env" | "environ.FileAwareEnv" => {
                let variable = arguments
                    .positional
                    .first()
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                let scheme = variable
                    .and_then(|name| self.heap.field(id, &Key::from(name.as_str())).cloned());
                if scheme.is_some() {
                    return Ok(self.unknown(expr));
                }
                self.helper("", &arguments, Truths::DjangoEnviron, expr)
            }
            _ => {
                let function = Value::constant(Data::Object(id));
                Ok(self.call_unknown(&function, &arguments, expr))
            }
        }
    }

    /// `env["X"]` of a helper.
    pub(super) fn helper_item(
        &mut self,
        owner: &Value<'a>,
        key: &Value<'a>,
        expr: &'a Expr,
    ) -> Option<Evaluated<'a>> {
        let id = owner.object()?;
        let Kind::Made(name) = &self.heap.object(id).kind else {
            return None;
        };
        if !matches!(&**name, "environ.Env" | "environ.FileAwareEnv") {
            return None;
        }
        Some(self.environ_item(key, expr))
    }
}
