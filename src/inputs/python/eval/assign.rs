//! Writing: names, attributes, items, and what a program's guards tell of them.

use std::rc::Rc;

use ruff_python_ast::{Expr, Operator, StmtAnnAssign, StmtAssign, StmtAugAssign, UnaryOp};
use ruff_text_size::Ranged;

use super::{Evaluator, Raised};
use crate::facts::Role;
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Data, Id, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn assign_all(&mut self, assign: &'a StmtAssign) -> Result<(), Raised> {
        let value = self.eval(&assign.value)?;
        for target in &assign.targets {
            self.assign(target, value.clone())?;
        }
        Ok(())
    }

    pub(super) fn assign_annotated(&mut self, assign: &'a StmtAnnAssign) -> Result<(), Raised> {
        if let Some(value) = &assign.value {
            let value = self.eval(value)?;
            self.assign(&assign.target, value)?;
        }
        Ok(())
    }

    pub(super) fn assign_augmented(&mut self, assign: &'a StmtAugAssign) -> Result<(), Raised> {
        let old = self.eval(&assign.target)?;
        let added = self.eval(&assign.value)?;
        if old.external() == Some("os.environ") {
            self.write_environ(&Value::constant(Data::None));
            return Ok(());
        }
        if let (Operator::BitOr, Some(id)) = (assign.op, old.object())
            && matches!(self.heap.object(id).kind, Kind::Dict)
        {
            self.update(id, &added, &assign.value);
            return Ok(());
        }
        let value = self.binary(&old, assign.op, &added, &assign.value)?;
        if let Some(id) = old.object() {
            let reason = self.reason(&assign.target);
            self.heap.forget(id, &reason);
        }
        self.assign(&assign.target, value)
    }

    /// Writes a value to a target.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value<'a>) -> Result<(), Raised> {
        match target {
            Expr::Name(name) => {
                let scope = self.scope_of(&name.id);
                if let Some(scope) = scope {
                    let mut value = value.named().decided_by(&self.state.decisions);
                    value.place = None;
                    self.note_alias(&name.id, &value);
                    self.write(scope, Key::from(name.id.as_str()), Some(value));
                }
            }
            Expr::Attribute(attribute) => {
                let owner = self.eval(&attribute.value)?;
                self.set_attribute(&owner, attribute.attr.as_str(), value, target);
            }
            Expr::Subscript(subscript) => {
                let owner = self.eval(&subscript.value)?;
                let key = self.eval(&subscript.slice)?;
                self.set_item(&owner, &key, value, target);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value)?,
            Expr::List(list) => self.unpack(&list.elts, &value)?,
            Expr::Starred(starred) => {
                let value = self.unknown(target).made_of(&value);
                self.assign(&starred.value, value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value<'a>) -> Result<(), Raised> {
        let plain = !targets.iter().any(Expr::is_starred_expr);
        let items = self
            .items(value)
            .filter(|items| plain && items.len() == targets.len());
        for (index, target) in targets.iter().enumerate() {
            let item = match &items {
                Some(items) => items[index].clone(),
                None => self.unknown(target).made_of(value),
            };
            self.assign(target, item)?;
        }
        Ok(())
    }

    /// Returns the scope that an assignment to a name writes to.
    pub(super) fn scope_of(&self, name: &str) -> Option<Id> {
        let frame = self.frames.last()?;
        if frame.globals.contains(name) {
            frame.scopes.first().copied()
        } else {
            frame.scopes.last().copied()
        }
    }

    /// Makes a name unknown everywhere that an inner function sets.
    pub(super) fn declare_nonlocal(&mut self, name: &str) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        let scopes = Rc::clone(&frame.scopes);
        let key = Key::from(name);
        let outer = scopes
            .iter()
            .rev()
            .skip(1)
            .find(|&&id| self.heap.field(id, &key).is_some());
        if let Some(&id) = outer {
            let reason: Rc<str> = format!("`nonlocal {name}`").into();
            self.write(id, key, Some(Value::constant(Data::Unknown(reason))));
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> Result<(), Raised> {
        match target {
            Expr::Name(name) => {
                if let Some(scope) = self.scope_of(&name.id) {
                    self.write(scope, Key::from(name.id.as_str()), None);
                }
            }
            Expr::Attribute(attribute) => {
                let owner = self.eval(&attribute.value)?;
                if let Some(id) = owner.object() {
                    self.write(id, Key::from(attribute.attr.as_str()), None);
                }
            }
            Expr::Subscript(subscript) => {
                let owner = self.eval(&subscript.value)?;
                let key = self.eval(&subscript.slice)?;
                if let Some(id) = owner.object() {
                    if let Some(key) = Key::of(&key) {
                        self.write(id, key, None);
                    } else {
                        let reason = self.reason(target);
                        self.heap.forget(id, &reason);
                    }
                } else if owner.external() == Some("os.environ") {
                    self.write_environ(&key);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Sets a field, and notes where code that may run at any time changes what others see.
    pub(super) fn write(&mut self, id: Id, key: Key, value: Option<Value<'a>>) {
        let object = self.heap.object(id);
        let own = self.frames.last().is_some_and(|frame| {
            frame
                .class
                .as_ref()
                .is_some_and(|(_, this)| this.as_ref().and_then(Value::object) == Some(id))
        });
        let foreign = object.site.is_some_and(|site| site.file != self.file())
            && !own
            && !matches!(object.kind, Kind::Scope);
        let later = self.state.rooted && id < self.floor && !matches!(object.kind, Kind::Scope);
        if (foreign || later) && self.state.shadow == 0 && self.root_role == Role::App {
            let same = match (self.heap.field(id, &key), &value) {
                (Some(old), Some(new)) => self.alike(old, new, 4),
                (None, None) => true,
                _ => false,
            };
            let taints = !matches!(self.heap.object(id).kind, Kind::Module(file) if !foreign && self.modules.is_volatile(file, &key));
            if let (false, true, Some(site)) = (same, taints, self.heap.object(id).site) {
                self.outcome.taints.insert((site, key.clone()));
            }
        }
        if self.state.rooted {
            self.fresh.insert((id, key.clone()));
        }
        self.heap.set(id, key, value);
    }

    /// Returns whether two values are the same, also where they are different dicts.
    pub(super) fn alike(&self, a: &Value<'a>, b: &Value<'a>, depth: usize) -> bool {
        if a.same(b) {
            return true;
        }
        let (Some(x), Some(y), true) = (a.object(), b.object(), depth > 0) else {
            return false;
        };
        let (x, y) = (self.heap.object(x), self.heap.object(y));
        let same_kind = match (&x.kind, &y.kind) {
            (Kind::Dict, Kind::Dict) | (Kind::List, Kind::List) => true,
            (Kind::Made(x), Kind::Made(y)) => x == y,
            (Kind::Instance(x), Kind::Instance(y)) => x == y,
            _ => false,
        };
        same_kind
            && x.open.is_none()
            && y.open.is_none()
            && x.fields.len() == y.fields.len()
            && x.fields.iter().all(|(key, value)| {
                y.fields
                    .get(key)
                    .is_some_and(|other| self.alike(value, other, depth - 1))
            })
    }

    /// Sets an attribute.
    pub(super) fn set_attribute(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        value: Value<'a>,
        target: &'a Expr,
    ) {
        let Some(id) = owner.object() else {
            return;
        };
        let mut value = value.named().decided_by(&self.state.decisions);
        value.place = Some(self.place(target));
        self.write(id, Key::from(name), Some(value));
    }

    /// Sets an item.
    pub(super) fn set_item(
        &mut self,
        owner: &Value<'a>,
        key: &Value<'a>,
        value: Value<'a>,
        target: &'a Expr,
    ) {
        if owner.external() == Some("os.environ") {
            self.write_environ(key);
            return;
        }
        let Some(id) = owner.object() else {
            return;
        };
        let mut value = value.decided_by(&self.state.decisions);
        value.place = Some(self.place(target));
        if let Some(key) = Key::of(key) {
            self.write(id, key, Some(value));
        } else {
            let reason = self.reason(target);
            self.heap.forget(id, &reason);
        }
    }

    /// Notes that the program itself sets a variable: what it reads from then on is not known.
    pub(super) fn write_environ(&mut self, key: &Value<'a>) {
        let name: Rc<str> = key.as_str().unwrap_or("*").into();
        if self.state.shadow == 0 && self.state.muted == 0 {
            self.written.insert(name, ());
        }
    }

    /// Takes a test as decided from here on: what it says of a name with the value `None` or an
    /// empty text is then no longer what was known.
    pub(super) fn suppose(&mut self, test: &'a Expr) {
        match test {
            Expr::Name(name) => {
                let reason = self.reason_at(self.file(), &name.id, name.start().into());
                let Ok(value) = self.eval(test) else {
                    return;
                };
                let empty =
                    matches!(value.data, Data::None) || value.as_str().is_some_and(str::is_empty);
                if let (true, Some(scope)) = (empty, self.scope_of(&name.id)) {
                    let value = value.with(Data::Unknown(reason));
                    self.heap
                        .set(scope, Key::from(name.id.as_str()), Some(value));
                }
            }
            Expr::Attribute(attribute) => {
                let reason = self.reason(test);
                let (Ok(owner), Ok(value)) = (self.eval(&attribute.value), self.eval(test)) else {
                    return;
                };
                let empty =
                    matches!(value.data, Data::None) || value.as_str().is_some_and(str::is_empty);
                if let (true, Some(id)) = (empty, owner.object()) {
                    let value = value.with(Data::Unknown(reason));
                    self.heap
                        .set(id, Key::from(attribute.attr.as_str()), Some(value));
                }
            }
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => self.suppose(&unary.operand),
            Expr::Compare(compare) => self.suppose(&compare.left),
            Expr::BoolOp(operation) => {
                for value in &operation.values {
                    self.suppose(value);
                }
            }
            _ => {}
        }
    }
}
