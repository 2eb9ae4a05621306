//! The kinds of things that a provider promises: ports, TLS, pooling, names, limits.

use super::fact::Fact;

/// An answer that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// It depends on a setting: on which.
    Depends(&'static str),
    /// Nobody has said.
    Unknown,
}

/// The ports at which a provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// These, and no others.
    Fixed(&'static [u16]),
    /// These, unless the owner has chosen another.
    Usually(&'static [u16]),
    /// Another one for each service: the string must name it.
    PerService,
    /// There is no such endpoint.
    None,
}

/// Whether a server insists on TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A connection without TLS is refused.
    Required,
    /// Either is accepted.
    Optional,
    /// A setting of the instance decides: which.
    Depends(&'static str),
    /// Nobody has said.
    Unknown,
}

/// Who signs a server's certificate, and so what can verify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A public authority: the system's roots verify it.
    Public,
    /// The provider's own authority: its file verifies it, the system's roots do not.
    Own(&'static str),
    /// No certificate that could be verified by name: why.
    Unverifiable(&'static str),
    /// Nobody has said.
    Unknown,
}

/// What a provider does about TLS.
#[derive(Debug)]
pub struct Tls {
    /// Whether the server insists on it, from outside the provider's own network.
    pub required: Fact<Requirement>,
    /// Who signs the certificate.
    pub root: Fact<Root>,
    /// Whether `channel_binding=require` works on a direct connection.
    pub channel_binding: Fact<Answer>,
    /// Whether it works through the pooler.
    pub channel_binding_pooled: Fact<Answer>,
    /// One line of advice on how to verify the server, naming the provider.
    pub advice: &'static str,
}

impl Tls {
    /// Returns whether `sslmode=verify-full` with the system's roots works.
    pub fn verifies_with_system_roots(&self) -> Answer {
        match self.root.value {
            Root::Public => Answer::Yes,
            Root::Own(_) | Root::Unverifiable(_) => Answer::No,
            Root::Unknown => Answer::Unknown,
        }
    }
}

/// The program that pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolerKind {
    /// `PgBouncer`.
    PgBouncer,
    /// Supabase's Supavisor.
    Supavisor,
    /// Amazon's RDS Proxy.
    RdsProxy,
    /// One of the provider's own.
    Own,
}

/// When a pooler takes a server connection back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// After each transaction.
    Transaction,
    /// When the client leaves.
    Session,
}

/// What a pooler does with prepared statements of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statements {
    /// It tracks them: drivers may prepare.
    Tracked,
    /// It does not: drivers must not prepare, or name each statement anew.
    NotTracked,
    /// A statement pins the session to one server connection.
    Pinned,
    /// Nobody has said.
    Unknown,
}

/// What becomes of a startup parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Startup {
    /// All but these are refused, and the connection with them.
    RefusesAllBut(&'static [&'static str]),
    /// All but these are dropped without a word.
    IgnoresAllBut(&'static [&'static str]),
    /// They reach the server.
    Forwards,
    /// Nobody has said.
    Unknown,
}

impl Startup {
    /// Returns whether a parameter is refused; `None` where nobody has said.
    pub fn refuses(self, parameter: &str) -> Option<bool> {
        match self {
            Self::RefusesAllBut(allowed) => Some(!has(allowed, parameter)),
            Self::IgnoresAllBut(_) | Self::Forwards => Some(false),
            Self::Unknown => None,
        }
    }

    /// Returns whether a parameter is dropped without a word; `None` where nobody has said.
    pub fn ignores(self, parameter: &str) -> Option<bool> {
        match self {
            Self::IgnoresAllBut(kept) => Some(!has(kept, parameter)),
            Self::RefusesAllBut(_) | Self::Forwards => Some(false),
            Self::Unknown => None,
        }
    }
}

fn has(list: &[&str], parameter: &str) -> bool {
    list.iter()
        .any(|entry| entry.eq_ignore_ascii_case(parameter))
}

/// The startup parameters that stock `PgBouncer` tracks (`pgbouncer/pgbouncer` doc/config.md, 1.25).
pub const PGBOUNCER_STARTUP: &[&str] = &[
    "user",
    "database",
    "client_encoding",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
    "application_name",
    "intervalstyle",
];

