//! probe

pub mod health;
