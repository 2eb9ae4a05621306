//! Django's `DATABASES`.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::call::Arguments;
use super::{Evaluated, Evaluator};
use crate::facts::ArgumentValue;
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::record::Address;
use crate::inputs::python::value::{Data, Id, Value};

/// The field of an entry that holds the connection string which it was made of.
const ENTRY_URL: &str = "connection string";

impl<'a> Evaluator<'a> {
    /// Records each entry of a module's `DATABASES` as an engine, once for all modules that share it.
    pub(super) fn django_databases(&mut self) {
        let loaded: Vec<(usize, Id)> = self.loaded.iter().map(|(&file, &id)| (file, id)).collect();
        let mut seen: Vec<Id> = Vec::new();
        for (file, module) in loaded {
            if self.modules.role(file) != self.root_role {
                continue;
            }
            let installed = self
                .heap
                .field(module, &Key::from("INSTALLED_APPS"))
                .is_some();
            self.settle_constants(module, "DATABASES");
            let mut owners = self.settings_of(module);
            owners.retain(|&owner| self.databases_of(owner).is_some());
            if owners.is_empty() || !installed && !self.modules.is_django(file) {
                continue;
            }
            for owner in owners {
                self.django_owner(owner, &mut seen);
            }
        }
    }

    /// Returns a module and its classes of `django-configurations`.
    fn settings_of(&self, module: Id) -> Vec<Id> {
        let classes = self
            .heap
            .object(module)
            .fields
            .values()
            .filter_map(Value::object)
            .filter(|&id| {
                self.class_info(id).is_some_and(|info| {
                    info.external
                        .iter()
                        .any(|base| base.starts_with("configurations."))
                })
            });
        std::iter::once(module).chain(classes).collect()
    }

    fn databases_of(&self, owner: Id) -> Option<Id> {
        self.heap
            .field(owner, &Key::from("DATABASES"))
            .and_then(Value::object)
    }

    fn django_owner(&mut self, owner: Id, seen: &mut Vec<Id>) {
        let databases = self.databases_of(owner);
        let Some(databases) = databases.filter(|id| !seen.contains(id)) else {
            return;
        };
        seen.push(databases);
        let entries: Vec<(Key, Value<'a>)> = self
            .heap
            .object(databases)
            .fields
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (_, entry) in entries {
            self.django_entry(&entry);
        }
    }

    /// `dj_database_url.config()` and `parse()`: an entry of `DATABASES` of a connection string.
    pub(super) fn database_url(
        &mut self,
        config: bool,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let url = if config {
            let name = match arguments.get(0, "env").map(|name| name.as_str()) {
                None => Some("DATABASE_URL"),
                Some(name) => name,
            };
            match name.map(Rc::<str>::from) {
                Some(name) => {
                    let none = Value::constant(Data::None);
                    let default = arguments.get(1, "default").cloned().unwrap_or(none);
                    self.variable(&name, expr)
                        .unwrap_or_else(|| self.from_default(&name, default, expr))
                }
                None => self.unknown(expr),
            }
        } else {
            match arguments.get(0, "url").cloned() {
                Some(url) => url,
                None => self.unknown(expr),
            }
        };
        let at = |name: &str, config_at: usize| {
            let place = if config { config_at } else { config_at - 1 };
            arguments.get(place, name).cloned()
        };
        let age = at("conn_max_age", 3).unwrap_or(Value::constant(Data::Int(0)));
        let checks = at("conn_health_checks", 4).unwrap_or(Value::constant(Data::Bool(false)));
        let ssl = at("ssl_require", 6);
        let id = self.entry(url, expr);
        self.heap.set(id, Key::from("CONN_MAX_AGE"), Some(age));
        self.heap
            .set(id, Key::from("CONN_HEALTH_CHECKS"), Some(checks));
        if let Some(ssl) = ssl.filter(|ssl| self.truth(ssl) != Some(false)) {
            let options = self.heap.make(Kind::Dict, Some(self.place(expr)));
            let mode = match self.truth(&ssl) {
                Some(_) => Value::constant(Data::Str("require".into())),
                None => ssl.with(Data::Unknown(self.reason(expr))),
            };
            self.heap.set(options, Key::from("sslmode"), Some(mode));
            let open = self.heap.object(id).open.clone();
            self.heap.open(options, open);
            let options = Value::constant(Data::Object(options));
            self.heap.set(id, Key::from("OPTIONS"), Some(options));
        }
        Ok(Value::constant(Data::Object(id)))
    }

    /// `env.db()` of django-environ: an entry of which the connection string says all.
    pub(super) fn environ_db(
        &mut self,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let name = match arguments.get(0, "var").map(|name| name.as_str()) {
            None => Some("DATABASE_URL"),
            Some(name) => name,
        };
        let url = match name.map(Rc::<str>::from) {
            Some(name) => {
                let none = self.unknown(expr);
                let default = arguments.get(1, "default").cloned().unwrap_or(none);
                self.variable(&name, expr)
                    .unwrap_or_else(|| self.from_default(&name, default, expr))
            }
            None => self.unknown(expr),
        };
        let id = self.entry(url, expr);
        Ok(Value::constant(Data::Object(id)))
    }

    /// Makes an entry of `DATABASES` from a connection string; what its query adds is not known.
    fn entry(&mut self, url: Value<'a>, expr: &'a Expr) -> Id {
        let id = self.heap.make(Kind::Dict, Some(self.place(expr)));
        let whole = url.as_str().is_some_and(|text| !text.contains('?'));
        if !whole {
            let reason = self.reason(expr);
            self.heap.open(id, Some(reason));
        }
        self.heap.set(id, Key::Other(ENTRY_URL.into()), Some(url));
        id
    }

    fn django_entry(&mut self, entry: &Value<'a>) {
        let id = entry
            .object()
            .filter(|&id| matches!(self.heap.object(id).kind, Kind::Dict));
        let place = id.and_then(|id| self.heap.object(id).site).or(entry.place);
        let Some(place) = place else {
            return;
        };
        let name: Rc<str> = "django.DATABASES".into();
        let mut record = self.blank_record(&name, place);
        record.reached = Some(true);
        let Some(id) = id else {
            let reason = self.reason_at(place.file, "DATABASES", place.offset);
            record.open.push((String::new(), reason.to_string()));
            record.address = Address::Unknown(reason.to_string());
            record.address_how = entry.how.clone();
            super::engine::extend(&mut record.address_reads, &entry.reads);
            super::engine::extend(&mut record.reads, &entry.reads);
            self.outcome.records.push(record);
            return;
        };
        let object = self.heap.object(id).clone();
        if let Some(reason) = &object.open {
            record.open.push((String::new(), reason.to_string()));
        }
        for (key, value) in &object.fields {
            match key {
                Key::Name(key) => self.add(&mut record, key.to_string(), value, 0),
                Key::Other(key) if &**key == ENTRY_URL => {
                    self.set_address(&mut record, Some(value), None);
                }
                _ => {}
            }
        }
        let engine = record
            .argument("ENGINE")
            .map(|argument| argument.value.clone());
        let postgres = match engine {
            Some(ArgumentValue::Text(text)) => {
                text.expose().contains("postg") || text.expose().contains("psycopg")
            }
            _ => true,
        };
        if postgres {
            self.outcome.records.push(record);
        }
    }
}