/// A pooler in front of the servers.
#[derive(Debug)]
pub struct Pooler {
    /// The program.
    pub kind: Fact<PoolerKind>,
    /// How it pools unless it is told otherwise; a [`super::Detected`] may know better.
    pub mode: Fact<PoolMode>,
    /// What it does with prepared statements in transaction mode.
    pub statements: Fact<Statements>,
    /// What becomes of a startup parameter of its own.
    pub startup: Fact<Startup>,
    /// What becomes of a setting inside `options=-c …`.
    pub options: Fact<Startup>,
}

/// A form that a name must have.
#[derive(Debug)]
pub struct Form {
    /// The form, as it fits after "must be".
    pub description: &'static str,
    /// Whether a name has it.
    pub fits: fn(&str) -> bool,
    /// Whether it holds on the pooled endpoint alone.
    pub pooled_only: bool,
}

/// How many connections a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// By the plan's name, as the provider writes it: `max_connections`, and how many clients its
    /// pooler takes.
    ByPlan(&'static [(&'static str, u32, Option<u32>)]),
    /// By memory: from so many MiB on, so many connections; the last step that fits counts.
    BySteps(&'static [(u32, u32)]),
    /// By memory: one connection for so many bytes, up to a most.
    ByBytes {
        /// The memory of one connection.
        each: u64,
        /// The most, whatever the memory.
        most: u32,
    },
    /// The same for every plan.
    Always(u32),
    /// Nobody has said.
    Unknown,
}

impl Limits {
    /// Returns the limit of a plan, by its name or by the memory in it (`pro-8gb`).
    pub fn of(self, plan: &str) -> Option<u32> {
        match self {
            Self::ByPlan(plans) => plans
                .iter()
                .find(|(name, ..)| name.eq_ignore_ascii_case(plan))
                .map(|(_, connections, _)| *connections),
            Self::BySteps(steps) => {
                let memory = memory_mib(plan)?;
                steps
                    .iter()
                    .rev()
                    .find(|(least, _)| memory >= *least)
                    .map(|(_, connections)| *connections)
            }
            Self::ByBytes { each, most } => {
                let bytes = u64::from(memory_mib(plan)?) * 1024 * 1024;
                Some(u32::try_from(bytes / each).unwrap_or(most).min(most))
            }
            Self::Always(connections) => Some(connections),
            Self::Unknown => None,
        }
    }
}

/// Reads the memory out of a plan's name: `basic-256mb`, `pro-8gb`, `4 GiB`.
fn memory_mib(plan: &str) -> Option<u32> {
    let plan = plan.to_ascii_lowercase();
    let unit = plan.rfind("gb").or_else(|| plan.rfind("gib"));
    let (end, factor) = match unit {
        Some(end) => (end, 1024),
        None => (plan.rfind("mb").or_else(|| plan.rfind("mib"))?, 1),
    };
    let head = plan[..end].trim_end();
    let digits = head.len() - head.bytes().rev().take_while(u8::is_ascii_digit).count();
    head[digits..].parse::<u32>().ok()?.checked_mul(factor)
}

/// Something that cuts a connection that does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// After how many seconds.
    pub seconds: u32,
    /// What happens then, as a sentence without its end.
    pub what: &'static str,
}

#[cfg(test)]
mod tests {
    use super::{Limits, PGBOUNCER_STARTUP, Startup};

    #[test]
    fn a_plan_is_found_by_name_or_by_its_memory() {
        let plans = Limits::ByPlan(&[("Micro", 60, Some(200))]);
        assert_eq!(plans.of("micro"), Some(60));
        assert_eq!(plans.of("huge"), None);
        let steps = Limits::BySteps(&[(0, 100), (8192, 200)]);
        assert_eq!(steps.of("basic-256mb"), Some(100));
        assert_eq!(steps.of("pro-8gb"), Some(200));
        assert_eq!(steps.of("starter"), None);
        let bytes = Limits::ByBytes {
            each: 9_531_392,
            most: 5000,
        };
        assert_eq!(bytes.of("4 GiB"), Some(450));
        assert_eq!(bytes.of("1024 GB"), Some(5000));
    }

    #[test]
    fn a_pooler_refuses_what_it_does_not_track() {
        let stock = Startup::RefusesAllBut(PGBOUNCER_STARTUP);
        assert_eq!(stock.refuses("TimeZone"), Some(false));
        assert_eq!(stock.refuses("statement_timeout"), Some(true));
        assert_eq!(Startup::IgnoresAllBut(&[]).ignores("jit"), Some(true));
        assert_eq!(Startup::Unknown.refuses("jit"), None);
    }
}
