//! Supabase: a direct host over IPv6, and Supavisor in two modes.

use super::fact::{high, medium};
use super::hosts::{Name, is_id};
use super::terms::{
    Answer, Form, Limits, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root, Startup,
    Statements, Tls,
};
use super::{Endpoint, Provider};

const CONNECTING: &str = "https://supabase.com/docs/guides/database/connecting-to-postgres";
const SUPAVISOR: &str = "https://github.com/supabase/supavisor @03e5cc5";

pub(super) static PROVIDER: Provider = Provider {
    id: "supabase",
    name: "Supabase",
    recognise,
    ports: high(Ports::Fixed(&[5432, 6543]), CONNECTING, "2026-11-23"),
    pooled_ports: high(Ports::Fixed(&[5432, 6543]), CONNECTING, "2026-11-23"),
    tls: Tls {
        required: high(
            Requirement::Depends("the project's setting \"Enforce SSL\""),
            CONNECTING,
            "2026-11-23",
        ),
        root: medium(
            Root::Own("prod-ca-2021.crt from the project's database settings"),
            CONNECTING,
            "2026-11-23",
        ),
        channel_binding: super::fact::low(Answer::Yes),
        channel_binding_pooled: high(Answer::No, SUPAVISOR, "2026-08-20"),
        advice: "Supabase: sslmode=verify-full needs sslrootcert=prod-ca-2021.crt (project settings, Database); the system's roots do not verify it",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::Supavisor, CONNECTING, "2026-11-23"),
        mode: high(PoolMode::Session, CONNECTING, "2026-11-23"),
        statements: high(Statements::NotTracked, CONNECTING, "2026-11-23"),
        startup: high(
            Startup::IgnoresAllBut(&[
                "user",
                "database",
                "application_name",
                "search_path",
                "options",
            ]),
            SUPAVISOR,
            "2026-08-20",
        ),
        options: high(
            Startup::IgnoresAllBut(&["reference", "search_path"]),
            SUPAVISOR,
            "2026-08-20",
        ),
    }),
    user: Some(high(&POOLER_USER, CONNECTING, "2026-11-23")),
    database: None,
    limits: high(
        Limits::ByPlan(&[
            ("Nano", 60, Some(200)),
            ("Micro", 60, Some(200)),
            ("Small", 90, Some(400)),
            ("Medium", 120, Some(600)),
            ("Large", 160, Some(800)),
            ("XL", 240, Some(1000)),
            ("2XL", 380, Some(1500)),
            ("4XL", 480, Some(3000)),
            ("8XL", 490, Some(6000)),
            ("12XL", 500, Some(9000)),
            ("16XL", 500, Some(12_000)),
        ]),
        "https://supabase.com/docs/guides/platform/compute-and-disk",
        "2026-11-23",
    ),
    reserved: None,
    idle: &[],
    notes: &[
        high(
            "the direct host has an IPv6 address alone (without the IPv4 add-on): Render, Vercel and GitHub Actions cannot reach it",
            CONNECTING,
            "2026-11-23",
        ),
        high(
            "in transaction mode pg_stat_activity shows the application name Supavisor",
            SUPAVISOR,
            "2026-08-20",
        ),
        high(
            "keep the application's pools under 80 % of the pool size, under 40 % where the REST API is used",
            CONNECTING,
            "2026-11-23",
        ),
    ],
};

static POOLER_USER: Form = Form {
    description: "<role>.<project ref>, as in postgres.abcdefghijklmnopqrst",
    fits: |user| {
        user.rsplit_once('.')
            .is_some_and(|(role, project)| !role.is_empty() && is_project(project))
    },
    pooled_only: true,
};

fn is_project(label: &str) -> bool {
    is_id(label, 20..=20)
}

/// `db.<ref>.supabase.co`, or `aws-<N>-<region>.pooler.supabase.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    if let Some([pooler]) = name.below("pooler.supabase.com") {
        let is_pooler = pooler.starts_with("aws-") || pooler.starts_with("fly-");
        return is_pooler.then(|| shared_pooler(name.port));
    }
    match name
        .below("supabase.co")
        .or_else(|| name.below("supabase.red"))?
    {
        ["db", project] if is_project(project) => Some(Endpoint::by_port(name, 6543)),
        _ => None,
    }
}

fn shared_pooler(port: Option<u16>) -> Endpoint {
    let mode = match port {
        Some(6543) => Some(PoolMode::Transaction),
        Some(5432) | None => Some(PoolMode::Session),
        Some(_) => None,
    };
    Endpoint {
        mode,
        ..Endpoint::POOLED
    }
}
