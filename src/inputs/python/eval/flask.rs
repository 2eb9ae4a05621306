//! Flask's configuration, and the engine that Flask-SQLAlchemy makes of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_python_ast::Expr;

use super::call::{Arguments, site_of};
use super::{Evaluated, Evaluator};
use crate::facts::{ArgumentValue, Role};
use crate::inputs::python::heap::{ClassInfo, Key, Kind};
use crate::inputs::python::record::{Address, Record};
use crate::inputs::python::value::{Data, Id, Value};

/// The keys of Flask-SQLAlchemy 2 that 3 ignores, and the engine's arguments that they were.
pub(in crate::inputs::python) const LEGACY: [(&str, &str); 4] = [
    ("SQLALCHEMY_POOL_SIZE", "pool_size"),
    ("SQLALCHEMY_POOL_TIMEOUT", "pool_timeout"),
    ("SQLALCHEMY_POOL_RECYCLE", "pool_recycle"),
    ("SQLALCHEMY_MAX_OVERFLOW", "max_overflow"),
];

impl<'a> Evaluator<'a> {
    /// `app.config.from_object(…)` and its like.
    pub(super) fn load_config(
        &mut self,
        config: Id,
        method: &str,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let source = arguments.positional.first().cloned();
        let reason = self.reason(expr);
        if method == "from_mapping" {
            if let Some(value) = source {
                self.update(config, &value, expr);
            }
            for (keyword, value) in &arguments.keywords {
                self.write(config, Key::Name(Rc::clone(keyword)), Some(value.clone()));
            }
            return Ok(Value::constant(Data::Bool(true)));
        }
        let object = match &source {
            Some(value) if method == "from_object" => match &value.data {
                Data::Str(path) => self.by_path(path),
                _ => value.object(),
            },
            _ => None,
        };
        let Some(object) = object else {
            self.heap.forget(config, &reason);
            return Ok(self.unknown(expr));
        };
        self.settle_constants(object, "");
        for (key, value) in self.upper_case(object) {
            let value = self.tainted(object, &key, value, expr);
            self.write(config, key, Some(value.named()));
        }
        if self.heap.object(object).open.is_some() {
            self.heap.open(config, Some(reason));
        }
        Ok(Value::constant(Data::None))
    }

    /// Returns the object that `from_object("package.module.Class")` names.
    fn by_path(&mut self, path: &str) -> Option<Id> {
        if let Some(file) = self.modules.resolve(self.file(), path) {
            return self.load(file);
        }
        let (module, name) = path.rsplit_once('.')?;
        let file = self.modules.resolve(self.file(), module)?;
        let module = self.load(file)?;
        self.settled(module, &Key::from(name))?.object()
    }

    /// Returns the upper-case attributes of a module, a class or an instance.
    fn upper_case(&self, object: Id) -> BTreeMap<Key, Value<'a>> {
        let mut sources: Vec<Id> = match &self.heap.object(object).kind {
            Kind::Class(info) => info.mro.iter().rev().copied().collect(),
            Kind::Instance(class) => match &self.heap.object(*class).kind {
                Kind::Class(info) => info.mro.iter().rev().copied().collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        sources.push(object);
        let mut all = BTreeMap::new();
        for source in sources {
            for (key, value) in &self.heap.object(source).fields {
                let upper = matches!(key, Key::Name(name) if name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase));
                if upper && !matches!(value.data, Data::Function(_)) {
                    all.insert(key.clone(), value.clone());
                }
            }
        }
        all
    }

    /// Takes `engine_options=` of the constructor as the engine's arguments.
    pub(super) fn flask_options(&self, record: &mut Record) {
        let mut arguments = Vec::new();
        for mut argument in record.arguments.drain(..) {
            if let Some(rest) = argument.name.strip_prefix("engine_options.") {
                argument.name = rest.to_owned();
                arguments.push(argument);
            }
        }
        record.arguments = arguments;
        for (path, _) in &mut record.open {
            if path == "engine_options" {
                path.clear();
            }
        }
        record
            .open
            .retain(|(path, _)| path.is_empty() || path.starts_with("engine_options"));
    }

    /// Notes the methods of a subclass that change the options: Flask-SQLAlchemy 2 calls other
    /// ones than 3.
    pub(super) fn note_hooks(&mut self, info: &ClassInfo, from: usize) {
        let place = |this: &Self, name: &str| {
            this.method_of(info, name).map(|function| {
                let site = site_of(&function);
                this.reason_at(site.file, name, site.offset).to_string()
            })
        };
        let old = ["apply_driver_hacks", "apply_pool_defaults"]
            .iter()
            .find_map(|name| place(self, name));
        let any = ["_make_engine", "_apply_driver_defaults", "create_engine"]
            .iter()
            .find_map(|name| place(self, name));
        for record in &mut self.outcome.records[from..] {
            record.old_hook.clone_from(&old);
            record
                .open
                .extend(any.clone().map(|hook| (String::new(), hook)));
        }
    }

    /// `db.init_app(app)`.
    pub(super) fn init_app(&mut self, db: Id, arguments: &Arguments<'a>, _expr: &'a Expr) {
        let index = match self
            .heap
            .field(db, &Key::from("record"))
            .map(|value| &value.data)
        {
            Some(Data::Int(index)) => usize::try_from(*index).ok(),
            _ => None,
        };
        let (Some(index), Some(app)) = (index, arguments.get(0, "app").cloned()) else {
            return;
        };
        let Some(mut record) = self.outcome.records.get(index).cloned() else {
            return;
        };
        if record.configured || self.state.shadow > 0 || self.root_role != Role::App {
            return;
        }
        self.configure(&mut record, &app);
        self.outcome.records[index] = record;
    }

