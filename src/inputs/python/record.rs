//! What one evaluation saw of a call that makes an engine.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::value::{How, Place};
use crate::facts::{ArgumentValue, Role};
use crate::value::Secret;

/// The address that a call gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Address {
    /// There is none: keywords name the host, or a function connects.
    Absent,
    Known(Secret),
    /// A scheme is known: `postgresql+asyncpg`.
    Scheme(String, String),
    Unknown(String),
}

/// One argument, by its path.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) value: ArgumentValue,
    pub(super) how: How,
    pub(super) place: Option<Place>,
}

/// A call that makes an engine.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) place: Place,
    /// The name of the library: `sqlalchemy.create_engine`.
    pub(super) name: Rc<str>,
    pub(super) address: Address,
    pub(super) address_how: How,
    /// Whether the address is put together from several variables.
    pub(super) composed: bool,
    pub(super) address_reads: BTreeSet<Rc<str>>,
    pub(super) replaced: Vec<(String, String)>,
    pub(super) arguments: Vec<Argument>,
    /// What may add arguments: the path that it adds to, and the reason.
    pub(super) open: Vec<(String, String)>,
    pub(super) reads: BTreeSet<Rc<str>>,
    /// The variables that decide whether the call is reached.
    pub(super) decisions: BTreeSet<Rc<str>>,
    /// Whether the call is reached: `None` in a branch that may not be taken.
    pub(super) reached: Option<bool>,
    /// The role of the file that was being run.
    pub(super) role: Role,
    /// Whether it was seen in a function run for itself, whose parameters are not known.
    pub(super) by_itself: bool,
    /// What Flask-SQLAlchemy 2 alone calls to change the options, where a subclass has it.
    pub(super) old_hook: Option<String>,
    /// Whether Flask's configuration was seen.
    pub(super) configured: bool,
}

impl Record {
    /// Returns what is known of a call before its arguments are looked at.
    pub(super) fn blank(name: Rc<str>, place: Place, role: Role) -> Self {
        Self {
            place,
            name,
            address: Address::Absent,
            address_how: How::Constant,
            composed: false,
            address_reads: BTreeSet::new(),
            replaced: Vec::new(),
            arguments: Vec::new(),
            open: Vec::new(),
            reads: BTreeSet::new(),
            decisions: BTreeSet::new(),
            reached: None,
            role,
            by_itself: false,
            old_hook: None,
            configured: false,
        }
    }

    /// Returns an argument by its path.
    pub(super) fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments
            .iter()
            .rev()
            .find(|argument| argument.name == name)
    }

    /// Returns whether another sight of the call is given something else.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.address != other.address
            || self.arguments.len() != other.arguments.len()
            || self.arguments.iter().any(|argument| {
                other
                    .argument(&argument.name)
                    .is_none_or(|same| same.value != argument.value)
            })
    }

    /// Joins two sights of one call: what differs is unknown.
    pub(super) fn join(&mut self, other: Self) {
        let why = "`…` (differs between the calls that lead here)";
        if self.address != other.address {
            self.address = match (&self.address, &other.address) {
                (Address::Scheme(a, why), Address::Scheme(b, _)) if a == b => {
                    Address::Scheme(a.clone(), why.clone())
                }
                (Address::Unknown(reason), _) | (_, Address::Unknown(reason)) => {
                    Address::Unknown(reason.clone())
                }
                _ => Address::Unknown(why.to_owned()),
            };
        }
        if self.address_how != other.address_how {
            self.address_how = How::Constant;
        }
        for argument in &mut self.arguments {
            match other.argument(&argument.name) {
                Some(same) if same.value == argument.value => {
                    argument.how = argument.how.and(&same.how);
                }
                Some(Argument {
                    value: value @ ArgumentValue::Unknown(_),
                    ..
                }) => {
                    argument.value = value.clone();
                }
                _ if matches!(argument.value, ArgumentValue::Unknown(_)) => {}
                _ => argument.value = ArgumentValue::Unknown(why.to_owned()),
            }
        }
        for mut argument in other.arguments {
            if self.argument(&argument.name).is_none() {
                if !matches!(argument.value, ArgumentValue::Unknown(_)) {
                    argument.value = ArgumentValue::Unknown(why.to_owned());
                }
                self.arguments.push(argument);
            }
        }
        self.open.extend(other.open);
        self.reads.extend(other.reads);
        self.decisions.extend(other.decisions);
        self.address_reads.extend(other.address_reads);
        if self.reached != other.reached {
            self.reached =
                Some(true).filter(|_| self.reached == Some(true) || other.reached == Some(true));
        }
    }
}
