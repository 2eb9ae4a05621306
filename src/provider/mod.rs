//! What each hosting provider promises: one `static` per file, each number with source and date.
//!
//! A provider is recognised by its host alone, so a look-alike domain must never match, and a host
//! that several could own matches with less certainty.

mod aiven;
mod amazon;
mod azure;
mod cloud_sql;
mod cockroach;
mod crunchy;
mod detected;
mod digital_ocean;
mod endpoint;
mod fact;
mod fly;
mod heroku;
mod hosts;
mod neon;
mod planetscale;
mod prisma;
mod railway;
mod render;
mod routing;
mod supabase;
mod terms;
mod timescale;
mod xata;

pub use detected::Detected;
pub use fact::{Certainty, Fact};
pub use terms::{
    Answer, Form, Idle, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports,
    Requirement, Root, Startup, Statements, Tls,
};

use endpoint::Endpoint;
use hosts::Name;

/// A hosting provider.
#[derive(Debug)]
pub struct Provider {
    /// `neon`, `render`, …
    pub id: &'static str,
    /// The name that people use.
    pub name: &'static str,
    /// Recognises a host.
    recognise: fn(&Name<'_>) -> Option<Endpoint>,
    /// Where the servers themselves answer.
    pub ports: Fact<Ports>,
    /// Where the pooler answers.
    pub pooled_ports: Fact<Ports>,
    /// What it does about TLS.
    pub tls: Tls,
    /// Its pooler, where it has one.
    pub pooler: Option<Pooler>,
    /// The form that the user must have.
    pub user: Option<Fact<&'static Form>>,
    /// The form that the database must have.
    pub database: Option<Fact<&'static Form>>,
    /// How many connections its servers take.
    pub limits: Fact<Limits>,
    /// How many of them are kept from the application.
    pub reserved: Option<Fact<u32>>,
    /// What cuts idle connections.
    pub idle: &'static [Fact<Idle>],
    /// Whatever else a user of its connection strings should know, each a sentence without its end.
    pub notes: &'static [Fact<&'static str>],
}

impl Provider {
    /// Returns every port at which the provider answers; none where the owner or the service
    /// decides, or nobody has said for sure.
    pub fn ports(&self) -> &'static [u16] {
        match self.ports.sure() {
            Some(Ports::Fixed(ports)) => ports,
            Some(Ports::Usually(_) | Ports::PerService | Ports::None) | None => &[],
        }
    }
}

/// Every provider, the one with the most particular host names first.
pub static PROVIDERS: &[&Provider] = &[
    &neon::PROVIDER,
    &render::PROVIDER,
    &supabase::PROVIDER,
    &amazon::RDS_PROXY,
    &amazon::AURORA,
    &amazon::RDS,
    &heroku::PROVIDER,
    &cloud_sql::PROVIDER,
    &azure::PROVIDER,
    &digital_ocean::PROVIDER,
    &fly::PROVIDER,
    &railway::PROVIDER,
    &aiven::PROVIDER,
    &crunchy::PROVIDER,
    &timescale::PROVIDER,
    &cockroach::PROVIDER,
    &prisma::PROVIDER,
    &planetscale::PROVIDER,
    &xata::PROVIDER,
];

/// Returns a provider by its id.
pub fn find(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id).copied()
}

/// Recognises a provider by its host (and port, where that is what tells).
pub fn detect(host: &str, port: Option<u16>) -> Option<Detected> {
    let lower = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let name = Name::new(&lower, port);
    PROVIDERS.iter().find_map(|provider| {
        (provider.recognise)(&name).map(|endpoint| Detected::new(provider, endpoint))
    })
}

/// Returns whether a host is local or private: a socket folder, loopback, RFC 1918 or unique-local
/// address, a single label, `.internal`, `.local`, `.flycast`, or a provider's internal form.
///
/// Expects one host, not a list; an empty one stands for libpq's default socket folder.
pub fn is_local_or_private(host: &str) -> bool {
    let lower = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host.is_empty()
        || hosts::is_private(&lower)
        || detect(&lower, None).is_some_and(|detected| detected.internal)
}

#[cfg(test)]
mod tests;
