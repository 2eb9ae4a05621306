//! Classes, their instances, and attributes of any value.

use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef};

use super::call::Arguments;
use super::{Evaluated, Evaluator, Frame, Raised, library};
use crate::inputs::python::heap::{ClassInfo, Key, Kind};
use crate::inputs::python::value::{Code, Data, Id, MethodKind, Value};

/// The field of a class that holds the keywords of its statement.
pub(super) const CLASS_KEYWORDS: &str = "class keywords";

impl<'a> Evaluator<'a> {
    /// Runs a class's body.
    pub(super) fn define_class(&mut self, def: &'a StmtClassDef) -> Result<(), Raised> {
        let site = self.place(def);
        let id = self.heap.make(Kind::Dict, Some(site));
        let mut info = ClassInfo {
            name: def.name.id.as_str().into(),
            file: self.file(),
            mro: vec![id],
            external: Vec::new(),
            unknown_base: false,
            dataclass: false,
            hooked: def.body.iter().any(|statement| {
                matches!(statement, Stmt::FunctionDef(def) if def.name.id.as_str() == "__getattribute__")
            }),
        };
        for decorator in &def.decorator_list {
            let name = super::shown(&decorator.expression);
            let name = name.split('(').next().unwrap_or("");
            match name.rsplit('.').next().unwrap_or(name) {
                "dataclass" | "define" | "frozen" | "s" | "attrs" => info.dataclass = true,
                "final" | "lru_cache" | "cache" | "total_ordering" | "singleton" => {}
                _ => info.unknown_base = true,
            }
        }
        for base in def
            .arguments
            .iter()
            .flat_map(|arguments| arguments.args.iter())
        {
            let base = match base {
                Expr::Subscript(generic) => &generic.value,
                other => other,
            };
            let value = self.eval(base)?;
            match &value.data {
                Data::Object(base) => match self.class_info(*base) {
                    Some(base) => {
                        info.mro.extend(base.mro.iter().copied());
                        info.external.extend(base.external.iter().cloned());
                        info.unknown_base |= base.unknown_base;
                        info.dataclass |= base.dataclass;
                        info.hooked |= base.hooked;
                    }
                    None => info.unknown_base = true,
                },
                Data::External(name) if library::is_plain_base(name) => {}
                Data::External(name) => info.external.push(Rc::clone(name)),
                _ => info.unknown_base = true,
            }
        }
        let hook = Key::from("__init_subclass__");
        info.hooked |= info.mro[1..]
            .iter()
            .any(|&base| self.heap.field(base, &hook).is_some());
        info.hooked |= self.class_keywords(id, def)?;
        self.heap.set_kind(id, Kind::Class(Rc::new(info)));
        let Some(frame) = self.frames.last() else {
            return Ok(());
        };
        let mut scopes = frame.scopes.to_vec();
        scopes.push(id);
        let class = Frame {
            scopes: scopes.into(),
            ..Frame::new(frame.file)
        };
        self.frames.push(class);
        self.block(&def.body);
        self.frames.pop();
        if let Some(scope) = self.scope_of(&def.name.id) {
            let value = Value::constant(Data::Object(id));
            self.write(scope, Key::from(def.name.id.as_str()), Some(value));
        }
        Ok(())
    }

    /// Keeps the keywords of a class statement, `class Settings(BaseSettings, env_prefix="X_")`;
    /// returns whether one of them is a metaclass that may do anything.
    fn class_keywords(&mut self, id: Id, def: &'a StmtClassDef) -> Result<bool, Raised> {
        let mut hooked = false;
        let mut kept = None;
        for keyword in def.arguments.iter().flat_map(|all| all.keywords.iter()) {
            let value = self.eval(&keyword.value)?;
            match keyword.arg.as_ref().map(|name| name.id.as_str()) {
                Some("metaclass") => {
                    let name = super::shown(&keyword.value);
                    let plain = [
                        "ABCMeta",
                        "abc.ABCMeta",
                        "EnumMeta",
                        "Singleton",
                        "SingletonMeta",
                    ];
                    hooked |= !plain.contains(&name.as_str());
                }
                Some(name) => {
                    let site = self.place(def);
                    let kept = *kept.get_or_insert_with(|| self.heap.make(Kind::Dict, Some(site)));
                    self.heap.set(kept, Key::from(name), Some(value));
                }
                None => hooked = true,
            }
        }
        if let Some(kept) = kept {
            let value = Value::constant(Data::Object(kept));
            self.heap
                .set(id, Key::Other(CLASS_KEYWORDS.into()), Some(value));
        }
        Ok(hooked)
    }

