//! The kinds of checks: each has its subject.

use super::{Context, Outcome};
use crate::facts::{
    Connection, DatabaseUrl, Engine, Environment, ProjectFile, Reader, Service, Variable,
};
use crate::spec::PoolSetting;

/// A pool setting in one environment.
#[derive(Clone, Copy, Debug)]
pub struct PoolVariable<'a> {
    /// Which setting.
    pub setting: PoolSetting,
    /// The environment.
    pub environment: &'a Environment,
    /// The variable that sets it there, if one does.
    pub variable: Option<&'a Variable>,
}

type PoolCheck = fn(&PoolVariable<'_>, Context<'_>) -> Outcome;

/// A check, by its kind of subject.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Once per connection string.
    Url(fn(&DatabaseUrl, Context<'_>) -> Outcome),
    /// Once per connection string and driver that reads it.
    Reader(fn(&DatabaseUrl, &Reader, Context<'_>) -> Outcome),
    /// Once per pool setting of the list and environment that sets a variable of the spec.
    Pool(&'static [PoolSetting], PoolCheck),
    /// Once per variable of a pool and environment that sets it.
    Variable(fn(&Variable, &Environment, Context<'_>) -> Outcome),
    /// Once per engine and environment.
    Engine(fn(&Engine, Context<'_>) -> Outcome),
    /// Once per database that was dialled, over all tries.
    Connection(fn(&[&Connection], Context<'_>) -> Outcome),
    /// Once per deploy file that starts something, or once with no service.
    Deploy(fn(&[&Service], Context<'_>) -> Outcome),
    /// Once per discovered file.
    File(fn(&ProjectFile, Context<'_>) -> Outcome),
    /// Once per run.
    Project(fn(Context<'_>) -> Outcome),
}
