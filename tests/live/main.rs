//! The probe against real servers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is the test's failure"
)]

#[path = "../support/mod.rs"]
mod support;

mod dial;

use dbharden::facts::StageName;
use dial::{connect, fails, failure, observed, passes};
use support::{Authority, PostgreSql, Role};

#[test]
fn a_tls_server_with_scram_answers_every_question() {
    let authority = Authority::new("lab");
    let certificate = authority.server().issue();
    let server = PostgreSql::builder().tls(&certificate).start();
    server.create(&Role::new("app").password("s3cret"));
    let connection = connect(&format!(
        "{} sslmode=require",
        server.conninfo("app", "s3cret")
    ));
    eprintln!("{connection:#?}");
    passes(&connection);
    let facts = connection.server.unwrap();
    assert_eq!(facts.role, "app");
    assert_eq!(facts.pooler, None);
    let _ = (
        failure as fn(_) -> _,
        fails as fn(_, _, _),
        observed as fn(_) -> _,
        StageName::Dns,
    );
}
