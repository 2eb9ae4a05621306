//! Expressions.

use std::rc::Rc;

use ruff_python_ast::{
    BoolOp, Comprehension, Expr, ExprBoolOp, ExprDict, ExprFString, ExprIf, ExprSubscript,
    FStringPart, InterpolatedStringElement, Number,
};
use ruff_text_size::Ranged;

use super::{ALL_STEPS, DEPTH, Evaluated, Evaluator};
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Code, Data, How, Id, Value};

impl<'a> Evaluator<'a> {
    /// Evaluates an expression.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Evaluated<'a> {
        self.state.steps += 1;
        self.all_steps += 1;
        if self.state.steps > self.state.limit
            || self.all_steps > ALL_STEPS
            || self.state.depth > DEPTH
        {
            return Ok(self.unknown(expr));
        }
        self.state.depth += 1;
        let value = self.eval_inner(expr);
        self.state.depth -= 1;
        value
    }

    fn eval_inner(&mut self, expr: &'a Expr) -> Evaluated<'a> {
        Ok(match expr {
            Expr::NoneLiteral(_) => Value::literal(Data::None),
            Expr::BooleanLiteral(literal) => Value::literal(Data::Bool(literal.value)),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => match number.as_i64() {
                    Some(number) => Value::literal(Data::Int(number)),
                    None => self.unknown(expr),
                },
                Number::Float(number) => Value::literal(Data::Float(*number)),
                Number::Complex { .. } => self.unknown(expr),
            },
            Expr::StringLiteral(literal) => {
                Value::literal(Data::Str(literal.value.to_str().into()))
            }
            Expr::FString(text) => return self.f_string(text, expr),
            Expr::Name(name) => self.name(&name.id, expr),
            Expr::Attribute(attribute) => {
                let owner = self.eval(&attribute.value)?;
                return self.attribute(&owner, attribute.attr.as_str(), expr);
            }
            Expr::Subscript(subscript) => return self.subscript(subscript, expr),
            Expr::Call(call) => return self.call(call, expr),
            Expr::Dict(dict) => self.dict(dict, expr)?,
            Expr::List(list) => self.list(&list.elts, expr)?,
            Expr::Tuple(tuple) => {
                if tuple.elts.iter().any(Expr::is_starred_expr) {
                    return Ok(self.unknown(expr));
                }
                let items = self.eval_all(&tuple.elts)?;
                Value::literal(Data::Tuple(items.into()))
            }
            Expr::BoolOp(operation) => return self.bool_op(operation, expr),
            Expr::UnaryOp(unary) => {
                let operand = self.eval(&unary.operand)?;
                self.unary(unary.op, &operand, expr)
            }
            Expr::BinOp(operation) => {
                let left = self.eval(&operation.left)?;
                let right = self.eval(&operation.right)?;
                return self.binary(&left, operation.op, &right, expr);
            }
            Expr::Compare(compare) => return self.compare(compare, expr),
            Expr::If(choice) => return self.choice(choice, expr),
            Expr::Named(named) => {
                let value = self.eval(&named.value)?;
                self.assign(&named.target, value.clone())?;
                value
            }
            Expr::Await(wait) => return self.eval(&wait.value),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::DictComp(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::Generator(_) => {
                return self.comprehension(expr);
            }
            Expr::Starred(starred) => {
                self.eval(&starred.value)?;
                self.unknown(expr)
            }
            Expr::Set(set) => {
                self.eval_all(&set.elts)?;
                self.unknown(expr)
            }
            Expr::Yield(give) => {
                if let Some(value) = &give.value {
                    self.eval(value)?;
                }
                self.unknown(expr)
            }
            Expr::YieldFrom(give) => {
                self.eval(&give.value)?;
                self.unknown(expr)
            }
            Expr::TString(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::Slice(_)
            | Expr::IpyEscapeCommand(_) => self.unknown(expr),
        })
    }

    /// Evaluates expressions in their order.
    pub(super) fn eval_all(&mut self, exprs: &'a [Expr]) -> Result<Vec<Value<'a>>, super::Raised> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    /// Looks a name up.
    fn name(&mut self, name: &str, expr: &'a Expr) -> Value<'a> {
        let Some(frame) = self.frames.last() else {
            return self.unknown(expr);
        };
        let scopes = Rc::clone(&frame.scopes);
        let key = Key::from(name);
        for &scope in scopes.iter().rev() {
            if let Some(value) = self.settled(scope, &key) {
                return self.tainted(scope, &key, value, expr).named();
            }
            if let Some(reason) = self.heap.object(scope).open.clone() {
                self.doubts += 1;
                return Value::constant(Data::Unknown(reason));
            }
        }
        if let Some(star) = self.star_origin(name) {
            return Value::constant(Data::External(star));
        }
        if super::library::is_builtin(name) {
            return Value::constant(Data::External(format!("builtins.{name}").into()));
        }
        self.unknown(expr)
    }

    /// Replaces a field that code which may run at any time changes.
    pub(super) fn tainted(
        &mut self,
        id: Id,
        key: &Key,
        value: Value<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        if self.taints.is_empty() || self.fresh.contains(&(id, key.clone())) {
            return value;
        }
        let object = self.heap.object(id);
        let mut sites = vec![object.site];
        if let Kind::Instance(class) = object.kind
            && let Some(info) = self.class_info(class)
        {
            sites.extend(info.mro.iter().map(|&class| self.heap.object(class).site));
        }
        let changed = sites
            .into_iter()
            .flatten()
            .any(|site| self.taints.contains(&(site, key.clone())));
        if changed {
            let unknown = self.unknown(expr);
            return unknown.made_of(&value);
        }
        value
    }

    fn f_string(&mut self, text: &'a ExprFString, expr: &'a Expr) -> Evaluated<'a> {
        let mut whole = Value::literal(Data::Str("".into()));
        for part in text.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => {
                    whole = self.append(
                        &whole,
                        &Value::literal(Data::Str(literal.value.as_ref().into())),
                        expr,
                    );
                }
                FStringPart::FString(formatted) => {
                    for element in &formatted.elements {
                        let part = match element {
                            InterpolatedStringElement::Literal(literal) => {
                                Value::literal(Data::Str(literal.value.as_ref().into()))
                            }
                            InterpolatedStringElement::Interpolation(inner) => {
                                let value = self.eval(&inner.expression)?;
                                let plain = inner.format_spec.is_none()
                                    && inner.debug_text.is_none()
                                    && inner.conversion.to_byte().is_none_or(|byte| byte == b's');
                                match value.display() {
                                    Some(text) if plain => value.with(Data::Str(text.into())),
                                    _ if matches!(value.data, Data::Prefix(..)) && plain => value,
                                    _ => self.unknown(&inner.expression).made_of(&value),
                                }
                            }
                        };
                        whole = self.append(&whole, &part, expr);
                    }
                }
            }
        }
        Ok(whole)
    }

    /// Appends a text to a text, as far as both are known.
    pub(super) fn append(
        &mut self,
        left: &Value<'a>,
        right: &Value<'a>,
        expr: &'a Expr,
    ) -> Value<'a> {
        let data = match (&left.data, &right.data) {
            (Data::Str(a), Data::Str(b)) => Data::Str(format!("{a}{b}").into()),
            (Data::Str(a), Data::Prefix(b, why)) => {
                Data::Prefix(format!("{a}{b}").into(), Rc::clone(why))
            }
            (Data::Prefix(..), _) => left.data.clone(),
            (Data::Str(a), _) if !a.is_empty() => Data::Prefix(Rc::clone(a), self.reason(expr)),
            _ => Data::Unknown(self.reason(expr)),
        };
        if !matches!(data, Data::Str(_)) {
            self.doubts += 1;
        }
        let starts = left.how.variable().is_none() && left.as_str().is_some_and(|a| !a.is_empty());
        let mut whole = left.with(data).made_of(right);
        whole.composed |= right.composed || starts && right.how.variable().is_some();
        whole
    }

    fn dict(&mut self, dict: &'a ExprDict, expr: &'a Expr) -> Evaluated<'a> {
        let id = self.heap.make(Kind::Dict, Some(self.place(expr)));
        for item in &dict.items {
            let mut value = self.eval(&item.value)?;
            match &item.key {
                Some(key_expr) => {
                    let key = self.eval(key_expr)?;
                    value.place = Some(self.place(key_expr));
                    if let Some(key) = Key::of(&key) {
                        self.heap.set(id, key, Some(value));
                    } else {
                        let reason = self.reason(key_expr);
                        self.heap.forget(id, &reason);
                    }
                }
                None => self.update(id, &value, &item.value),
            }
        }
        Ok(Value::literal(Data::Object(id)))
    }

    /// Copies a mapping's entries into a dict.
    pub(super) fn update(&mut self, id: Id, from: &Value<'a>, expr: &'a Expr) {
        let source = from
            .object()
            .filter(|&source| matches!(self.heap.object(source).kind, Kind::Dict));
        let Some(source) = source else {
            if matches!(from.data, Data::None) {
                return;
            }
            self.doubts += 1;
            let reason = self.reason(expr);
            self.heap.forget(id, &reason);
            return;
        };
        if let Some(reason) = self.heap.object(source).open.clone() {
            self.heap.forget(id, &reason);
        }
        let fields: Vec<(Key, Value<'a>)> = self
            .heap
            .object(source)
            .fields
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in fields {
            let value = self.tainted(source, &key, value, expr).named();
            let value = value.decided_by(&self.state.decisions);
            self.write(id, key, Some(value));
        }
    }

    fn list(&mut self, elements: &'a [Expr], expr: &'a Expr) -> Evaluated<'a> {
        let items = self.eval_all(elements)?;
        let id = self.make_list(items, expr);
        if elements.iter().any(Expr::is_starred_expr) {
            let reason = self.reason(expr);
            self.heap.forget(id, &reason);
        }
        Ok(Value::literal(Data::Object(id)))
    }

    /// Makes a list.
    pub(super) fn make_list(&mut self, items: Vec<Value<'a>>, expr: &'a Expr) -> Id {
        let id = self.heap.make(Kind::List, Some(self.place(expr)));
        for (index, item) in (0_i64..).zip(items) {
            self.heap.set(id, Key::Int(index), Some(item));
        }
        id
    }

    /// Returns the items of a collection, where they are all known.
    pub(super) fn items(&self, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
        match &value.data {
            Data::Tuple(items) => Some(items.to_vec()),
            Data::Object(id) => {
                let object = self.heap.object(*id);
                if object.open.is_some() {
                    return None;
                }
                match object.kind {
                    Kind::List => Some(object.fields.values().cloned().collect()),
                    Kind::Dict => object
                        .fields
                        .keys()
                        .map(|key| match key {
                            Key::Name(name) => Some(Value::constant(Data::Str(Rc::clone(name)))),
                            Key::Int(number) => Some(Value::constant(Data::Int(*number))),
                            Key::Other(_) => None,
                        })
                        .collect(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn subscript(&mut self, subscript: &'a ExprSubscript, expr: &'a Expr) -> Evaluated<'a> {
        let owner = self.eval(&subscript.value)?;
        if subscript.slice.is_slice_expr() {
            return Ok(self.unknown(expr).made_of(&owner));
        }
        let key = self.eval(&subscript.slice)?;
        if owner.external() == Some("os.environ") {
            return self.environ_item(&key, expr);
        }
        if let Some(value) = self.helper_item(&owner, &key, expr) {
            return value;
        }
        if let (Some(_), Some(name)) = (owner.object(), key.as_str()) {
            let name: Rc<str> = name.into();
            self.watch(&name);
        }
        let found = match (&owner.data, Key::of(&key)) {
            (Data::Object(id), Some(key)) => {
                let (id, object) = (*id, self.heap.object(*id));
                match (object.fields.get(&key), &object.open, &object.kind) {
                    (Some(value), _, _) => {
                        let value = value.clone();
                        Some(self.tainted(id, &key, value, expr).named())
                    }
                    (None, None, Kind::Dict) => return self.fail("KeyError", expr),
                    _ => None,
                }
            }
            (Data::Tuple(items), Some(Key::Int(index))) => {
                let length = i64::try_from(items.len()).unwrap_or(0);
                let index = if index < 0 { index + length } else { index };
                usize::try_from(index)
                    .ok()
                    .and_then(|index| items.get(index).cloned())
            }
            _ => None,
        };
        Ok(match found {
            Some(value) => value.decided_by(&owner.reads).decided_by(&key.reads),
            None => self.unknown(expr).made_of(&owner).decided_by(&key.reads),
        })
    }

    fn bool_op(&mut self, operation: &'a ExprBoolOp, expr: &'a Expr) -> Evaluated<'a> {
        let stop_at = operation.op == BoolOp::Or;
        let mut before: Option<Value<'a>> = None;
        let last = operation.values.len() - 1;
        for (index, operand) in operation.values.iter().enumerate() {
            let value = self.eval(operand)?;
            let truth = self.truth(&value);
            let value = match &before {
                Some(before) => value.chosen_after(before),
                None => value,
            };
            match truth {
                _ if index == last => return Ok(value),
                Some(truth) if truth == stop_at => return Ok(value),
                Some(_) => before = Some(value),
                None => {
                    let mut result = self.unknown(expr).made_of(&value);
                    for operand in &operation.values[index + 1..] {
                        let other = self.eval(operand)?;
                        result = result.made_of(&other);
                        if stop_at && matches!(value.data, Data::Prefix(..)) {
                            result.data = value.data.clone();
                        }
                    }
                    return Ok(result);
                }
            }
        }
        Ok(self.unknown(expr))
    }

    fn choice(&mut self, choice: &'a ExprIf, expr: &'a Expr) -> Evaluated<'a> {
        let test = self.eval(&choice.test)?;
        if let Some(truth) = self.truth(&test) {
            let (taken, left) = if truth {
                (&choice.body, &choice.orelse)
            } else {
                (&choice.orelse, &choice.body)
            };
            if self.interesting(left.start().into(), left.end().into()) {
                self.shadowed(|this| {
                    let _ = this.eval(left);
                });
            }
            let value = self.deciding(&test.reads, |this| this.eval(taken))?;
            Ok(value.chosen_by(&test))
        } else {
            let yes = self.eval(&choice.body)?;
            let no = self.eval(&choice.orelse)?;
            let mut value = yes.clone().made_of(&no).chosen_by(&test);
            if !self.alike(&yes, &no, 4) {
                value.data = Data::Unknown(self.reason(expr));
            }
            self.doubts += 1;
            Ok(value)
        }
    }

    fn lambda(&mut self, lambda: &'a ruff_python_ast::ExprLambda) -> Value<'a> {
        let function = self.function(Code::Lambda(lambda), Vec::new(), true);
        Value::constant(Data::Function(function))
    }

    /// Evaluates a comprehension in a scope of its own.
    fn comprehension(&mut self, expr: &'a Expr) -> Evaluated<'a> {
        let scope = self.heap.make(Kind::Scope, None);
        let Some(frame) = self.frames.last_mut() else {
            return Ok(self.unknown(expr));
        };
        let outer = Rc::clone(&frame.scopes);
        frame.scopes = outer.iter().copied().chain([scope]).collect();
        let result = self.comprehend(expr);
        if let Some(frame) = self.frames.last_mut() {
            frame.scopes = outer;
        }
        result
    }

    /// Looks into a comprehension over something that is not known.
    fn any_round(&mut self, generators: &'a [Comprehension], expr: &'a Expr) -> Evaluated<'a> {
        self.state.forked += 1;
        let result = self.one_round(generators, expr);
        self.state.forked -= 1;
        result
    }

    fn one_round(&mut self, generators: &'a [Comprehension], expr: &'a Expr) -> Evaluated<'a> {
        let mut whole = self.unknown(expr);
        for generator in generators {
            let iterable = self.eval(&generator.iter)?;
            whole = whole.made_of(&iterable);
            let item = self.unknown(&generator.iter).made_of(&iterable);
            self.assign(&generator.target, item)?;
            self.eval_all(&generator.ifs)?;
        }
        let parts: [Option<&'a Expr>; 2] = match expr {
            Expr::DictComp(comp) => [comp.key.as_deref(), Some(&comp.value)],
            Expr::ListComp(comp) => [Some(&comp.elt), None],
            Expr::SetComp(comp) => [Some(&comp.elt), None],
            Expr::Generator(comp) => [Some(&comp.elt), None],
            _ => [None, None],
        };
        for part in parts.into_iter().flatten() {
            whole = whole.made_of(&self.eval(part)?);
        }
        Ok(whole)
    }

    /// Comprehensions over what is known are built; others are unknown.
    fn comprehend(&mut self, expr: &'a Expr) -> Evaluated<'a> {
        let generators: &'a [Comprehension] = match expr {
            Expr::DictComp(comp) => &comp.generators,
            Expr::ListComp(comp) => &comp.generators,
            Expr::SetComp(comp) => &comp.generators,
            Expr::Generator(comp) => &comp.generators,
            _ => return Ok(self.unknown(expr)),
        };
        let [generator] = generators else {
            return self.any_round(generators, expr);
        };
        let iterable = self.eval(&generator.iter)?;
        let Some(items) = self.items(&iterable).filter(|items| items.len() <= 64) else {
            return self.any_round(generators, expr);
        };
        let kind = if expr.is_dict_comp_expr() {
            Kind::Dict
        } else {
            Kind::List
        };
        let id = self.heap.make(kind, Some(self.place(expr)));
        let mut next = 0;
        for item in items {
            self.assign(&generator.target, item)?;
            let mut keep = Some(true);
            for condition in &generator.ifs {
                let value = self.eval(condition)?;
                keep = match (keep, self.truth(&value)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
            }
            match keep {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    let reason = self.reason(expr);
                    self.heap.forget(id, &reason);
                    return Ok(Value::constant(Data::Object(id)));
                }
            }
            let (key, value) = match expr {
                Expr::DictComp(comp) => {
                    let Some(key) = &comp.key else {
                        return Ok(self.unknown(expr));
                    };
                    let key = self.eval(key)?;
                    (Key::of(&key), self.eval(&comp.value)?)
                }
                Expr::ListComp(comp) => (Some(Key::Int(next)), self.eval(&comp.elt)?),
                Expr::Generator(comp) => (Some(Key::Int(next)), self.eval(&comp.elt)?),
                _ => return Ok(self.unknown(expr)),
            };
            next += 1;
            let Some(key) = key else {
                return Ok(self.unknown(expr));
            };
            self.heap.set(id, key, Some(value));
        }
        Ok(Value::constant(Data::Object(id)).made_of(&iterable))
    }
}

impl Value<'_> {
    /// Returns the text that `str()` gives, where it is known.
    pub(super) fn display(&self) -> Option<String> {
        match &self.data {
            Data::Str(text) => Some(text.to_string()),
            Data::Int(number) => Some(number.to_string()),
            Data::Bool(truth) => Some(if *truth { "True" } else { "False" }.to_owned()),
            Data::None => Some("None".to_owned()),
            _ => None,
        }
    }

    /// Returns the value as the one that `or` gives after another that was not taken.
    fn chosen_after(mut self, before: &Self) -> Self {
        self.reads = crate::inputs::python::value::union(&self.reads, &before.reads);
        if self.how.variable().is_none()
            && let Some(name) = before.how.variable()
        {
            self.how = How::EnvDefault(Rc::clone(name));
        }
        self
    }

    /// Returns the value as one that a test chose.
    fn chosen_by(mut self, test: &Self) -> Self {
        self.reads = crate::inputs::python::value::union(&self.reads, &test.reads);
        if self.how.variable().is_none() && test.how.variable().is_some() {
            self.how = test.how.clone();
        }
        self
    }
}
