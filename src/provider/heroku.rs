//! Heroku Postgres: its hosts are Amazon's, so a match is a guess.

use super::fact::{high, low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const PLANS: &str = "https://devcenter.heroku.com/articles/heroku-postgres-plans";
const CLI: &str = "https://github.com/heroku/cli @c5fbf4b";

pub(super) static PROVIDER: Provider = Provider {
    id: "heroku",
    name: "Heroku Postgres",
    recognise,
    ports: medium(Ports::Usually(&[5432]), CLI, "2026-11-23"),
    pooled_ports: medium(Ports::Usually(&[5432]), CLI, "2026-11-23"),
    tls: Tls {
        required: medium(Requirement::Required, CLI, "2026-11-23"),
        root: low(Root::Unverifiable(
            "classic plans sign their certificate themselves",
        )),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Heroku Postgres: the certificate of a classic plan is self-signed, so verify-full is not known to work; sslmode=require is what its own tools use",
    },
    pooler: Some(Pooler {
        kind: medium(PoolerKind::PgBouncer, PLANS, "2026-11-23"),
        mode: medium(PoolMode::Transaction, PLANS, "2026-11-23"),
        statements: low(Statements::NotTracked),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: medium(
        Limits::ByPlan(&[
            ("essential-0", 20, None),
            ("essential-1", 20, None),
            ("essential-2", 40, None),
            ("standard-0", 120, None),
            ("premium-0", 120, None),
            ("standard-2", 400, None),
            ("premium-2", 400, None),
        ]),
        PLANS,
        "2026-11-23",
    ),
    reserved: None,
    idle: &[],
    notes: &[
        high(
            "the platform sets and rotates DATABASE_URL: never copy it",
            CLI,
            "2026-11-23",
        ),
        high(
            "its URLs begin with postgres://, which SQLAlchemy refuses",
            "https://docs.sqlalchemy.org/en/20/changelog/changelog_14.html",
            "2021-03-15",
        ),
    ],
};

/// `ec2-<address>.compute-1.amazonaws.com`: also any database that runs on a machine of Amazon's.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    let labels = name.below("amazonaws.com")?;
    let is_machine = match labels {
        [machine, "compute-1"] | [machine, _, "compute"] => {
            machine.strip_prefix("ec2-").is_some_and(|address| {
                address.split('-').count() == 4
                    && address.split('-').all(|part| part.parse::<u8>().is_ok())
            })
        }
        _ => false,
    };
    is_machine.then_some(Endpoint::UNTOLD.sure(Certainty::Medium))
}