    /// Returns an attribute of a value.
    pub(super) fn attribute(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let value = match &owner.data {
            Data::External(module) => Value::constant(Data::External(
                library::canonical(&format!("{module}.{name}")).into(),
            )),
            Data::Object(id) => return self.object_attribute(owner, *id, name, expr),
            Data::Str(_) | Data::Prefix(..) | Data::Tuple(_) => {
                Value::constant(Data::Method(Rc::new(owner.clone()), name.into()))
            }
            Data::Unknown(_) if library::is_text_method(name) => {
                Value::constant(Data::Method(Rc::new(owner.clone()), name.into()))
            }
            _ => self.unknown(expr).made_of(owner),
        };
        Ok(value)
    }

    fn object_attribute(
        &mut self,
        owner: &Value<'a>,
        id: Id,
        name: &str,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let key = Key::from(name);
        let kind = self.heap.object(id).kind.clone();
        let hooked = match kind {
            Kind::Class(ref info) => info.hooked,
            Kind::Instance(class) => self.class_info(class).is_some_and(|info| info.hooked),
            _ => false,
        };
        if hooked {
            return Ok(self.unknown(expr));
        }
        if let Some(value) = self.settled(id, &key)
            && !matches!(kind, Kind::Dict | Kind::List)
        {
            if matches!(kind, Kind::Module(_) | Kind::Instance(_) | Kind::Class(_)) {
                self.watch_value(name, &value);
            }
            if let (Kind::Class(_), Data::Function(code)) = (&kind, &value.data)
                && code.kind == MethodKind::Class
            {
                let this = Rc::new(owner.clone());
                return Ok(Value::constant(Data::Bound(Rc::clone(code), this)));
            }
            return Ok(self
                .tainted(id, &key, value, expr)
                .named()
                .decided_by(&owner.reads));
        }
        match kind {
            Kind::Dict | Kind::List => Ok(Value::constant(Data::Method(
                Rc::new(owner.clone()),
                name.into(),
            ))),
            Kind::Module(file) => Ok(match self.submodule(file, name) {
                Some(module) => Value::constant(Data::Object(module)),
                None => self.unknown(expr),
            }),
            Kind::Class(info) => self.inherited(owner, &info, name, false, expr),
            Kind::Instance(class) => match self.class_info(class) {
                Some(info) => self.inherited(owner, &info, name, true, expr),
                None => Ok(self.unknown(expr)),
            },
            Kind::Made(_) => Ok(Value::constant(Data::Method(
                Rc::new(owner.clone()),
                name.into(),
            ))),
            Kind::Scope => Ok(self.unknown(expr)),
        }
    }

    /// Remembers that a field is read which is no code, and so may be written.
    pub(super) fn watch_value(&mut self, name: &str, value: &Value<'a>) {
        let code = match &value.data {
            Data::Function(_) | Data::External(_) => true,
            Data::Object(id) => {
                matches!(self.heap.object(*id).kind, Kind::Class(_) | Kind::Module(_))
            }
            _ => false,
        };
        if !code {
            self.watch(name);
        }
    }

    /// Remembers that a field or a key is read.
    pub(super) fn watch(&mut self, name: &str) {
        if !self.state.flat && !self.outcome.attributes.contains(name) {
            self.outcome.attributes.insert(name.into());
        }
    }

