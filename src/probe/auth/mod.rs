//! Stage auth: the server lets the user in.

pub(super) mod breach;
mod frames;
mod meter;
pub(super) mod notes;
mod policy;
mod scram;
mod session;
mod startup;

pub(super) use meter::Metered;
pub(super) use policy::{Binding, Policy, RequireAuth};
pub(super) use session::{Opened, Opening, Setback, open};
