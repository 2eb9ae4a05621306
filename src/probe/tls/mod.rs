//! Stage tls: the stream is as encrypted as the sslmode asks.

mod algorithms;
mod certificate;
mod chain;
mod client;
mod digest;
mod handshake;
mod name;
mod plan;
mod problem;
mod request;
mod revocation;
mod roots;
mod verifier;
mod wire;

pub(super) use digest::Digest;
pub(super) use handshake::{Handshake, shake};
pub(super) use plan::{Plan, plan};
pub(super) use problem::Problem;
pub(super) use request::{Answer, NoAnswer, ask};
pub(super) use roots::SystemRoots;
pub(super) use wire::{Encrypted, Wire};
