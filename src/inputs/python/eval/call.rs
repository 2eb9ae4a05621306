//! Calls, and the functions of the project that they run.

use std::rc::Rc;

use ruff_python_ast::{Expr, ExprCall, Parameters, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::{DEPTH, Evaluated, Evaluator, Flow, Frame, Raised};
use crate::facts::Role;
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Code, Data, Function, Id, MethodKind, Place, Value};

/// How many expressions are looked at in a call of a function that makes no engine itself.
const CALL_STEPS: usize = 5_000;

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments<'a> {
    pub(super) positional: Vec<Value<'a>>,
    /// Why there may be further positional ones.
    pub(super) open_positional: Option<Rc<str>>,
    pub(super) keywords: Vec<(Rc<str>, Value<'a>)>,
    /// Why there may be further keywords.
    pub(super) open: Option<Rc<str>>,
}

impl<'a> Arguments<'a> {
    /// Returns a keyword's value.
    pub(super) fn keyword(&self, name: &str) -> Option<&Value<'a>> {
        self.keywords
            .iter()
            .rev()
            .find(|(keyword, _)| &**keyword == name)
            .map(|(_, value)| value)
    }

    /// Returns an argument by its position or its name.
    pub(super) fn get(&self, position: usize, name: &str) -> Option<&Value<'a>> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    /// Returns whether there may be arguments that are not known.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some() || self.open_positional.is_some()
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall, expr: &'a Expr) -> Evaluated<'a> {
        let function = self.eval(&call.func)?;
        let mut arguments = self.arguments(call)?;
        if let Expr::Attribute(attribute) = &*call.func
            && attribute.attr.as_str() == "run_in_executor"
            && arguments.positional.len() > 1
        {
            arguments.positional.remove(0);
            return self.call_first(arguments, expr);
        }
        self.apply(&function, arguments, expr)
    }

    fn arguments(&mut self, call: &'a ExprCall) -> Result<Arguments<'a>, Raised> {
        let mut arguments = Arguments::default();
        for argument in &call.arguments.args {
            if let Expr::Starred(starred) = argument {
                let value = self.eval(&starred.value)?;
                match self.items(&value) {
                    Some(items) if arguments.open_positional.is_none() => {
                        arguments
                            .positional
                            .extend(items.into_iter().map(Value::named));
                    }
                    _ => arguments.open_positional = Some(self.reason(argument)),
                }
                continue;
            }
            let mut value = self.eval(argument)?;
            value.place = Some(self.place(argument));
            if arguments.open_positional.is_none() {
                arguments.positional.push(value);
            }
        }
        for keyword in &call.arguments.keywords {
            let mut value = self.eval(&keyword.value)?;
            match &keyword.arg {
                Some(name) => {
                    value.place = Some(self.place(keyword));
                    arguments.keywords.push((name.id.as_str().into(), value));
                }
                None => self.splat(&value, &keyword.value, &mut arguments),
            }
        }
        Ok(arguments)
    }

    /// Adds the entries of `**mapping`.
    fn splat(&mut self, value: &Value<'a>, expr: &'a Expr, arguments: &mut Arguments<'a>) {
        let mapping = value
            .object()
            .filter(|&id| matches!(self.heap.object(id).kind, Kind::Dict));
        let Some(id) = mapping else {
            self.doubts += 1;
            arguments.open = Some(match &value.data {
                Data::Unknown(reason) => Rc::clone(reason),
                _ => self.reason(expr),
            });
            return;
        };
        let direct = expr.is_dict_expr();
        arguments.open = arguments
            .open
            .take()
            .or_else(|| self.heap.object(id).open.clone());
        let fields: Vec<(Key, Value<'a>)> = self
            .heap
            .object(id)
            .fields
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, field) in fields {
            let Key::Name(name) = &key else {
                continue;
            };
            let mut field = self.tainted(id, &key, field, expr).decided_by(&value.reads);
            if !direct {
                field = field.named();
            }
            if field.place.is_none_or(|place| place.file != self.file()) {
                field.place = Some(self.place(expr));
            }
            arguments.keywords.push((Rc::clone(name), field));
        }
    }

    /// Calls a value.
    pub(super) fn apply(
        &mut self,
        function: &Value<'a>,
        mut arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        match &function.data {
            Data::External(name) => {
                let name = Rc::clone(name);
                self.call_external(&name, arguments, expr)
            }
            Data::Function(code) => {
                let code = Rc::clone(code);
                self.call_function(&code, None, arguments, expr)
            }
            Data::Bound(code, this) => {
                let (code, this) = (Rc::clone(code), (**this).clone());
                self.call_function(&code, Some(this), arguments, expr)
            }
            Data::Method(owner, name) => {
                let (owner, name) = ((**owner).clone(), Rc::clone(name));
                self.call_method(&owner, &name, arguments, expr)
            }
            Data::Partial(partial) => {
                let (function, positional, keywords) = &**partial;
                let mut all = Arguments {
                    positional: positional.clone(),
                    keywords: keywords.clone(),
                    ..Arguments::default()
                };
                all.positional.append(&mut arguments.positional);
                all.keywords
                    .retain(|(name, _)| arguments.keyword(name).is_none());
                all.keywords.append(&mut arguments.keywords);
                all.open = arguments.open;
                all.open_positional = arguments.open_positional;
                let function = function.clone();
                self.apply(&function, all, expr)
            }
            Data::Object(id) => {
                let id = *id;
                match &self.heap.object(id).kind {
                    Kind::Class(_) => self.instantiate(id, arguments, expr),
                    Kind::Made(_) => self.call_made(id, arguments, expr),
                    _ => Ok(self.call_unknown(function, &arguments, expr)),
                }
            }
            _ => Ok(self.call_unknown(function, &arguments, expr)),
        }
    }

    /// Calls something that is not known: it may change every dict and list that it is given.
    pub(super) fn call_unknown(
        &mut self,
        function: &Value<'a>,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        let reason = self.reason(expr);
        let given = arguments
            .positional
            .iter()
            .chain(arguments.keywords.iter().map(|(_, v)| v));
        let objects: Vec<Id> = given.filter_map(Value::object).collect();
        for id in objects {
            if matches!(self.heap.object(id).kind, Kind::Dict | Kind::List) {
                self.heap.forget(id, &reason);
            }
        }
        let mut result = self.unknown(expr).decided_by(&function.reads);
        for value in &arguments.positional {
            result = result.made_of(value);
        }
        result
    }

    /// Defines a function.
    pub(super) fn define(&mut self, def: &'a StmtFunctionDef) -> Result<(), Raised> {
        let mut transparent = true;
        let mut kind = MethodKind::Plain;
        for decorator in &def.decorator_list {
            let name = super::shown(&decorator.expression);
            let name = name.split('(').next().unwrap_or("");
            match name.rsplit('.').next().unwrap_or(name) {
                "property" | "cached_property" | "computed_field" => kind = MethodKind::Property,
                "staticmethod" => kind = MethodKind::Static,
                "classmethod" => kind = MethodKind::Class,
                "lru_cache" | "cache" | "wraps" | "override" | "overload" | "final" | "inject"
                | "typechecked" | "fixture" | "no_type_check" => {}
                _ => transparent = false,
            }
            self.eval(&decorator.expression)?;
        }
        let mut defaults = Vec::new();
        for parameter in def.parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                let value = self.eval(default)?;
                defaults.push((Rc::from(parameter.parameter.name.as_str()), value));
            }
        }
        let mut function = self.function(Code::Def(def), defaults, transparent);
        if let Some(code) = Rc::get_mut(&mut function) {
            code.kind = kind;
        }
        let (start, end) = (def.start().into(), def.end().into());
        let worth = self.interesting(start, end)
            || self.root_role == Role::App && self.changes_things(start, end);
        if worth && self.state.shadow == 0 && self.state.muted == 0 {
            self.pending.push(Rc::clone(&function));
        }
        let value = Value::constant(Data::Function(function));
        if let Some(scope) = self.scope_of(&def.name.id) {
            self.write(scope, Key::from(def.name.id.as_str()), Some(value));
        }
        Ok(())
    }

    /// Makes a function of the current scopes.
    pub(super) fn function(
        &self,
        code: Code<'a>,
        defaults: Vec<(Rc<str>, Value<'a>)>,
        transparent: bool,
    ) -> Rc<Function<'a>> {
        let scopes: Vec<Id> = self.frames.last().map_or_else(Vec::new, |frame| {
            let classes = |id: &&Id| !matches!(self.heap.object(**id).kind, Kind::Class(_));
            frame.scopes.iter().filter(classes).copied().collect()
        });
        let class = self
            .scope()
            .filter(|&scope| matches!(self.heap.object(scope).kind, Kind::Class(_)));
        Rc::new(Function {
            file: self.file(),
            code,
            scopes: scopes.into(),
            defaults,
            class,
            transparent,
            kind: MethodKind::Plain,
        })
    }

    /// Calls a function of the project by running its code.
    pub(super) fn call_function(
        &mut self,
        function: &Rc<Function<'a>>,
        this: Option<Value<'a>>,
        arguments: Arguments<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let site = site_of(function);
        let running = self.frames.len() >= DEPTH / 4
            || self
                .frames
                .iter()
                .filter(|frame| frame.running == Some(site))
                .count()
                > 1;
        if self.state.flat {
            self.taint_given(&arguments);
        }
        let makes = self.makes_engines(function);
        let passed_by = self.state.looping > 0 && !makes;
        if passed_by {
            self.forget_written(function, this.as_ref());
        }
        if running || self.state.flat || passed_by {
            let value = Value::constant(Data::Unknown(self.reason(expr)));
            return Ok(self.call_unknown(&value, &arguments, expr));
        }
        if self.state.shadow == 0
            && self.state.muted == 0
            && (self.root_role == Role::App || self.modules.role(function.file) != Role::App)
        {
            self.called.insert(site);
        }
        let reads = arguments.positional.iter().fold(None, |reads, value| {
            crate::inputs::python::value::union(&reads, &value.reads)
        });
        let limit = self.state.limit;
        if !makes {
            self.state.limit = limit.min(self.state.steps + CALL_STEPS);
        }
        let result = self.run_function(function, this, Some((arguments, expr)));
        self.state.limit = limit;
        let result = result?;
        if !function.transparent {
            return Ok(self.unknown(expr).decided_by(&reads));
        }
        Ok(result)
    }

    /// Runs a function for itself: its parameters are not known.
    pub(super) fn run_root(&mut self, function: &Rc<Function<'a>>) {
        let this = function
            .class
            .filter(|_| function.kind != MethodKind::Static)
            .map(|class| {
                if function.kind == MethodKind::Class {
                    Value::constant(Data::Object(class))
                } else {
                    self.blank_instance(class)
                }
            });
        self.fresh.clear();
        let before = this
            .as_ref()
            .and_then(Value::object)
            .map(|id| self.heap.object(id).clone());
        let _ = self.run_function(function, this.clone(), None);
        let is_init = matches!(function.code, Code::Def(def) if def.name.id.as_str() == "__init__");
        if let (Some(before), Some(id), false) =
            (before, this.as_ref().and_then(Value::object), is_init)
        {
            self.taint_instances(id, &before);
        }
    }

    /// Notes the fields that a method changes: it may have run on any instance.
    fn taint_instances(&mut self, id: Id, before: &crate::inputs::python::heap::Object<'a>) {
        let after = self.heap.object(id).clone();
        let Some(site) = after.site else {
            return;
        };
        if self.root_role != Role::App {
            return;
        }
        for (key, value) in &after.fields {
            let same = before
                .fields
                .get(key)
                .is_some_and(|old| self.alike(old, value, 4));
            if !same {
                self.outcome.taints.insert((site, key.clone()));
            }
        }
    }

    /// Notes that a function which is not followed may change what it is given.
    fn taint_given(&mut self, arguments: &Arguments<'a>) {
        let given: Vec<Id> = arguments
            .positional
            .iter()
            .filter_map(Value::object)
            .collect();
        for id in given {
            let object = self.heap.object(id);
            let plain = matches!(object.kind, Kind::Dict | Kind::List) && id < self.floor;
            if let (Some(site), true, Role::App) = (object.site, plain, self.root_role) {
                let keys: Vec<Key> = object.fields.keys().cloned().collect();
                self.outcome
                    .taints
                    .extend(keys.into_iter().map(|key| (site, key)));
            }
        }
    }

    /// Runs a function with unknown parameters, whatever it does.
    pub(super) fn run_blank(&mut self, function: &Rc<Function<'a>>, this: Value<'a>) {
        let _ = self.run_function(function, Some(this), None);
    }

    /// Runs a function's code and returns what it returns.
    fn run_function(
        &mut self,
        function: &Rc<Function<'a>>,
        this: Option<Value<'a>>,
        call: Option<(Arguments<'a>, &'a Expr)>,
    ) -> Evaluated<'a> {
        let looping = std::mem::take(&mut self.state.looping);
        let result = self.run_code(function, this, call);
        self.state.looping = looping;
        result
    }

    fn run_code(
        &mut self,
        function: &Rc<Function<'a>>,
        this: Option<Value<'a>>,
        call: Option<(Arguments<'a>, &'a Expr)>,
    ) -> Evaluated<'a> {
        let scope = self.heap.make(Kind::Scope, None);
        let is_root = call.is_none();
        let parameters: Option<&'a Parameters> = match function.code {
            Code::Def(def) => Some(&def.parameters),
            Code::Lambda(lambda) => lambda.parameters.as_deref(),
        };
        if let Some(parameters) = parameters {
            self.bind(function, parameters, scope, this.clone(), call);
        }
        let mut scopes: Vec<Id> = function.scopes.to_vec();
        scopes.push(scope);
        let class = function.class.map(|class| (class, this));
        self.frames.push(Frame {
            scopes: scopes.into(),
            class,
            running: Some(site_of(function)),
            is_root,
            has_parameters: parameters.is_some_and(|parameters| !parameters.is_empty()),
            code: Some(function.code),
            ..Frame::new(function.file)
        });
        match function.code {
            Code::Lambda(lambda) => {
                let result = self.eval(&lambda.body);
                self.frames.pop();
                result
            }
            Code::Def(def) => {
                let flow = self.block(&def.body);
                self.finish(def, flow)
            }
        }
    }

    /// Joins the ways in which a function ended.
    fn finish(&mut self, def: &'a StmtFunctionDef, flow: Flow) -> Evaluated<'a> {
        let Some(frame) = self.frames.pop() else {
            return Ok(Value::constant(Data::None));
        };
        let why = self.reason_at(frame.file, &format!("{}()", def.name), def.start().into());
        for (mark, writes) in frame.exits.iter().rev() {
            self.heap.join_exit(*mark, writes, &why);
        }
        let mut returns = frame.returns.into_iter();
        if flow == Flow::Raise && returns.len() == 0 {
            if self.state.guarded > 0 {
                return Err(self.raised.take().unwrap_or(Raised("Exception".into())));
            }
            self.doubts += 1;
            return Ok(Value::constant(Data::Unknown(why)));
        }
        let none = (flow == Flow::Next).then(|| Value::constant(Data::None));
        let Some(first) = returns.next().or_else(|| none.clone()) else {
            return Ok(Value::constant(Data::None));
        };
        let mut result = first;
        for value in returns.chain(none) {
            let same = self.alike(&result, &value, 4);
            result = result.made_of(&value);
            if !same {
                self.doubts += 1;
                result.data = Data::Unknown(Rc::clone(&why));
            }
        }
        Ok(result)
    }

    /// Gives a function's parameters their values.
    fn bind(
        &mut self,
        function: &Rc<Function<'a>>,
        parameters: &'a Parameters,
        scope: Id,
        this: Option<Value<'a>>,
        call: Option<(Arguments<'a>, &'a Expr)>,
    ) {
        let is_root = call.is_none();
        let (mut arguments, _) = match call {
            Some((arguments, expr)) => (arguments, Some(expr)),
            None => (Arguments::default(), None),
        };
        if let Some(this) = this
            && function.kind != MethodKind::Static
        {
            arguments.positional.insert(0, this);
        }
        let mut positional = arguments.positional.into_iter();
        let by_position = parameters.posonlyargs.len() + parameters.args.len();
        for (index, parameter) in parameters.iter_non_variadic_params().enumerate() {
            let name: Rc<str> = parameter.parameter.name.as_str().into();
            let from_position = if index < by_position {
                positional.next()
            } else {
                None
            };
            let keyword = arguments
                .keywords
                .iter()
                .position(|(keyword, _)| *keyword == name);
            let given = from_position.or_else(|| keyword.map(|at| arguments.keywords.remove(at).1));
            let default = function.defaults.iter().find(|(known, _)| *known == name);
            let reason = || {
                let offset = parameter.parameter.start().into();
                self.reason_at(function.file, &name, offset)
            };
            let value = match given {
                Some(value) => value.named(),
                None if is_root => match default {
                    Some((_, value)) if self.is_depends(value) => self.depends(value),
                    _ => Value::constant(Data::Unknown(reason())),
                },
                None => match (&arguments.open, &arguments.open_positional, default) {
                    (None, None, Some((_, value))) => value.clone().named(),
                    _ => Value::constant(Data::Unknown(reason())),
                },
            };
            self.heap.set(scope, Key::Name(name), Some(value));
        }
        if let Some(vararg) = &parameters.vararg {
            let rest: Vec<Value<'a>> = positional.collect();
            let reason = self.reason_at(function.file, &vararg.name, vararg.start().into());
            let known = !is_root && arguments.open_positional.is_none();
            let data = if known {
                Data::Tuple(rest.into())
            } else {
                Data::Unknown(reason)
            };
            self.heap.set(
                scope,
                Key::from(vararg.name.as_str()),
                Some(Value::constant(data)),
            );
        }
        if let Some(kwarg) = &parameters.kwarg {
            let place = Place {
                file: function.file,
                offset: kwarg.start().into(),
            };
            let id = self.heap.make(Kind::Dict, Some(place));
            for (name, value) in arguments.keywords {
                self.heap.set(id, Key::Name(name), Some(value.named()));
            }
            let reason = self.reason_at(
                function.file,
                &format!("**{}", kwarg.name),
                kwarg.start().into(),
            );
            if is_root || arguments.open.is_some() {
                self.heap.open(id, Some(arguments.open.unwrap_or(reason)));
            }
            let value = Value::constant(Data::Object(id));
            self.heap
                .set(scope, Key::from(kwarg.name.as_str()), Some(value));
        }
    }

    /// Returns whether a default is `FastAPI`'s `Depends(function)`.
    fn is_depends(&self, value: &Value<'a>) -> bool {
        value.object().is_some_and(|id| {
            matches!(&self.heap.object(id).kind, Kind::Made(name) if name.ends_with(".Depends"))
        })
    }

    /// Returns what `FastAPI` passes for `Depends(function)`.
    fn depends(&mut self, value: &Value<'a>) -> Value<'a> {
        let function = value
            .object()
            .and_then(|id| self.heap.field(id, &Key::Int(0)).cloned());
        let unknown = Value::constant(Data::Unknown("`Depends(…)`".into()));
        match function.map(|value| value.data) {
            Some(Data::Function(function)) if function.defaults.is_empty() => {
                let plain = match function.code {
                    Code::Def(def) => def.parameters.is_empty() && function.transparent,
                    Code::Lambda(_) => false,
                };
                if !plain {
                    return unknown;
                }
                self.run_function(&function, None, None).unwrap_or(unknown)
            }
            _ => unknown,
        }
    }
}

/// Returns where a function's code stands.
pub(super) fn site_of(function: &Function<'_>) -> Place {
    let offset = match function.code {
        Code::Def(def) => def.start(),
        Code::Lambda(lambda) => lambda.start(),
    };
    Place {
        file: function.file,
        offset: offset.into(),
    }
}
