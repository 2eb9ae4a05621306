//! Statements.

use std::rc::Rc;

use ruff_python_ast::{
    ElifElseClause, ExceptHandler, Expr, Pattern, Stmt, StmtFor, StmtIf, StmtMatch, StmtTry,
    StmtWith,
};
use ruff_text_size::Ranged;

use super::{Evaluator, Flow, Raised};
use crate::inputs::python::heap::Key;
use crate::inputs::python::value::{Data, Value};

/// The longest known collection that a loop is unrolled over.
const UNROLL: usize = 64;

impl<'a> Evaluator<'a> {
    /// Runs statements in their order.
    pub(super) fn block(&mut self, body: &'a [Stmt]) -> Flow {
        for (index, statement) in body.iter().enumerate() {
            let flow = self.statement(statement).unwrap_or_else(|raised| {
                self.raised = Some(raised);
                Flow::Raise
            });
            if flow != Flow::Next {
                self.shadowed(|this| this.rest(&body[index + 1..]));
                return flow;
            }
        }
        Flow::Next
    }

    /// Looks into statements that are not reached.
    fn rest(&mut self, body: &'a [Stmt]) {
        let (Some(first), Some(last)) = (body.first(), body.last()) else {
            return;
        };
        if self.interesting(first.start().into(), last.end().into()) {
            self.block(body);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) -> Result<Flow, Raised> {
        match statement {
            Stmt::Expr(expr) => {
                self.eval(&expr.value)?;
                if self.exits_program(&expr.value) {
                    self.raised = Some(Raised("SystemExit".into()));
                    return Ok(Flow::Raise);
                }
            }
            Stmt::Assign(assign) => self.assign_all(assign)?,
            Stmt::AnnAssign(assign) => self.assign_annotated(assign)?,
            Stmt::AugAssign(assign) => self.assign_augmented(assign)?,
            Stmt::If(branch) => return self.branch(branch),
            Stmt::For(repeat) => return self.for_each(repeat),
            Stmt::While(repeat) => {
                let test = self.eval(&repeat.test)?;
                if self.truth(&test) == Some(false) {
                    return Ok(self.block(&repeat.orelse));
                }
                let why = self.reason(&repeat.test);
                self.repeat(&why, &mut |this| this.block(&repeat.body));
                return Ok(self.block(&repeat.orelse));
            }
            Stmt::Try(attempt) => return Ok(self.attempt(attempt)),
            Stmt::With(with) => return self.with(with),
            Stmt::Match(choice) => return self.cases(choice),
            Stmt::FunctionDef(def) => self.define(def)?,
            Stmt::ClassDef(def) => self.define_class(def)?,
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(names) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame
                        .globals
                        .extend(names.names.iter().map(|name| Rc::from(name.id.as_str())));
                }
            }
            Stmt::Nonlocal(names) => {
                for name in &names.names {
                    self.declare_nonlocal(name.id.as_str());
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete(target)?;
                }
            }
            Stmt::Return(leave) => {
                let value = match &leave.value {
                    Some(value) => self.eval(value)?,
                    None => Value::constant(Data::None),
                };
                let value = value.decided_by(&self.state.decisions);
                if let Some(frame) = self.frames.last_mut() {
                    frame.returns.push(value);
                }
                return Ok(Flow::Return);
            }
            Stmt::Raise(raise) => {
                let class = match raise.exc.as_deref() {
                    Some(Expr::Call(call)) => super::shown(&call.func),
                    Some(expr) => super::shown(expr),
                    None => "Exception".to_owned(),
                };
                self.raised = Some(Raised(class.into()));
                return Ok(Flow::Raise);
            }
            Stmt::Assert(assert) => {
                self.eval(&assert.test)?;
                self.suppose(&assert.test);
            }
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::TypeAlias(alias) => {
                let value = self.unknown(&alias.value);
                self.assign(&alias.name, value)?;
            }
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Next)
    }

    fn branch(&mut self, branch: &'a StmtIf) -> Result<Flow, Raised> {
        let test = self.eval(&branch.test)?;
        Ok(self.branches(&branch.test, &test, &branch.body, &branch.elif_else_clauses))
    }

    fn branches(
        &mut self,
        test: &'a Expr,
        value: &Value<'a>,
        body: &'a [Stmt],
        rest: &'a [ElifElseClause],
    ) -> Flow {
        let condition = self.truth(value);
        let why = self.reason(test);
        self.choose(
            condition,
            &value.reads,
            &why,
            &mut |this| this.maybe_block(body, condition != Some(false)),
            &mut |this| {
                if condition == Some(true) && this.state.shadow == 0 {
                    // Only reached where the branch stops the program: the test must not hold.
                    this.suppose(test);
                }
                let Some((clause, rest)) = rest.split_first() else {
                    return Flow::Next;
                };
                let Some(test) = &clause.test else {
                    return this.maybe_block(&clause.body, condition != Some(true));
                };
                match this.eval(test) {
                    Ok(value) => this.branches(test, &value, &clause.body, rest),
                    Err(raised) => {
                        this.raised = Some(raised);
                        Flow::Raise
                    }
                }
            },
        )
    }

    /// Runs a block, unless it is only looked into and cannot make an engine.
    fn maybe_block(&mut self, body: &'a [Stmt], taken: bool) -> Flow {
        if self.state.shadow > 0 && !taken {
            self.rest(body);
            return Flow::Next;
        }
        self.block(body)
    }

    fn for_each(&mut self, repeat: &'a StmtFor) -> Result<Flow, Raised> {
        let iterable = self.eval(&repeat.iter)?;
        let why = self.reason(&repeat.iter);
        let items = self.items(&iterable).filter(|items| items.len() <= UNROLL);
        let Some(items) = items else {
            let mut item = Value::constant(Data::Unknown(Rc::clone(&why)));
            item.reads.clone_from(&iterable.reads);
            self.repeat(&why, &mut |this| {
                if this.assign(&repeat.target, item.clone()).is_err() {
                    return Flow::Raise;
                }
                this.block(&repeat.body)
            });
            return Ok(self.block(&repeat.orelse));
        };
        let mark = self.heap.mark();
        let before = self.set_irregular(false);
        let mut flow = Flow::Next;
        for item in items {
            self.assign(&repeat.target, item)?;
            flow = self.block(&repeat.body);
            if !matches!(flow, Flow::Next | Flow::Continue) {
                break;
            }
        }
        if self.set_irregular(before) {
            self.heap.blur(mark, &why);
        }
        Ok(match flow {
            Flow::Break => Flow::Next,
            Flow::Next | Flow::Continue => self.block(&repeat.orelse),
            Flow::Return | Flow::Raise => flow,
        })
    }

    fn set_irregular(&mut self, value: bool) -> bool {
        self.frames
            .last_mut()
            .is_some_and(|frame| std::mem::replace(&mut frame.irregular, value))
    }

    fn attempt(&mut self, attempt: &'a StmtTry) -> Flow {
        let why = self.reason_at(self.file(), "try", attempt.start().into());
        let mark = self.heap.mark();
        let (doubts, catches) = (self.doubts, !attempt.handlers.is_empty());
        self.state.guarded += usize::from(catches);
        let flow = self.block(&attempt.body);
        self.state.guarded -= usize::from(catches);
        let flow = if flow == Flow::Raise && catches {
            let raised = self.raised.take();
            self.handle(attempt, raised, &why)
        } else if self.doubts > doubts && catches && flow != Flow::Raise {
            self.either(attempt, flow, mark, &why)
        } else {
            self.shadowed(|this| {
                for handler in &attempt.handlers {
                    this.rest(&handler_of(handler).body);
                }
            });
            if flow == Flow::Next {
                self.block(&attempt.orelse)
            } else {
                flow
            }
        };
        match self.block(&attempt.finalbody) {
            Flow::Next => flow,
            last => last,
        }
    }

    /// Runs the handler of an exception that was surely raised.
    fn handle(&mut self, attempt: &'a StmtTry, raised: Option<Raised>, why: &Rc<str>) -> Flow {
        let class = raised.map_or_else(|| "Exception".into(), |raised| raised.0);
        for handler in &attempt.handlers {
            let handler = handler_of(handler);
            match catches(handler.type_.as_deref(), &class) {
                Some(true) => return self.handler(handler),
                Some(false) => {}
                None => {
                    let mut bodies: Vec<_> = attempt
                        .handlers
                        .iter()
                        .map(|handler| {
                            let handler = handler_of(handler);
                            move |this: &mut Self| this.handler(handler)
                        })
                        .collect();
                    let mut branches: Vec<&mut dyn FnMut(&mut Self) -> Flow> = bodies
                        .iter_mut()
                        .map(|body| body as &mut dyn FnMut(&mut Self) -> Flow)
                        .collect();
                    return self.fork(why, &mut branches);
                }
            }
        }
        self.raised = Some(Raised(class));
        Flow::Raise
    }

    fn handler(&mut self, handler: &'a ruff_python_ast::ExceptHandlerExceptHandler) -> Flow {
        if let (Some(name), Some(scope)) = (&handler.name, self.scope()) {
            let reason = self.reason_at(self.file(), &name.id, name.start().into());
            let value = Value::constant(Data::Unknown(reason));
            self.heap
                .set(scope, Key::from(name.id.as_str()), Some(value));
        }
        self.block(&handler.body)
    }

    /// The body may have ended anywhere: joins its end with each handler's.
    fn either(
        &mut self,
        attempt: &'a StmtTry,
        flow: Flow,
        mark: super::Mark,
        why: &Rc<str>,
    ) -> Flow {
        let body = self.heap.writes_since(mark);
        if let Some(frame) = self.frames.last_mut() {
            for (inner, exit) in &mut frame.exits {
                if *inner > mark {
                    self.heap.widen(mark, *inner, exit);
                    *inner = mark;
                }
            }
        }
        self.heap.take_back(mark);
        let none = self.heap.writes_since(mark);
        let orelse = &attempt.orelse;
        let mut end = |this: &mut Self| {
            this.heap.join(std::slice::from_ref(&body), why);
            if flow == Flow::Next {
                this.block(orelse)
            } else {
                flow
            }
        };
        let mut bodies: Vec<_> = attempt
            .handlers
            .iter()
            .map(|handler| {
                let (handler, body, none) = (handler_of(handler), body.clone(), none.clone());
                move |this: &mut Self| {
                    this.heap.join(&[body.clone(), none.clone()], why);
                    this.handler(handler)
                }
            })
            .collect();
        let mut branches: Vec<&mut dyn FnMut(&mut Self) -> Flow> = vec![&mut end];
        for body in &mut bodies {
            branches.push(body);
        }
        self.fork(why, &mut branches)
    }

    fn with(&mut self, with: &'a StmtWith) -> Result<Flow, Raised> {
        for item in &with.items {
            let value = self.eval(&item.context_expr)?;
            if let Some(target) = &item.optional_vars {
                let entered = match value.data {
                    Data::Object(_) => value,
                    _ => self.unknown(&item.context_expr),
                };
                self.assign(target, entered)?;
            }
        }
        Ok(self.block(&with.body))
    }

    fn cases(&mut self, choice: &'a StmtMatch) -> Result<Flow, Raised> {
        let subject = self.eval(&choice.subject)?;
        Ok(self.next_case(choice, &subject, 0))
    }

    fn next_case(&mut self, choice: &'a StmtMatch, subject: &Value<'a>, index: usize) -> Flow {
        let Some(case) = choice.cases.get(index) else {
            return Flow::Next;
        };
        let condition = match (&case.guard, self.matches(&case.pattern, subject)) {
            (None, known) => known,
            (Some(_), Some(false)) => Some(false),
            (Some(_), _) => None,
        };
        let why = self.reason(&choice.subject);
        self.choose(
            condition,
            &subject.reads,
            &why,
            &mut |this| {
                this.capture(&case.pattern, &why);
                this.maybe_block(&case.body, condition != Some(false))
            },
            &mut |this| this.next_case(choice, subject, index + 1),
        )
    }

    /// Returns whether a pattern surely matches or surely does not.
    fn matches(&mut self, pattern: &'a Pattern, subject: &Value<'a>) -> Option<bool> {
        match pattern {
            Pattern::MatchValue(value) => {
                let value = self.eval(&value.value).ok()?;
                self.equal(&value, subject)
            }
            Pattern::MatchAs(capture) if capture.pattern.is_none() => Some(true),
            Pattern::MatchOr(any) => {
                let results: Vec<Option<bool>> = any
                    .patterns
                    .iter()
                    .map(|pattern| self.matches(pattern, subject))
                    .collect();
                if results.contains(&Some(true)) {
                    Some(true)
                } else if results.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            _ => None,
        }
    }

    fn capture(&mut self, pattern: &'a Pattern, why: &Rc<str>) {
        let names: Vec<&str> = match pattern {
            Pattern::MatchAs(capture) => capture
                .name
                .iter()
                .map(ruff_python_ast::Identifier::as_str)
                .collect(),
            Pattern::MatchMapping(mapping) => {
                for pattern in &mapping.patterns {
                    self.capture(pattern, why);
                }
                mapping
                    .rest
                    .iter()
                    .map(ruff_python_ast::Identifier::as_str)
                    .collect()
            }
            Pattern::MatchSequence(sequence) => {
                for pattern in &sequence.patterns {
                    self.capture(pattern, why);
                }
                Vec::new()
            }
            Pattern::MatchStar(star) => star
                .name
                .iter()
                .map(ruff_python_ast::Identifier::as_str)
                .collect(),
            _ => Vec::new(),
        };
        for name in names {
            if let Some(scope) = self.scope() {
                let value = Value::constant(Data::Unknown(Rc::clone(why)));
                self.heap.set(scope, Key::from(name), Some(value));
            }
        }
    }

    /// Returns whether an expression ends the program: `sys.exit(1)`.
    fn exits_program(&mut self, expr: &'a Expr) -> bool {
        let Expr::Call(call) = expr else {
            return false;
        };
        matches!(
            super::shown(&call.func).as_str(),
            "sys.exit" | "exit" | "quit" | "os._exit"
        )
    }
}

