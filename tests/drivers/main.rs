//! The driver predictions, judged by the real drivers against real servers.
//!
//! Each string goes to every driver on every kind of server. Does it connect? Over TLS? To which
//! host and port, as whom, to which database, under which application name? Who refuses, and with
//! which words? Any disagreement fails, and the agreement is printed per driver.
//!
//! `DBHARDEN_SEED` and `DBHARDEN_STRINGS` choose other random strings; `DBHARDEN_STRINGS_FILE`, a JSON
//! array of strings, replaces them by any others, in which `{ca}` is the file of the private authority.
#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
#![expect(
    clippy::print_stdout,
    reason = "the agreement per driver is for whoever runs the suite"
)]

#[path = "../support/mod.rs"]
mod support;

mod corpus;
mod expectation;
mod generate;
mod judges;
mod lab;
mod plaintext;
mod pooled;
mod tokio_judge;
mod translation;
mod variables;

use dbharden::driver::Driver;

/// Every driver and version that the suite judges.
const DRIVERS: &[&str] = &[
    "libpq@15",
    "libpq@16",
    "libpq@17",
    "libpq",
    "psycopg2",
    "psycopg",
    "asyncpg",
    "sqlalchemy@1.4+psycopg2",
    "sqlalchemy@1.4+psycopg",
    "sqlalchemy@1.4+asyncpg",
    "sqlalchemy@1.4+pg8000",
    "sqlalchemy@2.0+psycopg2",
    "sqlalchemy@2.0+psycopg",
    "sqlalchemy@2.0+asyncpg",
    "sqlalchemy@2.0+pg8000",
    "sqlalchemy+psycopg2",
    "sqlalchemy+psycopg",
    "sqlalchemy+asyncpg",
    "sqlalchemy+pg8000",
    "node-postgres",
    "postgres.js",
    "tokio-postgres",
];

fn drivers() -> Vec<Driver> {
    DRIVERS.iter().map(|name| name.parse().unwrap()).collect()
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn each_string_of_the_corpus_does_what_is_predicted() {
    let strings = corpus::strings();
    assert!(strings.len() >= 300, "{} strings", strings.len());
    lab::judge(&drivers(), &strings).check("the corpus");
}

#[test]
fn random_strings_do_what_is_predicted() {
    let strings = match std::env::var("DBHARDEN_STRINGS_FILE") {
        Ok(path) => serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
        Err(_) => generate::strings(
            number("DBHARDEN_SEED", 20_261_124),
            number("DBHARDEN_STRINGS", 120),
        ),
    };
    lab::judge(&drivers(), &strings).check("random strings");
}
