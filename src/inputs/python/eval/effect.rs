//! What code that is not followed may change, by its text.

use std::rc::Rc;

use ruff_text_size::Ranged;

use super::Evaluator;
use super::call::site_of;
use crate::inputs::python::heap::Key;
use crate::inputs::python::value::{Code, Data, Function, Value};
use crate::inputs::python::written::calls_a_change;

impl<'a> Evaluator<'a> {
    /// Returns whether a stretch of the current file may write a field or an item that matters.
    pub(super) fn changes_things(&self, start: u32, end: u32) -> bool {
        let file = self.file();
        let text = self.modules.text(file);
        let stretch = text.get(start as usize..end as usize).unwrap_or("");
        let mut lines = self.modules.changing_lines(file, start..end);
        lines.any(|line| {
            let line = line.trim_start();
            calls_a_change(line)
                || line
                    .split_once('=')
                    .is_some_and(|(target, _)| self.is_watched(target, stretch))
        })
    }

    /// Returns whether a target, `config.POOL` or `options["pool_size"]`, is one that matters.
    fn is_watched(&self, target: &str, stretch: &str) -> bool {
        let target = target.trim_end_matches(|sign| "+-*/|&^%@<>! ".contains(sign));
        if target.contains('(') {
            return false;
        }
        let known = |name: &str| self.watched.contains(name) || super::library::is_option(name);
        if let Some((owner, key)) = target
            .strip_suffix(']')
            .and_then(|item| item.split_once('['))
        {
            let literal = key.trim_matches(|quote| quote == '"' || quote == '\'');
            let base = owner.split('.').next().unwrap_or(owner);
            let own = [" = ", ": "]
                .iter()
                .any(|sign| stretch.contains(&format!(" {base}{sign}")));
            return if literal.len() < key.len() {
                known(literal)
            } else {
                !own
            };
        }
        target
            .split(':')
            .next()
            .and_then(|target| target.trim_end().rsplit_once('.'))
            .is_some_and(|(_, name)| known(name))
    }

    /// Forgets the fields that a method which is not followed writes.
    pub(super) fn forget_written(&mut self, function: &Rc<Function<'a>>, this: Option<&Value<'a>>) {
        let Some(id) = this.and_then(Value::object) else {
            return;
        };
        let site = site_of(function);
        let end = match function.code {
            Code::Def(def) => def.end(),
            Code::Lambda(lambda) => lambda.end(),
        };
        let text = self.modules.text(site.file);
        let text = &text[site.offset as usize..usize::from(end)];
        let written: Vec<Key> = self
            .heap
            .object(id)
            .fields
            .keys()
            .filter(|key| matches!(key, Key::Name(name) if text.contains(&format!(".{name}"))))
            .cloned()
            .collect();
        for key in written {
            let reason = self.reason_at(site.file, "a method that a loop calls", site.offset);
            self.heap
                .set(id, key, Some(Value::constant(Data::Unknown(reason))));
        }
    }
}
