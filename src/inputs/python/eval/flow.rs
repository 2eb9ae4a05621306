//! Branches: which of them runs, and what is known after them where that is not known.

use std::rc::Rc;

use super::{Evaluator, Flow};
use crate::inputs::python::heap::Writes;
use crate::inputs::python::value::Reads;

/// One way on.
pub(super) type Branch<'b, 'a> = &'b mut dyn FnMut(&mut Evaluator<'a>) -> Flow;

impl<'a> Evaluator<'a> {
    /// Runs one of two branches, or both where the condition is not known.
    pub(super) fn choose<'b>(
        &mut self,
        condition: Option<bool>,
        reads: &Reads,
        why: &Rc<str>,
        mut yes: Branch<'b, 'a>,
        mut no: Branch<'b, 'a>,
    ) -> Flow {
        let Some(truth) = condition else {
            self.doubts += 1;
            return self.deciding(reads, |this| this.fork(why, &mut [&mut yes, &mut no]));
        };
        let (taken, left) = if truth { (yes, no) } else { (no, yes) };
        let mark = self.heap.mark();
        let flow = self.deciding(reads, |this| taken(this));
        if flow == Flow::Raise && self.state.guarded == 0 {
            // A guard that stops the program: what follows is judged for the case that it does not.
            self.heap.take_back(mark);
            return left(self);
        }
        self.deciding(reads, |this| {
            this.shadowed(|this| {
                left(this);
            });
        });
        flow
    }

    /// Runs each branch from the same state, and joins what they leave.
    pub(super) fn fork(&mut self, why: &Rc<str>, branches: &mut [Branch<'_, 'a>]) -> Flow {
        let mark = self.heap.mark();
        let mut live: Vec<Writes<'a>> = Vec::new();
        let first_exit = self.frames.last().map_or(0, |frame| frame.exits.len());
        self.state.forked += 1;
        for branch in branches {
            let exits = self.frames.last().map_or(0, |frame| frame.exits.len());
            let flow = branch(self);
            let writes = self.heap.writes_since(mark);
            if let Some(frame) = self.frames.last_mut() {
                for (inner, exit) in &mut frame.exits[exits..] {
                    self.heap.widen(mark, *inner, exit);
                    *inner = mark;
                }
                match flow {
                    Flow::Return => frame.exits.push((mark, writes.clone())),
                    Flow::Break | Flow::Continue => frame.irregular = true,
                    Flow::Next | Flow::Raise => {}
                }
            }
            self.heap.take_back(mark);
            match flow {
                Flow::Next | Flow::Break | Flow::Continue => live.push(writes),
                Flow::Return => {}
                Flow::Raise => {
                    self.doubts += 1;
                    if self.state.guarded > 0 {
                        live.push(writes);
                    }
                }
            }
        }
        self.state.forked -= 1;
        if live.is_empty() {
            // Nothing goes on from here: the state is that of the first branch that returned.
            let exit = self.frames.last_mut().and_then(|frame| {
                (frame.exits.len() > first_exit).then(|| frame.exits.remove(first_exit))
            });
            let Some((_, writes)) = exit else {
                return Flow::Raise;
            };
            self.heap.join(&[writes], why);
            return Flow::Return;
        }
        self.heap.join(&live, why);
        Flow::Next
    }

    /// Runs something any number of times: what it writes is unknown afterwards.
    pub(super) fn repeat(&mut self, why: &Rc<str>, body: Branch<'_, 'a>) {
        let mark = self.heap.mark();
        self.doubts += 1;
        // The second round sees what the first one wrote; an inner loop gets both from the outer one.
        let rounds = if self.state.looping == 0 { 2 } else { 1 };
        self.state.looping += 1;
        for _ in 0..rounds {
            self.fork(why, &mut [&mut *body, &mut |_| Flow::Next]);
            self.heap.blur(mark, why);
        }
        self.state.looping -= 1;
    }
}
