//! What an expression may be: a Python value, part of one, or nothing that can be known.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{ExprLambda, StmtFunctionDef};

/// An object of the heap.
pub(super) type Id = usize;

/// A place in a file: the file's index and the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) offset: u32,
}

/// How a value came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Written where it is used.
    Literal,
    /// Written elsewhere, or computed.
    Constant,
    /// Read from a variable that is set.
    Env(Rc<str>),
    /// The default beside a variable that is not set.
    EnvDefault(Rc<str>),
}

impl How {
    /// Returns how a value came to be that is made of two.
    pub(super) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Env(_), _) => self.clone(),
            (_, Self::Env(_)) => other.clone(),
            (Self::EnvDefault(_), _) => self.clone(),
            (_, Self::EnvDefault(_)) => other.clone(),
            (Self::Constant, _) | (_, Self::Constant) => Self::Constant,
            (Self::Literal, Self::Literal) => Self::Literal,
        }
    }

    /// Returns the variable that the value comes from.
    pub(super) fn variable(&self) -> Option<&Rc<str>> {
        match self {
            Self::Env(name) | Self::EnvDefault(name) => Some(name),
            Self::Literal | Self::Constant => None,
        }
    }
}

/// The variables that a value depends on.
pub(super) type Reads = Option<Rc<BTreeSet<Rc<str>>>>;

/// Returns the variables of both.
pub(super) fn union(a: &Reads, b: &Reads) -> Reads {
    match (a, b) {
        (None, other) | (other, None) => other.clone(),
        (Some(a), Some(b)) if a == b => Some(Rc::clone(a)),
        (Some(a), Some(b)) => Some(Rc::new(a.union(b).cloned().collect())),
    }
}

/// A function's code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// A function of the project.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) file: usize,
    pub(super) code: Code<'a>,
    /// The scopes that its names are looked up in, the innermost last.
    pub(super) scopes: Rc<[Id]>,
    /// The defaults of its parameters, by name.
    pub(super) defaults: Vec<(Rc<str>, Value<'a>)>,
    /// The class that it is a method of.
    pub(super) class: Option<Id>,
    /// Whether what a call returns is what the code returns: no unknown decorator changes it.
    pub(super) transparent: bool,
    /// `@property`, `@staticmethod`, `@classmethod`.
    pub(super) kind: MethodKind,
}

/// What a decorator makes of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MethodKind {
    Plain,
    Property,
    Static,
    Class,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) enum Data<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    /// A text that begins so; the rest is not known.
    Prefix(Rc<str>, Rc<str>),
    Tuple(Rc<[Value<'a>]>),
    /// A dict, a list, a module, a class, an instance.
    Object(Id),
    Function(Rc<Function<'a>>),
    /// A method and the object that it is called on.
    Bound(Rc<Function<'a>>, Rc<Value<'a>>),
    /// A name of a library: `sqlalchemy.create_engine`.
    External(Rc<str>),
    /// A method of a built-in value: the value and the name.
    Method(Rc<Value<'a>>, Rc<str>),
    /// `functools.partial`.
    Partial(Rc<(Value<'a>, Vec<Value<'a>>, Vec<(Rc<str>, Value<'a>)>)>),
    /// What an import names in a file that has not been run.
    Later(Rc<Later>),
    /// Not known, and why: "`expr` (path:line)".
    Unknown(Rc<str>),
}

/// What an import names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Later {
    /// The import, and the file that it stands in.
    pub(super) place: Place,
    /// The file that is imported from.
    pub(super) file: usize,
    /// The name in it; `None` for the module itself.
    pub(super) name: Option<Rc<str>>,
}

/// A value, how it came to be, and what it depends on.
#[derive(Clone, Debug)]
pub(super) struct Value<'a> {
    pub(super) data: Data<'a>,
    pub(super) how: How,
    pub(super) reads: Reads,
    /// Where it is written as an entry of a dict or an argument of a call.
    pub(super) place: Option<Place>,
    /// The replacements that a connection string went through.
    pub(super) replaced: Option<Rc<Vec<(String, String)>>>,
    /// Whether it is a text that was put together around the values of variables.
    pub(super) composed: bool,
}

impl<'a> Value<'a> {
    /// Returns a value that is written where it is used.
    pub(super) fn literal(data: Data<'a>) -> Self {
        Self {
            data,
            how: How::Literal,
            reads: None,
            place: None,
            replaced: None,
            composed: false,
        }
    }

    /// Returns a value that is not written where it is used.
    pub(super) fn constant(data: Data<'a>) -> Self {
        Self {
            how: How::Constant,
            ..Self::literal(data)
        }
    }

    /// Returns the same origin and dependencies with other data.
    pub(super) fn with(&self, data: Data<'a>) -> Self {
        Self {
            data,
            ..self.clone()
        }
    }

    /// Adds what another value, from which this one was made, depends on.
    pub(super) fn made_of(mut self, other: &Self) -> Self {
        self.how = self.how.and(&other.how);
        self.reads = union(&self.reads, &other.reads);
        if self.replaced.is_none() {
            self.replaced.clone_from(&other.replaced);
        }
        self
    }

    /// Adds what decided for this value.
    pub(super) fn decided_by(mut self, reads: &Reads) -> Self {
        self.reads = union(&self.reads, reads);
        self
    }

    /// Returns the value as read through a name: no longer written where it is used.
    pub(super) fn named(mut self) -> Self {
        if self.how == How::Literal {
            self.how = How::Constant;
        }
        self
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.data, Data::Unknown(_))
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn object(&self) -> Option<Id> {
        match self.data {
            Data::Object(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn external(&self) -> Option<&str> {
        match &self.data {
            Data::External(name) => Some(name),
            _ => None,
        }
    }

    /// Returns whether two values are surely the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (Data::None, Data::None) => true,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Int(a), Data::Int(b)) => a == b,
            (Data::Float(a), Data::Float(b)) => a.to_bits() == b.to_bits(),
            (Data::Str(a), Data::Str(b)) | (Data::External(a), Data::External(b)) => a == b,
            (Data::Prefix(a, _), Data::Prefix(b, _)) => a == b,
            (Data::Object(a), Data::Object(b)) => a == b,
            (Data::Function(a), Data::Function(b)) => Rc::ptr_eq(a, b),
            (Data::Later(a), Data::Later(b)) => (a.file, &a.name) == (b.file, &b.name),
            (Data::Bound(a, x), Data::Bound(b, y)) => Rc::ptr_eq(a, b) && x.same(y),
            (Data::Tuple(a), Data::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            _ => false,
        }
    }
}