    /// Returns what a class, or an instance through its class, has by a name.
    fn inherited(
        &mut self,
        owner: &Value<'a>,
        info: &Rc<ClassInfo>,
        name: &str,
        instance: bool,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let key = Key::from(name);
        if let (true, Some(reason)) = (
            instance,
            owner
                .object()
                .and_then(|id| self.heap.object(id).open.clone()),
        ) {
            let method = info.mro.iter().any(|&class| {
                self.heap
                    .field(class, &key)
                    .is_some_and(|value| matches!(value.data, Data::Function(_)))
            });
            if !method {
                self.doubts += 1;
                return Ok(Value::constant(Data::Unknown(reason)));
            }
        }
        for &class in &info.mro {
            let Some(value) = self.heap.field(class, &key).cloned() else {
                continue;
            };
            self.watch(name);
            let value = self.tainted(class, &key, value, expr);
            let Data::Function(code) = &value.data else {
                return Ok(value.named());
            };
            return match (code.kind, instance) {
                (MethodKind::Property, true) => {
                    let code = Rc::clone(code);
                    self.call_function(&code, Some(owner.clone()), Arguments::default(), expr)
                }
                (MethodKind::Static, _) | (MethodKind::Plain, false) => Ok(value),
                (MethodKind::Class, _) => {
                    let class = Value::constant(Data::Object(info.mro[0]));
                    Ok(Value::constant(Data::Bound(
                        Rc::clone(code),
                        Rc::new(class),
                    )))
                }
                (MethodKind::Plain, true) => {
                    let this = Rc::new(owner.clone());
                    Ok(Value::constant(Data::Bound(Rc::clone(code), this)))
                }
                (MethodKind::Property, false) => Ok(self.unknown(expr)),
            };
        }
        if name == "model_dump" || name == "dict" || name == "model_copy" {
            return Ok(self.unknown(expr));
        }
        if info.external.iter().any(|base| library::engine_base(base)) {
            return Ok(Value::constant(Data::Method(
                Rc::new(owner.clone()),
                name.into(),
            )));
        }
        Ok(self.unknown(expr))
    }

    /// Makes an instance of a class of the project.
    pub(super) fn instantiate(
        &mut self,
        class: Id,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let Some(info) = self.class_info(class) else {
            return Ok(self.unknown(expr));
        };
        if let Some(base) = info.external.iter().find(|base| library::engine_base(base)) {
            let base = Rc::clone(base);
            let before = self.outcome.records.len();
            let engine = self.call_external(&base, arguments, expr);
            self.note_hooks(&info, before);
            return engine;
        }
        let id = self
            .heap
            .make(Kind::Instance(class), Some(self.place(expr)));
        let this = Value::constant(Data::Object(id));
        let enumeration = info.external.iter().any(|base| base.starts_with("enum."));
        if info.unknown_base || enumeration || self.method_of(&info, "__new__").is_some() {
            let reason = self.reason(expr);
            self.heap.open(id, Some(reason));
            self.doubts += 1;
        }
        let init = self.method_of(&info, "__init__");
        if let Some(kind) = self.model_kind(&info) {
            if init.is_some() {
                let reason = self.reason(expr);
                self.heap.open(id, Some(reason));
                return Ok(this);
            }
            self.fill_model(id, &info, kind, &arguments, expr)?;
            return Ok(this);
        }
        if !info.external.is_empty() {
            let reason = self.reason(expr);
            self.heap.open(id, Some(reason));
            self.doubts += 1;
        }
        match init {
            Some(init) => {
                self.call_function(&init, Some(this.clone()), arguments, expr)?;
            }
            None if info.dataclass => self.fill_dataclass(id, &info, &arguments, expr)?,
            None => {}
        }
        if let Some(post) = self.method_of(&info, "__post_init__") {
            self.call_function(&post, Some(this.clone()), Arguments::default(), expr)?;
        }
        Ok(this)
    }

