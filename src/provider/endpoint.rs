//! What a host name tells of the server behind it.

use super::fact::Certainty;
use super::hosts::Name;
use super::terms::{PoolMode, Ports};

/// What a host tells of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) pooled: Option<bool>,
    pub(super) mode: Option<PoolMode>,
    pub(super) internal: bool,
    pub(super) certainty: Certainty,
    /// The ports of this endpoint, where they are not the provider's usual ones.
    pub(super) ports: Option<Ports>,
}

impl Endpoint {
    /// A server that anybody may reach.
    pub(super) const DIRECT: Self = Self {
        pooled: Some(false),
        mode: None,
        internal: false,
        certainty: Certainty::High,
        ports: None,
    };

    /// A pooler in transaction mode.
    pub(super) const POOLED: Self = Self {
        pooled: Some(true),
        mode: Some(PoolMode::Transaction),
        ..Self::DIRECT
    };

    /// A host that does not tell whether it pools.
    pub(super) const UNTOLD: Self = Self {
        pooled: None,
        ..Self::DIRECT
    };

    /// A server or, at the pooler's port, its pooler.
    pub(super) fn by_port(name: &Name<'_>, pooled: u16) -> Self {
        if name.port == Some(pooled) {
            Self::POOLED
        } else {
            Self::DIRECT
        }
    }

    pub(super) const fn internal(self) -> Self {
        Self {
            internal: true,
            ..self
        }
    }

    pub(super) const fn sure(self, certainty: Certainty) -> Self {
        Self { certainty, ..self }
    }
}
