//! The calls that make engines: what each is given.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::Expr;

use super::Evaluator;
use super::call::Arguments;
use crate::facts::{ArgumentValue, Known};
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::record::{Address, Argument, Record};
use crate::inputs::python::value::{Code, Data, How, Reads, Value};
use crate::value::Secret;

impl<'a> Evaluator<'a> {
    /// Records a call that makes an engine, and returns the engine.
    pub(super) fn engine_call(
        &mut self,
        name: &Rc<str>,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        let place = self.place(expr);
        let id = self.heap.make(Kind::Made(Rc::clone(name)), Some(place));
        let (position, keyword) = match &**name {
            "asyncpg.create_pool" | "asyncpg.connect" | "psycopg2.connect" => (0, "dsn"),
            name if name.starts_with("psycopg2.pool.") => (2, "dsn"),
            name if name.starts_with("psycopg") => (0, "conninfo"),
            _ => (0, "url"),
        };
        let config = name.ends_with("engine_from_config");
        let flask = &**name == "flask_sqlalchemy.SQLAlchemy";
        let url = if config || flask {
            None
        } else {
            arguments.get(position, keyword).cloned()
        };
        let mut record = self.blank_record(name, place);
        self.set_address(
            &mut record,
            url.as_ref(),
            arguments.open_positional.as_ref(),
        );
        if config {
            self.from_config(&mut record, arguments);
        }
        if name.starts_with("psycopg2.pool.") {
            for (index, bound) in ["minconn", "maxconn"].iter().enumerate() {
                if let Some(value) = arguments.positional.get(index) {
                    self.add(&mut record, (*bound).to_owned(), value, 0);
                }
            }
        }
        for (keyword_name, value) in &arguments.keywords {
            let is_url = &**keyword_name == keyword && url.is_some();
            let is_config = config && matches!(&**keyword_name, "configuration" | "prefix");
            if !is_url && !is_config {
                self.add(&mut record, keyword_name.to_string(), value, 0);
            }
        }
        if let Some(reason) = &arguments.open {
            record.open.push((String::new(), reason.to_string()));
        }
        if flask {
            self.flask_options(&mut record);
            if let Some(app) = arguments.get(0, "app") {
                self.configure(&mut record, app);
            }
            let index = i64::try_from(self.outcome.records.len()).unwrap_or(0);
            let index = Value::constant(Data::Int(index));
            self.heap.set(id, Key::from("record"), Some(index));
        }
        if self.state.muted == 0 {
            self.note_wrapper(&record);
            self.outcome.records.push(record);
        }
        Value::constant(Data::Object(id))
    }

    pub(super) fn blank_record(
        &self,
        name: &Rc<str>,
        place: crate::inputs::python::value::Place,
    ) -> Record {
        let last = self.frames.last();
        let parameters = last.is_some_and(|frame| frame.is_root && frame.has_parameters);
        let mut record = Record {
            reached: match (self.state.shadow, self.state.forked) {
                (0, 0) if !self.state.rooted => Some(true),
                (0, _) => None,
                _ => Some(false),
            },
            by_itself: parameters,
            ..Record::blank(Rc::clone(name), place, self.root_role)
        };
        extend(&mut record.reads, &self.state.decisions);
        extend(&mut record.decisions, &self.state.decisions);
        record
    }

    /// Remembers the function that was run for itself and left something of an engine unknown: its
    /// callers may tell it.
    fn note_wrapper(&mut self, record: &Record) {
        let known = matches!(record.address, Address::Known(_) | Address::Absent)
            && record.open.is_empty()
            && record
                .arguments
                .iter()
                .all(|argument| !matches!(argument.value, ArgumentValue::Unknown(_)));
        if known {
            return;
        }
        let Some(frame) = self.frames.iter().find(|frame| frame.is_root) else {
            return;
        };
        let Some(Code::Def(def)) = frame.code else {
            return;
        };
        let name = def.name.id.as_str();
        let class = frame.class.as_ref().map(|(class, _)| *class);
        let class = class.and_then(|class| self.class_info(class));
        if !name.starts_with("__") && (class.is_none() || !super::library::is_common(name)) {
            self.outcome.wrappers.insert(name.into());
        }
        self.outcome
            .wrappers
            .extend(class.map(|info| Rc::clone(&info.name)));
    }

