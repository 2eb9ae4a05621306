//! Evaluates a project's modules without running them, in one environment.
//!
//! What is known is followed exactly; what is not becomes an unknown value with its reason. A
//! branch whose condition is not known is run both ways and joined, so that no value is claimed
//! that another path would change.

mod address;
mod assign;
mod call;
mod class;
mod django;
mod effect;
mod engine;
mod environment;
mod expression;
mod externals;
pub(super) mod flask;
mod flow;
mod import;
pub(super) mod library;
mod method;
mod numbers;
mod operator;
mod settings;
mod statement;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::heap::{Heap, Key, Kind, Mark, Writes};
use super::modules::Modules;
use super::record::Record;
use super::value::{Code, Data, Function, Id, Place, Reads, Value, union};
use super::words::Words;
use crate::facts::Role;

/// How many expressions are looked at in one function before the rest is unknown.
const STEPS: usize = 20_000;

/// The same in a module's own statements.
const MODULE_STEPS: usize = 200_000;

/// How many expressions are looked at before the rest is unknown: while modules are run, in the
/// functions that make engines, and in those that only write what others read.
const ALL_STEPS: usize = 500_000;

/// How deep calls and expressions may nest.
const DEPTH: usize = 120;

/// What an environment says of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Known(Rc<str>),
    Unknown(Rc<str>),
}

/// An exception that is surely raised, by the name of its class.
#[derive(Clone, Debug)]
pub(super) struct Raised(Rc<str>);

/// A value, or the exception that its evaluation raises.
type Evaluated<'a> = Result<Value<'a>, Raised>;

/// How a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Return,
    Raise,
    Break,
    Continue,
}

/// A module or function that is being run.
struct Frame<'a> {
    file: usize,
    /// The scopes that names are looked up in, the innermost last.
    scopes: Rc<[Id]>,
    /// The names that `global` declares.
    globals: BTreeSet<Rc<str>>,
    /// What `return` gave so far.
    returns: Vec<Value<'a>>,
    /// The states in which branches returned.
    exits: Vec<(Mark, Writes<'a>)>,
    /// The class whose method runs, and the instance.
    class: Option<(Id, Option<Value<'a>>)>,
    /// Whether a loop was left in a branch that may not be taken.
    irregular: bool,
    /// The function that runs, by its place.
    running: Option<Place>,
    /// Whether it runs for itself, with parameters that are not known.
    is_root: bool,
    has_parameters: bool,
    code: Option<Code<'a>>,
}

impl Frame<'_> {
    /// Returns the frame of a file's own statements.
    fn new(file: usize) -> Self {
        Self {
            file,
            scopes: [].into(),
            globals: BTreeSet::new(),
            returns: Vec::new(),
            exits: Vec::new(),
            class: None,
            irregular: false,
            running: None,
            is_root: false,
            has_parameters: false,
            code: None,
        }
    }
}

/// A fact that a later pass must respect: some code that may run at any time changes this.
pub(super) type Taints = BTreeSet<(Place, Key)>;

/// What one evaluation gave.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) records: Vec<Record>,
    /// Every variable that was read.
    pub(super) variables: BTreeSet<Rc<str>>,
    /// The variables with the defaults that the code gives them: name, default, file, line.
    pub(super) defaults: BTreeSet<(String, String, usize, u32)>,
    /// What code outside the order of imports changes.
    pub(super) taints: Taints,
    /// The names of project functions through which engines are made, or that stand for one.
    pub(super) wrappers: BTreeSet<Rc<str>>,
    /// Beginnings of names of variables that were looked for.
    pub(super) prefixes: BTreeSet<String>,
    /// The names of constants and fields that were read through a module or an instance.
    pub(super) attributes: BTreeSet<Rc<str>>,
}

