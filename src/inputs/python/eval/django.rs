//! Django's `DATABASES`.

use std::rc::Rc;

use super::Evaluator;
use crate::facts::ArgumentValue;
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::record::Address;
use crate::inputs::python::value::{Id, Value};

impl<'a> Evaluator<'a> {
    /// Records each entry of a module's `DATABASES` as an engine, once for all modules that share it.
    pub(super) fn django_databases(&mut self) {
        let loaded: Vec<(usize, Id)> = self.loaded.iter().map(|(&file, &id)| (file, id)).collect();
        let mut seen: Vec<Id> = Vec::new();
        for (file, module) in loaded {
            if self.modules.role(file) != self.root_role || !self.modules.is_django(file) {
                continue;
            }
            let databases = self
                .heap
                .field(module, &Key::from("DATABASES"))
                .and_then(Value::object);
            let Some(databases) = databases.filter(|id| !seen.contains(id)) else {
                continue;
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
            if let Key::Name(key) = key {
                self.add(&mut record, key.to_string(), value, 0);
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
