//! Variables of the environment: what reading one gives, set or not.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::call::Arguments;
use super::{Evaluated, Evaluator, Variable};
use crate::facts::Role;
use crate::inputs::python::value::{Data, How, Value};

impl<'a> Evaluator<'a> {
    /// `os.getenv(name, default)`.
    pub(super) fn getenv(&mut self, arguments: &Arguments<'a>, expr: &'a Expr) -> Evaluated<'a> {
        let key = arguments.get(0, "key").cloned();
        let default = arguments.get(1, "default").cloned();
        let Some(name) = key.as_ref().and_then(Value::as_str).map(Rc::<str>::from) else {
            return Ok(self.unknown(expr));
        };
        if let Some(value) = self.variable(&name, expr) {
            return Ok(value);
        }
        let default = default.unwrap_or(Value::constant(Data::None));
        Ok(self.from_default(&name, default, expr))
    }

    /// `os.environ[name]`.
    pub(super) fn environ_item(&mut self, key: &Value<'a>, expr: &'a Expr) -> Evaluated<'a> {
        let Some(name) = key.as_str().map(Rc::<str>::from) else {
            return Ok(self.unknown(expr));
        };
        if let Some(value) = self.variable(&name, expr) {
            return Ok(value);
        }
        let value = self.fail("KeyError", expr)?;
        Ok(self.from_default(&name, value, expr))
    }

    /// `name in os.environ`.
    pub(super) fn environ_has(&self, key: &Value<'a>) -> Option<bool> {
        let name = key.as_str()?;
        if self.written.contains_key(name)
            || self.written.contains_key("*")
            || self.set_by_the_project(name, true).is_some()
        {
            return None;
        }
        Some(self.environment.contains_key(name))
    }

    /// Returns where the project itself sets a variable before the current file may read it.
    fn set_by_the_project(&self, name: &str, case_sensitive: bool) -> Option<Rc<str>> {
        let is_set = self
            .environment
            .keys()
            .any(|known| &**known == name || !case_sensitive && known.eq_ignore_ascii_case(name));
        let file = self.file();
        let in_function = self
            .frames
            .last()
            .is_some_and(|frame| frame.running.is_some());
        let mut writes = self
            .modules
            .environ_writes_of(&name.to_ascii_lowercase())
            .iter()
            .filter(|(_, write)| !case_sensitive || &*write.name == name)
            .filter(|(_, write)| !(write.keeps_existing && is_set))
            // The order of a file's own statements is followed.
            .filter(|(from, write)| *from != file || write.indented && in_function);
        let (from, write) = writes.next()?;
        let before = &self.modules.text(*from)[..write.offset];
        let line = before.matches('\n').count() + 1;
        let path = self.modules.path(*from);
        Some(format!("`os.environ[\"{}\"]` ({path}:{line})", write.name).into())
    }

    /// Returns a variable's value; `None` where it is not set.
    pub(super) fn variable(&mut self, name: &Rc<str>, expr: &'a Expr) -> Option<Value<'a>> {
        self.outcome.variables.insert(Rc::clone(name));
        let data = if self.written.contains_key(name) || self.written.contains_key("*") {
            self.doubts += 1;
            Data::Unknown(self.reason(expr))
        } else if let Some(reason) = self.set_by_the_project(name, true) {
            self.doubts += 1;
            Data::Unknown(reason)
        } else {
            match self.environment.get(name)? {
                Variable::Known(text) => Data::Str(Rc::clone(text)),
                Variable::Unknown(reason) => {
                    self.doubts += 1;
                    Data::Unknown(Rc::clone(reason))
                }
            }
        };
        let mut value = Value::constant(data);
        value.how = How::Env(Rc::clone(name));
        value.reads = Some(Rc::new([Rc::clone(name)].into()));
        Some(value)
    }

    /// Returns a default as the value of a variable that is not set.
    pub(super) fn from_default(
        &mut self,
        name: &Rc<str>,
        default: Value<'a>,
        expr: &Expr,
    ) -> Value<'a> {
        self.outcome.variables.insert(Rc::clone(name));
        if let (Some(text), Role::App, 0) = (default.display(), self.root_role, self.state.shadow) {
            let place = self.place(expr);
            let line = self.modules.line(place.file, place.offset);
            self.outcome
                .defaults
                .insert((name.to_string(), text, place.file, line));
        }
        let mut value = default.named();
        if !matches!(value.how, How::Env(_)) {
            value.how = How::EnvDefault(Rc::clone(name));
            value.composed = false;
        }
        let own = Some(Rc::new([Rc::clone(name)].into()));
        value.decided_by(&own)
    }

    /// Looks a variable up as pydantic does; returns the name under which it is set.
    pub(super) fn lookup_insensitive(
        &mut self,
        name: &str,
        case_sensitive: bool,
    ) -> (Rc<str>, Option<Value<'a>>) {
        let exact: Rc<str> = if case_sensitive {
            name.into()
        } else {
            name.to_uppercase().into()
        };
        let found = self.environment.keys().find(|known| {
            if case_sensitive {
                &***known == name
            } else {
                known.eq_ignore_ascii_case(name)
            }
        });
        let shown = found.map_or(exact, Rc::clone);
        self.outcome.variables.insert(Rc::clone(&shown));
        let written = self
            .written
            .keys()
            .any(|known| known.eq_ignore_ascii_case(name) || &**known == "*");
        let elsewhere = self.set_by_the_project(name, case_sensitive);
        let data = match self.environment.get(&shown) {
            _ if elsewhere.is_some() => elsewhere.map(Data::Unknown),
            _ if written => Some(Data::Unknown(format!("`os.environ[\"{shown}\"]`").into())),
            Some(Variable::Known(text)) => Some(Data::Str(Rc::clone(text))),
            Some(Variable::Unknown(reason)) => Some(Data::Unknown(Rc::clone(reason))),
            None => None,
        };
        let value = data.map(|data| {
            let mut value = Value::constant(data);
            value.how = How::Env(Rc::clone(&shown));
            value.reads = Some(Rc::new([Rc::clone(&shown)].into()));
            value
        });
        (shown, value)
    }

    /// Returns whether a variable is set whose name starts so.
    pub(super) fn sets_below(&mut self, prefix: &str) -> bool {
        self.outcome.prefixes.insert(prefix.to_owned());
        self.environment.keys().any(|name| {
            name.len() > prefix.len()
                && name.is_char_boundary(prefix.len())
                && name[..prefix.len()].eq_ignore_ascii_case(prefix)
        })
    }
}