    /// Takes an application's configuration for an engine's.
    pub(super) fn configure(&self, record: &mut Record, app: &Value<'a>) {
        let config = app
            .object()
            .and_then(|app| self.heap.field(app, &Key::from("config")))
            .and_then(Value::object);
        let Some(config) = config else {
            return;
        };
        let object = self.heap.object(config);
        if object.open.is_some()
            && !object
                .fields
                .contains_key(&Key::from("SQLALCHEMY_ENGINE_OPTIONS"))
        {
            return;
        }
        let fields = object.fields.clone();
        self.take_config(record, &fields);
        record.configured = true;
    }

    fn take_config(&self, record: &mut Record, fields: &BTreeMap<Key, Value<'a>>) {
        if let Some(url) = fields.get(&Key::from("SQLALCHEMY_DATABASE_URI")) {
            self.set_address(record, Some(url), None);
        }
        for (key, _) in LEGACY {
            if let Some(value) = fields.get(&Key::from(key)) {
                self.add(record, key.to_owned(), &value.clone().named(), 0);
            }
        }
        let Some(options) = fields.get(&Key::from("SQLALCHEMY_ENGINE_OPTIONS")) else {
            return;
        };
        let before = record.arguments.len();
        let opened = record.open.len();
        self.add(
            record,
            "engine_options".to_owned(),
            &options.clone().named(),
            0,
        );
        let added = record.arguments.split_off(before);
        for mut argument in added {
            if let Some(rest) = argument.name.strip_prefix("engine_options.") {
                argument.name = rest.to_owned();
                argument.how = match argument.how {
                    crate::inputs::python::value::How::Literal => {
                        crate::inputs::python::value::How::Constant
                    }
                    how => how,
                };
                record.arguments.push(argument);
            }
        }
        for (path, _) in &mut record.open[opened..] {
            *path = path
                .strip_prefix("engine_options")
                .unwrap_or(path)
                .trim_start_matches('.')
                .to_owned();
        }
    }

    /// Gives the engines whose application was not seen what all configuration classes agree on.
    pub(super) fn configure_the_rest(&mut self) {
        let waiting: Vec<usize> = self
            .outcome
            .records
            .iter()
            .enumerate()
            .filter(|(_, record)| {
                &*record.name == "flask_sqlalchemy.SQLAlchemy" && !record.configured
            })
            .map(|(index, _)| index)
            .collect();
        if waiting.is_empty() {
            return;
        }
        for module in self.loaded.values().copied().collect::<Vec<Id>>() {
            self.settle_constants(module, "SQLALCHEMY_");
        }
        let mut candidates: Vec<BTreeMap<Key, Value<'a>>> = Vec::new();
        for id in 0..self.heap.size() {
            let object = self.heap.object(id);
            let relevant = match &object.kind {
                Kind::Class(info) => {
                    self.modules.role(info.file) == Role::App
                        && !info.name.to_lowercase().contains("test")
                }
                Kind::Module(file) => {
                    self.modules.role(*file) == Role::App && self.sets_a_key(*file)
                }
                Kind::Dict => object
                    .site
                    .is_some_and(|site| self.modules.role(site.file) == Role::App),
                _ => false,
            };
            if !relevant {
                continue;
            }
            let fields: BTreeMap<Key, Value<'a>> = if matches!(object.kind, Kind::Dict) {
                object.fields.clone()
            } else {
                self.upper_case(id)
            };
            let speaks =
                |key: &Key| matches!(key, Key::Name(name) if name.starts_with("SQLALCHEMY_"));
            if fields.keys().any(speaks) {
                candidates.push(fields);
            }
        }
        let textual = self.modules.mentions("SQLALCHEMY_ENGINE_OPTIONS");
        for index in waiting {
            let mut record = self.outcome.records[index].clone();
            self.agree(&mut record, &candidates, textual.as_deref());
            self.outcome.records[index] = record;
        }
    }

    /// Returns whether a module sets a key of Flask-SQLAlchemy itself: one that merely imports it is
    /// no configuration.
    fn sets_a_key(&self, file: usize) -> bool {
        self.modules.text(file).lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("SQLALCHEMY_") && line.contains('=')
        })
    }

    fn agree(
        &self,
        record: &mut Record,
        candidates: &[BTreeMap<Key, Value<'a>>],
        textual: Option<&str>,
    ) {
        let mut sights: Vec<Record> = Vec::new();
        let speaking = candidates.iter().filter(|fields| {
            candidates.len() == 1
                || fields.contains_key(&Key::from("SQLALCHEMY_ENGINE_OPTIONS"))
                || textual.is_none()
        });
        for fields in speaking {
            let mut sight = record.clone();
            self.take_config(&mut sight, fields);
            sights.push(sight);
        }
        let mut sights = sights.into_iter();
        match (sights.next(), textual) {
            (Some(mut first), _) => {
                for sight in sights {
                    first.join(sight);
                }
                *record = first;
            }
            (None, Some(place)) => record.open.push((
                String::new(),
                format!("`SQLALCHEMY_ENGINE_OPTIONS` ({place})"),
            )),
            (None, None) => {}
        }
        if record.address == Address::Absent {
            record.address = Address::Unknown("`SQLALCHEMY_DATABASE_URI`".to_owned());
        }
        let _ = ArgumentValue::Unknown;
    }
}