/// Where in a run an evaluation is: a module that is imported starts afresh.
#[derive(Debug, Default)]
struct State {
    /// How many `try` bodies are open: inside them exceptions count.
    guarded: usize,
    /// How many branches that are not taken are being looked into.
    shadow: usize,
    /// How many branches that may not be taken are open.
    forked: usize,
    /// How many expressions may be looked at before the rest is unknown.
    limit: usize,
    /// Whether a function is run only for what it writes itself: calls are not followed.
    flat: bool,
    /// How many loops that are not unrolled are open.
    looping: usize,
    /// How many runs are under way that must record nothing.
    muted: usize,
    steps: usize,
    depth: usize,
    /// The variables that decided to run this.
    decisions: Reads,
    /// Whether a function is run for itself, with parameters that are not known.
    rooted: bool,
}

impl State {
    /// Returns the state at the start of a module.
    fn of_module() -> Self {
        Self {
            limit: MODULE_STEPS,
            ..Self::default()
        }
    }
}

/// An evaluation of a project in one environment.
pub(super) struct Evaluator<'a> {
    modules: &'a Modules,
    environment: &'a BTreeMap<Rc<str>, Variable>,
    taints: &'a Taints,
    /// The words that make a branch that is not taken worth looking into.
    words: &'a Words,
    /// The names of fields and keys whose writes matter.
    watched: &'a BTreeSet<Rc<str>>,
    /// The files that are run whether anybody reads of them or not.
    wanted: BTreeSet<usize>,
    heap: Heap<'a>,
    loaded: BTreeMap<usize, Id>,
    frames: Vec<Frame<'a>>,
    pending: Vec<Rc<Function<'a>>>,
    called: BTreeSet<Place>,
    /// The functions that were run for themselves.
    rooted_at: BTreeSet<Place>,
    state: State,
    /// How many things happened whose outcome is not known.
    doubts: usize,
    /// How many expressions were looked at in all.
    all_steps: usize,
    /// Whether the functions run for themselves: what `global` declares is then not known.
    blurring: bool,
    /// The exception that ended the last statement.
    raised: Option<Raised>,
    /// Values written to `os.environ`.
    written: BTreeMap<Rc<str>, ()>,
    root_role: Role,
    /// Objects that were there before such a function started.
    floor: usize,
    /// What such a function has written itself.
    fresh: BTreeSet<(Id, Key)>,
    /// Reasons that were asked for, by the expression.
    reasons: std::collections::HashMap<(usize, u32, u32), Rc<str>>,
    outcome: Outcome,
}

impl<'a> Evaluator<'a> {
    /// Prepares an evaluation.
    pub(super) fn new(
        modules: &'a Modules,
        environment: &'a BTreeMap<Rc<str>, Variable>,
        taints: &'a Taints,
        words: &'a Words,
        watched: &'a BTreeSet<Rc<str>>,
    ) -> Self {
        Self {
            modules,
            environment,
            taints,
            words,
            watched,
            wanted: BTreeSet::new(),
            heap: Heap::default(),
            loaded: BTreeMap::new(),
            frames: Vec::new(),
            pending: Vec::new(),
            called: BTreeSet::new(),
            rooted_at: BTreeSet::new(),
            state: State {
                limit: STEPS,
                ..State::default()
            },
            doubts: 0,
            all_steps: 0,
            blurring: false,
            raised: None,
            written: BTreeMap::new(),
            root_role: Role::App,
            floor: 0,
            fresh: BTreeSet::new(),
            reasons: std::collections::HashMap::new(),
            outcome: Outcome::default(),
        }
    }

    /// Runs files as a program would import them, then each of their functions for itself.
    ///
    /// The application's files share one state; scripts, tests and migrations each see it as the
    /// application left it.
    pub(super) fn run(mut self, files: &[usize]) -> Outcome {
        self.wanted = files.iter().copied().collect();
        let role = |file: &usize| self.modules.role(*file);
        let (app, other): (Vec<usize>, Vec<usize>) =
            files.iter().partition(|file| role(file) == Role::App);
        let (makers, writers): (Vec<usize>, Vec<usize>) = app
            .iter()
            .partition(|file| self.words.in_file(self.modules, **file));
        for file in makers.into_iter().chain(writers) {
            self.load(file);
        }
        self.django_databases();
        self.run_pending();
        for file in other {
            let (mark, loaded) = (self.heap.mark(), self.loaded.clone());
            self.root_role = self.modules.role(file);
            self.all_steps = 0;
            self.load(file);
            self.run_pending();
            self.heap.take_back(mark);
            self.loaded = loaded;
        }
        self.configure_the_rest();
        self.outcome
    }

