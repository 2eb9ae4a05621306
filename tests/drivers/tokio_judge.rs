//! tokio-postgres itself, in a process of its own, for the lab's network is preloaded.

use std::fs;
use std::io::{BufRead, Write, stdin, stdout};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

const QUESTION: &str = "select session_user::text, current_database()::text, \
    current_setting('application_name'), \
    (select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid())";

/// Answers the questions of the suite, as judge.py does.
#[test]
#[ignore = "the suite starts it as a process of its own"]
fn tokio_postgres_answers() {
    let log = std::env::var("LAB_LOG").unwrap();
    let authority = std::env::var("LAB_AUTHORITY").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    writeln!(stdout()).unwrap();
    for line in stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        fs::write(&log, "").unwrap();
        let text = question["text"].as_str().unwrap();
        let mut answer = runtime
            .block_on(connect(text, &authority))
            .unwrap_or_else(|error| json!({ "class": "Error", "error": error }));
        let asked = fs::read(&log).unwrap();
        let asked = String::from_utf8_lossy(&asked).into_owned();
        answer["asked"] = asked.lines().collect();
        writeln!(stdout(), "{answer}").unwrap();
        stdout().flush().unwrap();
    }
}

async fn connect(text: &str, authority: &str) -> Result<Value, String> {
    let whole = |error: &dyn std::error::Error| {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    let connector = tokio_postgres_rustls::MakeRustlsConnect::new(config);
    let connecting = tokio_postgres::connect(text, connector);
    let (client, connection) = tokio::time::timeout(Duration::from_secs(8), connecting)
        .await
        .map_err(|_| "no answer in time".to_owned())?
        .map_err(|error| whole(&error))?;
    let driving = tokio::spawn(connection);
    let row = client
        .query_one(QUESTION, &[])
        .await
        .map_err(|error| whole(&error))?;
    driving.abort();
    Ok(json!({
        "user": row.get::<_, String>(0),
        "database": row.get::<_, String>(1),
        "application_name": row.get::<_, String>(2),
        "tls": row.get::<_, bool>(3),
    }))
}