fn handler_of(handler: &ExceptHandler) -> &ruff_python_ast::ExceptHandlerExceptHandler {
    let ExceptHandler::ExceptHandler(handler) = handler;
    handler
}

/// Returns whether a handler catches an exception, where that is known by the names.
fn catches(types: Option<&Expr>, class: &str) -> Option<bool> {
    let Some(types) = types else {
        return Some(true);
    };
    let parents: &[&str] = match class {
        "KeyError" => &["KeyError", "LookupError"],
        "IndexError" => &["IndexError", "LookupError"],
        "ValueError" => &["ValueError"],
        "TypeError" => &["TypeError"],
        "AttributeError" => &["AttributeError"],
        "NameError" => &["NameError"],
        "ZeroDivisionError" => &["ZeroDivisionError", "ArithmeticError"],
        "ModuleNotFoundError" => &["ModuleNotFoundError", "ImportError"],
        _ => &[],
    };
    let elements: Vec<&Expr> = match types {
        Expr::Tuple(tuple) => tuple.elts.iter().collect(),
        one => vec![one],
    };
    let mut unknown = parents.is_empty();
    for element in elements {
        let name = super::shown(element);
        let name = name.rsplit('.').next().unwrap_or(&name);
        if class == "SystemExit" {
            if name == "SystemExit" || name == "BaseException" {
                return Some(true);
            }
            unknown = false;
        } else if parents.contains(&name)
            || matches!(name, "Exception" | "BaseException")
            || name == class
        {
            return Some(true);
        } else if !KNOWN_EXCEPTIONS.contains(&name) {
            unknown = true;
        }
    }
    if unknown { None } else { Some(false) }
}

/// Exceptions of the language of which we know the parents.
const KNOWN_EXCEPTIONS: [&str; 12] = [
    "KeyError",
    "LookupError",
    "IndexError",
    "ValueError",
    "TypeError",
    "AttributeError",
    "NameError",
    "ImportError",
    "ModuleNotFoundError",
    "OSError",
    "RuntimeError",
    "FileNotFoundError",
];
