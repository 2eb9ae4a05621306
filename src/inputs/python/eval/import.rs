//! Imports: which file a name comes from, and running it first.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{StmtImport, StmtImportFrom};
use ruff_text_size::Ranged;

use super::{Evaluator, Frame, State, library};
use crate::facts::Role;
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Data, Id, Later, Place, Value};

impl<'a> Evaluator<'a> {
    /// Runs a file, unless it has been, and returns its module.
    pub(super) fn load(&mut self, file: usize) -> Option<Id> {
        if let Some(&id) = self.loaded.get(&file) {
            return Some(id);
        }
        let body = self.modules.body(file)?;
        let site = Place { file, offset: 0 };
        let id = self.heap.make(Kind::Module(file), Some(site));
        self.loaded.insert(file, id);
        let name = Value::constant(Data::Str(self.modules.dotted(file).into()));
        self.heap.set(id, Key::from("__name__"), Some(name));
        if self.frames.len() > 60 {
            let reason = self.reason_at(file, "import", 0);
            self.heap.open(id, Some(reason));
            return Some(id);
        }
        let around = std::mem::replace(&mut self.state, State::of_module());
        self.frames.push(Frame {
            scopes: [id].into(),
            ..Frame::new(file)
        });
        self.block(body);
        self.frames.pop();
        let exhausted = self.state.steps > self.state.limit;
        self.state = around;
        if self.blurring {
            self.blur(file, id);
        }
        if exhausted {
            let reason = self.reason_at(file, "a file that is too long to follow", 0);
            self.forget_values(id, &reason);
        }
        if self.modules.is_broken(file) {
            let reason = self.reason_at(file, "a file that does not parse", 0);
            self.forget_values(id, &reason);
            self.heap.open(id, Some(reason));
        }
        Some(id)
    }

    pub(super) fn import(&mut self, import: &'a StmtImport) {
        for alias in &import.names {
            let dotted = alias.name.id.as_str();
            let top = dotted.split('.').next().unwrap_or(dotted);
            let named = if alias.asname.is_some() { dotted } else { top };
            let offset = import.start().into();
            let later = self.later(self.modules.resolve(self.file(), dotted), None, offset);
            let value = match self.later(self.modules.resolve(self.file(), named), None, offset) {
                Some(value) if later.is_some() => value,
                _ => {
                    self.module(dotted);
                    self.module(named)
                }
            };
            let name = alias.asname.as_ref().map_or_else(
                || dotted.split('.').next().unwrap_or(dotted),
                |name| name.id.as_str(),
            );
            if let Some(scope) = self.scope_of(name) {
                self.heap.set(scope, Key::from(name), Some(value));
            }
        }
    }

