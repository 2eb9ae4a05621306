//! The rules: each is a value with a pure check; [`judge()`] runs them all over the facts.

mod activity;
mod budget;
mod check;
mod connect;
mod engine;
mod health;
mod judge;
mod log;
mod pool;
mod project;
mod server;
mod session;
mod tls;
mod url;
mod verdict;

pub use check::{Check, PoolVariable};
pub use judge::judge;
pub use verdict::{Finding, Outcome, Seen, Verdict};

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::facts::Facts;
use crate::spec::{Severity, Spec};
use crate::value::Origin;

/// What every check may look at beside its subject.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What must hold.
    pub spec: &'a Spec,
    /// Everything that was found out.
    pub facts: &'a Facts,
    /// Today, UTC.
    pub today: Date,
}

/// A rule. One without its rationale or its fix does not compile.
#[derive(Debug)]
pub struct Rule {
    /// `family-problem`, kebab-case, as in CONTRACT 6.
    pub id: &'static str,
    /// The severity of its failures, unless a finding carries its own.
    pub severity: Severity,
    /// One line that names the problem: lower case, no full stop, at most 72 characters.
    pub summary: &'static str,
    /// Why it hurts, in the application's terms; says what is true also where the spec simplifies.
    pub rationale: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Error texts that users see when it is broken; `explain "…"` searches them.
    pub symptoms: &'static [&'static str],
    /// Where to read more: https only.
    pub references: &'static [&'static str],
    /// The check.
    pub check: Check,
}

impl Rule {
    /// Returns the part of the id before the first dash: `url`, `pool`, …
    pub fn family(&self) -> &'static str {
        self.id.split('-').next().unwrap_or(self.id)
    }
}

/// An outcome on one subject.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The rule.
    pub rule: &'static Rule,
    /// What was judged: a variable, an engine `app/database.py:383`, a host `h:5432`.
    pub subject: String,
    /// The driver, as it was asked for, where the judgement is for one.
    pub driver: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// Where the subject is set; a finding may add more.
    pub origin: Option<Origin>,
    /// The connection string to show under a finding that marks a part of it.
    pub redacted: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// The severity that counts: the finding's or the rule's, or `--severity`'s.
    pub severity: Severity,
    /// Why it is waived, where it is.
    pub waived: Option<String>,
    /// The waiver that covered it until a day that is over, in words.
    pub lapsed: Option<String>,
}

/// Every rule, in report order.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    [
        url::RULES,
        pool::RULES,
        engine::RULES,
        budget::RULES,
        connect::RULES,
        tls::RULES,
        server::RULES,
        activity::RULES,
        health::RULES,
        log::RULES,
        project::RULES,
    ]
    .concat()
});

/// Returns a rule by its id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