    /// Runs every function that was defined and may make an engine, with unknown parameters, and
    /// the functions that these define.
    fn run_pending(&mut self) {
        let (makers, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|function| self.makes_engines(function));
        let mark = self.heap.mark();
        self.blurring = true;
        self.blur_globals();
        for (functions, flat) in [(makers, false), (others, true)] {
            self.all_steps = 0;
            for function in functions {
                if !self.rooted_at.insert(call::site_of(&function)) {
                    continue;
                }
                let (mark, steps) = (self.heap.mark(), std::mem::take(&mut self.state.steps));
                (self.state.rooted, self.floor) = (true, self.heap.size());
                self.state.flat = flat;
                self.run_root(&function);
                self.run_inner(flat);
                self.state.flat = false;
                self.state.rooted = false;
                self.heap.take_back(mark);
                self.state.steps = steps;
            }
        }
        self.pending.clear();
        self.rooted_at.clear();
        self.blurring = false;
        self.heap.take_back(mark);
    }

    /// Runs the functions that were defined inside one that was run for itself.
    fn run_inner(&mut self, flat: bool) {
        while let Some(inner) = self.pending.pop() {
            if self.makes_engines(&inner) == flat || !self.rooted_at.insert(call::site_of(&inner)) {
                continue;
            }
            let mark = self.heap.mark();
            self.state.steps = 0;
            self.run_root(&inner);
            self.heap.take_back(mark);
        }
    }

    /// Makes the globals unknown that some function sets.
    fn blur_globals(&mut self) {
        let loaded: Vec<(usize, Id)> = self.loaded.iter().map(|(&f, &id)| (f, id)).collect();
        for (file, id) in loaded {
            self.blur(file, id);
        }
    }

    /// Makes the globals of a module unknown that some function sets.
    fn blur(&mut self, file: usize, id: Id) {
        let modules = self.modules;
        for (name, offset) in modules.volatile(file) {
            let key = Key::Name(Rc::clone(&name));
            let function = self
                .heap
                .field(id, &key)
                .is_some_and(|value| matches!(value.data, Data::Function(_) | Data::External(_)));
            if !function {
                let reason = self.reason_at(file, &format!("global {name}"), offset);
                let value = Value::constant(Data::Unknown(reason));
                self.heap.set(id, key, Some(value));
            }
        }
    }