    /// Returns what an import names in a file that need not run for it: one that makes no engine,
    /// and writes nothing that engines read.
    fn later(&self, file: Option<usize>, name: Option<&str>, offset: u32) -> Option<Value<'a>> {
        let file = file?;
        let place = Place {
            file: self.file(),
            offset,
        };
        let in_class = self
            .scope()
            .is_some_and(|id| matches!(self.heap.object(id).kind, Kind::Class(_)));
        let runs = in_class
            || self.state.guarded > 0
            || self.loaded.contains_key(&file)
            || self.wanted.contains(&file)
            || self.words.in_file(self.modules, file);
        let name = name.map(Rc::from);
        (!runs).then(|| Value::constant(Data::Later(Rc::new(Later { place, file, name }))))
    }

    /// Returns a field of a scope, running the file first that it was imported from.
    pub(super) fn settled(&mut self, id: Id, key: &Key) -> Option<Value<'a>> {
        let value = self.heap.field(id, key)?.clone();
        let Data::Later(later) = &value.data else {
            return Some(value);
        };
        let later = Rc::clone(later);
        let name = later.name.as_deref().unwrap_or("import");
        let reason = self.reason_at(later.place.file, name, later.place.offset);
        let unknown = Value::constant(Data::Unknown(reason));
        // A package may import from a module what that imports from the package: no end would be found.
        self.heap.settle(id, key.clone(), unknown.clone());
        let module = self.load(later.file);
        let value = match (module, &later.name) {
            (Some(module), Some(name)) => self.member(later.place, later.file, module, name),
            (Some(module), None) => Value::constant(Data::Object(module)),
            (None, _) => unknown,
        };
        self.heap.settle(id, key.clone(), value.clone());
        Some(value)
    }

    /// Runs the files from which those constants of a module were imported whose names start so.
    pub(super) fn settle_constants(&mut self, id: Id, start: &str) {
        let is_constant = |key: &Key| {
            matches!(key, Key::Name(name)
                if name.starts_with(start) && !name.chars().any(char::is_lowercase))
        };
        let fields = self.heap.object(id).fields.iter();
        let keys: Vec<Key> = fields
            .filter(|(key, value)| matches!(value.data, Data::Later(_)) && is_constant(key))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.settled(id, &key);
        }
    }

    /// Returns a module by its absolute name.
    pub(super) fn module(&mut self, dotted: &str) -> Value<'a> {
        match self.modules.resolve(self.file(), dotted) {
            Some(file) => match self.load(file) {
                Some(id) => Value::constant(Data::Object(id)),
                None => Value::constant(Data::Unknown(format!("`{dotted}`").into())),
            },
            None => Value::constant(Data::External(library::canonical(dotted).into())),
        }
    }

    pub(super) fn import_from(&mut self, import: &'a StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |name| name.id.as_str());
        let base = if import.level > 0 {
            self.modules.relative(self.file(), import.level, module)
        } else {
            Some(module.to_owned())
        };
        let target = match &base {
            Some(_) if import.level > 0 => {
                self.modules
                    .resolve_relative(self.file(), import.level, module)
            }
            Some(dotted) => self.modules.resolve(self.file(), dotted),
            None => None,
        };
        let offset = import.start().into();
        let star = import.names.iter().any(|alias| &alias.name == "*");
        let waits = !star && self.later(target, None, offset).is_some();
        let loaded = target.filter(|_| !waits).and_then(|file| self.load(file));
        let Some(scope) = self.scope() else {
            return;
        };
        for alias in &import.names {
            let name = alias.name.id.as_str();
            if name == "*" {
                self.import_star(
                    scope,
                    loaded,
                    base.as_deref().unwrap_or(module),
                    import.level > 0,
                    import.start().into(),
                );
                continue;
            }
            let place = self.place(import);
            let value = match (target, loaded) {
                (Some(file), None) if waits => self.later_member(file, name, offset),
                (Some(file), Some(id)) => self.member(place, file, id, name),
                _ if import.level > 0 => self
                    .submodule_relative(import.level, module, name)
                    .unwrap_or_else(|| {
                        self.doubts += 1;
                        let reason = self.reason_at(self.file(), name, alias.start().into());
                        Value::constant(Data::Unknown(reason))
                    }),
                _ => self.member_of_library(module, name, offset),
            };
            let local = alias.asname.as_ref().unwrap_or(&alias.name).id.as_str();
            self.note_alias(local, &value);
            let target_scope = self.scope_of(local).unwrap_or(scope);
            self.heap.set(target_scope, Key::from(local), Some(value));
        }
    }

    /// Returns a name of a file that need not run, unless it is that of a module which must.
    fn later_member(&mut self, file: usize, name: &str, offset: u32) -> Value<'a> {
        if let Some(child) = self.modules.child(file, name)
            && self.later(Some(child), None, offset).is_none()
        {
            self.load(child);
        }
        let later = self.later(Some(file), Some(name), offset);
        later.unwrap_or_else(|| match self.load(file) {
            Some(id) => {
                let place = Place {
                    file: self.file(),
                    offset,
                };
                self.member(place, file, id, name)
            }
            None => Value::constant(Data::Unknown(format!("`{name}`").into())),
        })
    }

    /// Returns a name of a library's module, or of a folder of the project without `__init__.py`.
    fn member_of_library(&mut self, module: &str, name: &str, offset: u32) -> Value<'a> {
        let dotted = format!("{module}.{name}");
        let Some(file) = self.modules.resolve(self.file(), &dotted) else {
            return Value::constant(Data::External(library::canonical(&dotted).into()));
        };
        if let Some(value) = self.later(Some(file), None, offset) {
            return value;
        }
        match self.load(file) {
            Some(id) => Value::constant(Data::Object(id)),
            None => Value::constant(Data::Unknown(format!("`{dotted}`").into())),
        }
    }

    /// Returns what `from module import name` gives.
    fn member(&mut self, at: Place, file: usize, id: Id, name: &str) -> Value<'a> {
        let key = Key::from(name);
        if let Some(value) = self.settled(id, &key) {
            self.watch_value(name, &value);
            let site = Place { file, offset: 0 };
            if self.taints.contains(&(site, key)) {
                let reason = self.reason_at(at.file, name, at.offset);
                return value.with(Data::Unknown(reason));
            }
            return value.named();
        }
        if let Some(module) = self.submodule(file, name) {
            return Value::constant(Data::Object(module));
        }
        if let Some(star) = self.star_of(file, name) {
            return Value::constant(Data::External(star));
        }
        self.doubts += 1;
        let reason = self.heap.object(id).open.clone();
        let reason = reason.unwrap_or_else(|| self.reason_at(at.file, name, at.offset));
        Value::constant(Data::Unknown(reason))
    }

    /// Returns a module inside a package, running it first.
    pub(super) fn submodule(&mut self, file: usize, name: &str) -> Option<Id> {
        let child = self.modules.child(file, name)?;
        self.load(child)
    }

    fn submodule_relative(&mut self, level: u32, module: &str, name: &str) -> Option<Value<'a>> {
        let dotted = if module.is_empty() {
            name.to_owned()
        } else {
            format!("{module}.{name}")
        };
        let file = self.modules.resolve_relative(self.file(), level, &dotted)?;
        self.load(file).map(|id| Value::constant(Data::Object(id)))
    }

    fn import_star(
        &mut self,
        scope: Id,
        loaded: Option<Id>,
        module: &str,
        relative: bool,
        offset: u32,
    ) {
        let Some(from) = loaded else {
            let known = [
                "sqlalchemy",
                "sqlmodel",
                "os",
                "flask",
                "typing",
                "pydantic",
                "tkinter",
                "asyncpg",
            ];
            let top = module.split('.').next().unwrap_or(module);
            if relative || !known.contains(&top) {
                self.doubts += 1;
                let reason =
                    self.reason_at(self.file(), &format!("from {module} import *"), offset);
                self.forget_values(scope, &reason);
                self.heap.open(scope, Some(reason));
            }
            return;
        };
        let all = self.heap.field(from, &Key::from("__all__")).cloned();
        let all: Option<BTreeSet<Rc<str>>> = all.and_then(|all| self.items(&all)).map(|items| {
            items
                .iter()
                .filter_map(Value::as_str)
                .map(Rc::from)
                .collect()
        });
        let fields: Vec<(Key, Value<'a>)> = self
            .heap
            .object(from)
            .fields
            .iter()
            .filter(|(key, _)| match (key, &all) {
                (Key::Name(name), Some(all)) => all.contains(name),
                (Key::Name(name), None) => !name.starts_with('_'),
                _ => false,
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in fields {
            self.heap.set(scope, key, Some(value.named()));
        }
        if let Some(reason) = self.heap.object(from).open.clone() {
            self.heap.open(scope, Some(reason));
        }
    }

    /// Returns a name as one of a library from which the current file imports everything.
    pub(super) fn star_origin(&self, name: &str) -> Option<Rc<str>> {
        self.star_of(self.file(), name)
    }

    fn star_of(&self, file: usize, name: &str) -> Option<Rc<str>> {
        self.modules.stars(file).iter().find_map(|module| {
            let dotted = format!("{module}.{name}");
            let canonical = library::canonical(&dotted);
            let known = library::is_engine(canonical)
                || matches!(
                    canonical,
                    "os.getenv" | "os.environ" | "sqlalchemy.URL" | "sqlalchemy.make_url"
                );
            known.then(|| canonical.into())
        })
    }

    /// Runs a method for itself without recording anything.
    pub(super) fn run_method_blank(
        &mut self,
        function: &Rc<crate::inputs::python::value::Function<'a>>,
        this: Value<'a>,
    ) {
        self.state.muted += 1;
        let role = std::mem::replace(&mut self.root_role, Role::Test);
        self.run_blank(function, this);
        self.root_role = role;
        self.state.muted -= 1;
    }
}