    /// Remembers a name that stands for what makes an engine.
    pub(super) fn note_alias(&mut self, name: &str, value: &Value<'a>) {
        let stands = match &value.data {
            Data::External(external) => super::library::is_engine(external),
            Data::Partial(partial) => partial.0.external().is_some_and(super::library::is_engine),
            _ => false,
        };
        if stands {
            self.outcome.wrappers.insert(name.into());
        }
    }

    pub(super) fn set_address(
        &self,
        record: &mut Record,
        url: Option<&Value<'a>>,
        open: Option<&Rc<str>>,
    ) {
        let Some(url) = url else {
            if let Some(reason) = open {
                record.address = Address::Unknown(reason.to_string());
            }
            return;
        };
        record.address = match &url.data {
            Data::Str(text) => Address::Known(Secret::new(&**text)),
            Data::Prefix(text, why) => match text.split_once("://") {
                Some((scheme, _)) => Address::Scheme(scheme.to_owned(), why.to_string()),
                None => Address::Unknown(why.to_string()),
            },
            Data::Unknown(reason) => Address::Unknown(reason.to_string()),
            Data::None => Address::Unknown("it is None".to_owned()),
            _ => Address::Unknown("an object".to_owned()),
        };
        record.address_how = url.how.clone();
        record.composed = url.composed;
        extend(&mut record.address_reads, &url.reads);
        extend(&mut record.reads, &url.reads);
        if let Some(replaced) = &url.replaced {
            record.replaced.extend(replaced.iter().cloned());
        }
    }

    /// Adds an argument, and those inside it.
    pub(super) fn add(&self, record: &mut Record, name: String, value: &Value<'a>, depth: usize) {
        extend(&mut record.reads, &value.reads);
        let argument = match &value.data {
            Data::Str(text) => ArgumentValue::Text(Secret::new(&**text)),
            Data::None => ArgumentValue::Plain(Known::None),
            Data::Bool(truth) => ArgumentValue::Plain(Known::Bool(*truth)),
            Data::Int(number) => ArgumentValue::Plain(Known::Int(*number)),
            Data::Float(number) => ArgumentValue::Plain(Known::Float(*number)),
            Data::Prefix(_, why) | Data::Unknown(why) => {
                record.open.push((name.clone(), why.to_string()));
                ArgumentValue::Unknown(why.to_string())
            }
            Data::External(external) if super::library::is_object(external) => {
                ArgumentValue::Object(external.to_string())
            }
            Data::Later(_) => {
                let why = "an import".to_owned();
                record.open.push((name.clone(), why.clone()));
                ArgumentValue::Unknown(why)
            }
            Data::External(external) => {
                record.open.push((name.clone(), format!("`{external}`")));
                ArgumentValue::Unknown(format!("`{external}`"))
            }
            Data::Object(id) => match &self.heap.object(*id).kind {
                Kind::Dict if depth < 3 => {
                    self.add_dict(record, &name, *id, depth);
                    ArgumentValue::Object("dict".to_owned())
                }
                Kind::Made(made) => {
                    self.add_checks(record, &name, *id);
                    ArgumentValue::Object(made.to_string())
                }
                Kind::Class(info) => ArgumentValue::Object(info.name.to_string()),
                _ => ArgumentValue::Object("object".to_owned()),
            },
            Data::Function(_) | Data::Bound(..) | Data::Partial(_) => {
                ArgumentValue::Object("function".to_owned())
            }
            Data::Tuple(_) | Data::Method(..) => ArgumentValue::Object("object".to_owned()),
        };
        record.arguments.push(Argument {
            how: self.how_of(&name, value),
            name,
            value: argument,
            place: value.place,
        });
    }