    /// Returns a method that a class of the project defines.
    pub(super) fn method_of(
        &self,
        info: &ClassInfo,
        name: &str,
    ) -> Option<Rc<crate::inputs::python::value::Function<'a>>> {
        let key = Key::from(name);
        info.mro.iter().find_map(|&class| {
            match self.heap.field(class, &key).map(|value| &value.data) {
                Some(Data::Function(function)) => Some(Rc::clone(function)),
                _ => None,
            }
        })
    }

    /// Gives a dataclass's instance its fields.
    fn fill_dataclass(
        &mut self,
        id: Id,
        info: &Rc<ClassInfo>,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Result<(), Raised> {
        let mut position = 0;
        for (class, name, _) in self.fields_of(info) {
            let key = Key::Name(Rc::clone(&name));
            let default = self.heap.field(class, &key).cloned();
            let given = arguments.get(position, &name).cloned();
            position += 1;
            let value = match (given, default) {
                (Some(value), _) => value.named(),
                (None, Some(value)) if !arguments.is_open() => self.field_default(&value, expr)?,
                _ => self.unknown(expr),
            };
            self.heap.set(id, key, Some(value));
        }
        Ok(())
    }

    /// Returns the default that a field's declaration gives.
    pub(super) fn field_default(&mut self, value: &Value<'a>, expr: &'a Expr) -> Evaluated<'a> {
        let Some(id) = value.object() else {
            return Ok(value.clone().named());
        };
        if !matches!(&self.heap.object(id).kind, Kind::Made(name) if library::is_field(name)) {
            return Ok(value.clone().named());
        }
        if let Some(default) = self.heap.field(id, &Key::from("default")).cloned() {
            return Ok(default.named());
        }
        for factory in ["default_factory", "factory"] {
            if let Some(factory) = self.heap.field(id, &Key::from(factory)).cloned() {
                return self.apply(&factory, Arguments::default(), expr);
            }
        }
        match self.heap.field(id, &Key::Int(0)).cloned() {
            Some(default) => Ok(default.named()),
            None => Ok(self.unknown(expr)),
        }
    }

    /// Returns the annotated fields of a class and its bases: class, name, annotation.
    pub(super) fn fields_of(&self, info: &ClassInfo) -> Vec<(Id, Rc<str>, &'a Expr)> {
        let mut fields: Vec<(Id, Rc<str>, &'a Expr)> = Vec::new();
        for &class in info.mro.iter().rev() {
            let Some(site) = self.heap.object(class).site else {
                continue;
            };
            let Some(def) = self.modules.class_at(site) else {
                continue;
            };
            for statement in &def.body {
                if let Stmt::AnnAssign(field) = statement
                    && let Expr::Name(name) = &*field.target
                {
                    let name: Rc<str> = name.id.as_str().into();
                    if super::shown(&field.annotation).starts_with("ClassVar") {
                        continue;
                    }
                    match fields.iter_mut().find(|(_, known, _)| *known == name) {
                        Some(known) => *known = (class, name, &field.annotation),
                        None => fields.push((class, name, &field.annotation)),
                    }
                }
            }
        }
        fields
    }

    /// Makes an instance about which no call of its class tells.
    pub(super) fn blank_instance(&mut self, class: Id) -> Value<'a> {
        let Some(info) = self.class_info(class) else {
            return Value::constant(Data::Unknown("`self`".into()));
        };
        let site = self.heap.object(class).site;
        let id = self.heap.make(Kind::Instance(class), site);
        let this = Value::constant(Data::Object(id));
        let reason = match site {
            Some(site) => self.reason_at(site.file, &format!("{}()", info.name), site.offset),
            None => "`self`".into(),
        };
        if info.dataclass || !info.external.is_empty() || info.unknown_base {
            self.heap.open(id, Some(reason));
            return this;
        }
        if let Some(init) = self.method_of(&info, "__init__")
            && let Code::Def(_) = init.code
        {
            // Run as code that is reached: what is merely looked into leaves branches out.
            let steps = self.state.steps;
            self.run_method_blank(&init, this.clone());
            self.state.steps = steps;
        }
        this
    }
}