    /// Returns the file that is being run.
    fn file(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.file)
    }

    /// Returns the innermost scope.
    fn scope(&self) -> Option<Id> {
        self.frames
            .last()
            .and_then(|frame| frame.scopes.last().copied())
    }

    /// Returns the place of a node of the file that is being run.
    fn place(&self, node: &impl Ranged) -> Place {
        Place {
            file: self.file(),
            offset: node.start().into(),
        }
    }

    /// Returns "`text` (path:line)".
    fn reason_at(&self, file: usize, text: &str, offset: u32) -> Rc<str> {
        let line = self.modules.line(file, offset);
        format!("`{text}` ({}:{line})", self.modules.path(file)).into()
    }

    /// Returns why an expression's value is not known.
    fn reason(&mut self, expr: &Expr) -> Rc<str> {
        let file = self.file();
        let key = (file, expr.start().into(), expr.end().into());
        if let Some(reason) = self.reasons.get(&key) {
            return Rc::clone(reason);
        }
        let reason = self.reason_at(file, &shown(expr), expr.start().into());
        self.reasons.insert(key, Rc::clone(&reason));
        reason
    }

    /// Returns the unknown value of an expression.
    fn unknown(&mut self, expr: &Expr) -> Value<'a> {
        self.doubts += 1;
        let reason = self.reason(expr);
        Value::constant(Data::Unknown(reason))
    }

    /// Ends an expression that surely raises: inside a `try` the handler decides, elsewhere the
    /// program would not get further, so the value is merely unknown.
    fn fail(&mut self, class: &str, expr: &Expr) -> Evaluated<'a> {
        if self.state.guarded > 0 {
            return Err(Raised(class.into()));
        }
        Ok(self.unknown(expr))
    }

    /// Runs something whose outcome depends on variables.
    fn deciding<T>(&mut self, reads: &Reads, run: impl FnOnce(&mut Self) -> T) -> T {
        let joined = union(&self.state.decisions, reads);
        let before = std::mem::replace(&mut self.state.decisions, joined);
        let result = run(self);
        self.state.decisions = before;
        result
    }

    /// Looks into something that is not run: for its engines alone.
    fn shadowed(&mut self, run: impl FnOnce(&mut Self)) {
        let mark = self.heap.mark();
        let lengths = self
            .frames
            .last()
            .map(|frame| (frame.returns.len(), frame.exits.len()));
        let (doubts, guarded) = (self.doubts, std::mem::take(&mut self.state.guarded));
        let written = self.written.clone();
        self.state.shadow += 1;
        run(self);
        self.state.shadow -= 1;
        (self.doubts, self.state.guarded, self.written) = (doubts, guarded, written);
        self.heap.take_back(mark);
        if let (Some(frame), Some((returns, exits))) = (self.frames.last_mut(), lengths) {
            frame.returns.truncate(returns);
            frame.exits.truncate(exits);
        }
    }

    /// Returns whether a stretch of the current file may make an engine.
    fn interesting(&self, start: u32, end: u32) -> bool {
        self.words.within(self.modules, self.file(), start, end)
    }

    /// Returns whether a function's code may make an engine.
    fn makes_engines(&self, function: &Function<'a>) -> bool {
        let (start, end) = match function.code {
            Code::Def(def) => (def.start(), def.end()),
            Code::Lambda(lambda) => (lambda.start(), lambda.end()),
        };
        self.words
            .within(self.modules, function.file, start.into(), end.into())
    }

    /// Returns a class's description.
    fn class_info(&self, id: Id) -> Option<Rc<super::heap::ClassInfo>> {
        match &self.heap.object(id).kind {
            Kind::Class(info) => Some(Rc::clone(info)),
            _ => None,
        }
    }
}

/// Returns an expression as a reason shows it: names alone, for a text in it may be a password.
fn shown(expr: &Expr) -> String {
    let text = match expr {
        Expr::Name(name) => name.id.to_string(),
        Expr::Attribute(attribute) => format!("{}.{}", shown(&attribute.value), attribute.attr),
        Expr::Call(call) => {
            let argument = match call.arguments.args.first() {
                Some(Expr::StringLiteral(literal)) if is_name(literal.value.to_str()) => {
                    format!("\"{}\"", literal.value.to_str())
                }
                None if call.arguments.keywords.is_empty() => String::new(),
                _ => "…".to_owned(),
            };
            format!("{}({argument})", shown(&call.func))
        }
        Expr::Subscript(subscript) => match &*subscript.slice {
            Expr::StringLiteral(literal) if is_name(literal.value.to_str()) => {
                format!(
                    "{}[\"{}\"]",
                    shown(&subscript.value),
                    literal.value.to_str()
                )
            }
            _ => format!("{}[…]", shown(&subscript.value)),
        },
        Expr::Await(wait) => format!("await {}", shown(&wait.value)),
        Expr::If(choice) => format!("… if {} else …", shown(&choice.test)),
        Expr::UnaryOp(unary) => format!("{} {}", unary.op, shown(&unary.operand)),
        Expr::Compare(compare) => format!("{} {} …", shown(&compare.left), compare.ops[0].as_str()),
        Expr::FString(_) => "f\"…\"".to_owned(),
        Expr::StringLiteral(_) => "\"…\"".to_owned(),
        Expr::Dict(_) => "{…}".to_owned(),
        _ => "…".to_owned(),
    };
    if text.chars().count() > 80 {
        text.chars().take(79).chain(['…']).collect()
    } else {
        text
    }
}

/// Returns whether a text is a plain name, as variables and keys have.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && text
            .bytes()
            .any(|byte| byte == b'_' || byte.is_ascii_alphabetic())
}