    /// Returns how an argument got its value: a constant that one variable of the argument's name
    /// decided for, `if raw is None: return 5`, is the default beside that variable.
    fn how_of(&self, name: &str, value: &Value<'a>) -> How {
        let decided = match (&value.how, value.reads.as_deref()) {
            (How::Literal | How::Constant, Some(reads)) if reads.len() == 1 => reads.first(),
            _ => None,
        };
        let own = |variable: &&Rc<str>| {
            let word = match name.rsplit(['.', '_']).next() {
                Some("name") | None => "app",
                Some(word) => word,
            };
            variable.to_lowercase().contains(word) && !self.environment.contains_key(&***variable)
        };
        match decided.filter(own) {
            Some(variable) => How::EnvDefault(Rc::clone(variable)),
            None => value.how.clone(),
        }
    }

    /// Adds what a TLS context checks of the server, where the code says it.
    fn add_checks(&self, record: &mut Record, name: &str, id: usize) {
        let check = "verify_mode";
        let Some(value) = self.heap.field(id, &Key::from(check)) else {
            return;
        };
        let argument = match value.external() {
            Some(mode) => ArgumentValue::Object(mode.to_owned()),
            None => ArgumentValue::Unknown(format!("`{check}`")),
        };
        extend(&mut record.reads, &value.reads);
        record.arguments.push(Argument {
            name: format!("{name}.{check}"),
            value: argument,
            how: value.how.clone(),
            place: value.place,
        });
    }

    fn add_dict(&self, record: &mut Record, name: &str, id: usize, depth: usize) {
        let object = self.heap.object(id);
        if let Some(reason) = &object.open {
            record.open.push((name.to_owned(), reason.to_string()));
        }
        for (key, value) in &object.fields {
            if let Key::Name(key) = key {
                let mut value = value.clone();
                if let Some(site) = object.site
                    && self.taints.contains(&(site, Key::Name(Rc::clone(key))))
                {
                    value.data = Data::Unknown(format!("`{name}[\"{key}\"]`").into());
                }
                self.add(record, format!("{name}.{key}"), &value, depth + 1);
            }
        }
    }

    /// `engine_from_config(configuration, prefix="sqlalchemy.")`: texts are converted by name, but
    /// for `pool_pre_ping`, which stays a text.
    fn from_config(&self, record: &mut Record, arguments: &Arguments<'a>) {
        let prefix = match arguments.get(1, "prefix") {
            None => "sqlalchemy.".to_owned(),
            Some(value) => {
                if let Some(text) = value.as_str() {
                    text.to_owned()
                } else {
                    record
                        .open
                        .push((String::new(), "the prefix of the configuration".to_owned()));
                    return;
                }
            }
        };
        let configuration = arguments.get(0, "configuration");
        let dict = configuration
            .and_then(Value::object)
            .filter(|&id| matches!(self.heap.object(id).kind, Kind::Dict));
        let Some(id) = dict else {
            let reason = match configuration.map(|value| &value.data) {
                Some(Data::Unknown(reason)) => reason.to_string(),
                _ => "the configuration that it is given".to_owned(),
            };
            record.address = Address::Unknown(reason.clone());
            record.open.push((String::new(), reason));
            return;
        };
        let object = self.heap.object(id);
        if let Some(reason) = &object.open {
            record.open.push((String::new(), reason.to_string()));
            record.address = Address::Unknown(reason.to_string());
        }
        for (key, value) in &object.fields {
            let Key::Name(key) = key else { continue };
            let Some(option) = key.strip_prefix(prefix.as_str()) else {
                continue;
            };
            if option == "url" {
                self.set_address(record, Some(value), None);
                continue;
            }
            let converted = match (option, value.as_str()) {
                ("pool_size" | "max_overflow" | "pool_recycle", Some(text)) => {
                    crate::value::python_int(text).map(|number| Data::Int(number.value))
                }
                ("pool_timeout", Some(text)) => text.trim().parse().ok().map(Data::Float),
                _ => None,
            };
            let value = match converted {
                Some(data) => value.with(data),
                None => value.clone(),
            };
            self.add(record, option.to_owned(), &value.named(), 0);
        }
    }
}

/// Adds what a value depends on.
pub(super) fn extend(all: &mut BTreeSet<Rc<str>>, reads: &Reads) {
    if let Some(reads) = reads {
        all.extend(reads.iter().cloned());
    }
}
