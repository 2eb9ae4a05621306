//! A host that was recognised, and what follows for it from its provider's promises.

use super::endpoint::Endpoint;
use super::{Certainty, Fact, Form, PoolMode, Ports, Provider, Requirement, Root, Statements};

/// A host that was recognised.
#[derive(Clone, Copy, Debug)]
pub struct Detected {
    /// Whose it is.
    pub provider: &'static Provider,
    /// Whether a pooler answers there; `None` where the host does not tell.
    pub pooled: Option<bool>,
    /// How the pooler pools, where the host or the port tells.
    pub mode: Option<PoolMode>,
    /// Whether the host is reachable from the provider's own network alone.
    pub internal: bool,
    /// How sure it is that the host is this provider's.
    pub certainty: Certainty,
    own_ports: Option<Ports>,
}

impl Detected {
    pub(super) fn new(provider: &'static Provider, endpoint: Endpoint) -> Self {
        Self {
            provider,
            pooled: endpoint.pooled,
            mode: endpoint.mode,
            internal: endpoint.internal,
            certainty: endpoint.certainty,
            own_ports: endpoint.ports,
        }
    }

    /// Returns the ports at which this endpoint may answer.
    pub fn ports(&self) -> Fact<Ports> {
        let usual = if self.pooled == Some(true) {
            self.provider.pooled_ports
        } else {
            self.provider.ports
        };
        Fact {
            value: self.own_ports.unwrap_or(usual.value),
            ..usual
        }
    }

    /// Returns whether the server insists on TLS for this endpoint; `None` where a setting decides,
    /// the host is internal, or nobody has said for sure.
    pub fn requires_tls(&self) -> Option<bool> {
        match self.provider.tls.required.sure()? {
            Requirement::Required if !self.internal => Some(true),
            Requirement::Optional => Some(false),
            Requirement::Required | Requirement::Depends(_) | Requirement::Unknown => None,
        }
    }

    /// Returns what a user's name must look like here, where the name does not.
    pub fn wrong_user(&self, user: &str) -> Option<Fact<&'static Form>> {
        self.wrong(self.provider.user, user)
    }

    /// Returns what a database's name must look like here, where the name does not.
    pub fn wrong_database(&self, database: &str) -> Option<Fact<&'static Form>> {
        self.wrong(self.provider.database, database)
    }

    fn wrong(&self, form: Option<Fact<&'static Form>>, name: &str) -> Option<Fact<&'static Form>> {
        form.filter(|form| {
            (!form.value.pooled_only || self.pooled == Some(true)) && !(form.value.fits)(name)
        })
    }

    /// Returns whether the pooler here loses prepared statements between transactions; `None`
    /// where nobody has said, `Some(false)` where there is no pooler or it pools by session.
    pub fn loses_statements(&self) -> Option<bool> {
        if self.pooled? {
            let pooler = self.provider.pooler.as_ref()?;
            match (self.mode?, pooler.statements.value) {
                (PoolMode::Session, _) | (_, Statements::Tracked | Statements::Pinned) => {
                    Some(false)
                }
                (PoolMode::Transaction, Statements::NotTracked) => Some(true),
                (PoolMode::Transaction, Statements::Unknown) => None,
            }
        } else {
            Some(false)
        }
    }

    /// Returns why no certificate of this server can be verified by name, where that is sure.
    pub fn unverifiable(&self) -> Option<&'static str> {
        match self.provider.tls.root.sure()? {
            Root::Unverifiable(why) => Some(why),
            Root::Public | Root::Own(_) | Root::Unknown => None,
        }
    }

    /// Returns one line on how to verify this server.
    pub fn verify_advice(&self) -> Option<&'static str> {
        // Inside the provider's network a bare name is dialled, which no certificate carries.
        (!self.internal).then_some(self.provider.tls.advice)
    }

    /// Returns what is wrong with a user's name and how to fix it, where that is sure.
    pub fn user_problem(&self, user: &str) -> Option<(String, String)> {
        self.problem("user", self.wrong_user(user)?)
    }

    /// Returns what is wrong with a database's name and how to fix it, where that is sure.
    pub fn database_problem(&self, database: &str) -> Option<(String, String)> {
        self.problem("database", self.wrong_database(database)?)
    }

    fn problem(&self, what: &str, form: Fact<&'static Form>) -> Option<(String, String)> {
        let form = form.sure()?;
        let name = self.provider.name;
        Some((
            format!("the {what} has not the form that {name} wants here"),
            format!("name the {what} as {name} does: {}", form.description),
        ))
    }
}
