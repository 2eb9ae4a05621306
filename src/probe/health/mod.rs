//! Asks an application's health endpoint once, and reads what it says about its pools.
//!
//! One GET over our own stream, redirects within the same origin, limits on time and size. Judges
//! nothing.

mod address;
mod answer;
mod exchange;

pub use address::BadUrl;
pub use answer::{Answer, read as read_answer};

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;

use address::Address;
use exchange::{Broken, Reply};

use crate::facts::{HealthFacts, HealthFailure, Metric};
use crate::spec::MoreNames;
use crate::value::Secret;

/// The most redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// What to ask, and within which limits.
#[derive(Clone, Debug)]
pub struct HealthRequest {
    address: Address,
    /// Headers to send beside our own.
    pub headers: Vec<(String, Secret)>,
    /// The part of a JSON answer that counts: `/database/pool` or `database.pool`.
    pub path: Option<String>,
    /// The roots that are trusted, as PEM; `None` means the system's.
    pub roots: Option<Vec<u8>>,
    /// What the project calls the numbers of its pools, beside the usual names.
    pub names: Vec<MoreNames>,
    /// When it must be over.
    pub timeout: Duration,
}

impl HealthRequest {
    /// Asks a URL, within ten seconds.
    pub fn new(url: &str) -> Result<Self, BadUrl> {
        Ok(Self {
            address: Address::new(url)?,
            headers: Vec::new(),
            path: None,
            roots: None,
            names: Vec::new(),
            timeout: Duration::from_secs(10),
        })
    }

    /// Returns what is sent and must not be shown where the answer repeats it.
    fn secrets(&self) -> Vec<Secret> {
        let headers = self.headers.iter();
        headers
            .flat_map(|(name, value)| header_secrets(name, value.expose()))
            .chain(self.address.query_values())
            .chain(self.address.path_tokens())
            .collect()
    }

    /// Splits `Name: value` as a header; `None` where it is none.
    pub fn header(text: &str) -> Option<(String, Secret)> {
        let (name, value) = text.split_once(':')?;
        let name = name.trim().to_owned();
        exchange::is_header(&name, value.trim()).then(|| (name, Secret::new(value.trim())))
    }
}

/// Returns what of a header is a secret: what it sends, and what whoever reads it makes of that,
/// namely the user and the password behind `Basic`, and each cookie's own value.
fn header_secrets(name: &str, value: &str) -> Vec<Secret> {
    let sent = credential(value);
    let mut secrets = vec![sent.to_owned()];
    if let Some(pair) = decoded(sent) {
        secrets.extend(
            pair.split_once(':')
                .map(|(_, password)| password.to_owned()),
        );
        secrets.push(pair);
    }
    if name.eq_ignore_ascii_case("cookie") {
        let cookies = value.split(';').filter_map(|pair| pair.split_once('='));
        secrets.extend(cookies.map(|(_, value)| value.trim().trim_matches('"').to_owned()));
    }
    secrets
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .map(Secret::new)
        .collect()
}

/// Returns the text that base64 stands for.
fn decoded(text: &str) -> Option<String> {
    let bytes = BASE64.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}

/// Returns a header's value without the word that says of which kind it is: that one is no secret.
fn credential(value: &str) -> &str {
    let (kind, rest) = value.split_once(' ').unwrap_or(("", value));
    match kind.to_ascii_lowercase().as_str() {
        "bearer" | "basic" | "token" | "digest" => rest.trim(),
        _ => value,
    }
}

/// Returns the metrics of every pool.
pub fn metrics(facts: &HealthFacts) -> Vec<Metric> {
    let pools = facts.pools.iter();
    pools.flat_map(|pool| pool.metrics.clone()).collect()
}

/// Asks the endpoint.
pub fn ask(request: &HealthRequest) -> HealthFacts {
    let began = Instant::now();
    let mut facts = HealthFacts {
        url: request.address.to_string(),
        secrets: request.secrets(),
        ..HealthFacts::default()
    };
    let outcome = match super::runtime::build() {
        Ok(runtime) => {
            let outcome = runtime.block_on(async {
                tokio::time::timeout(request.timeout, redirected(request))
                    .await
                    .unwrap_or(Err(Broken::TimedOut))
            });
            // A resolver that hangs cannot be cancelled; it must not hold the process either.
            runtime.shutdown_background();
            outcome
        }
        Err(_) => Err(Broken::Descriptors),
    };
    facts.took = began.elapsed();
    match outcome {
        Ok(reply) => read(&mut facts, request, &reply),
        Err(broken) => facts.failure = Some(broken.failure()),
    }
    facts
}

async fn redirected(request: &HealthRequest) -> Result<Reply, Broken> {
    let mut address = request.address.clone();
    for _ in 0..=MOST_REDIRECTS {
        let reply = exchange::get(&address, request).await?;
        let Some(location) = &reply.location else {
            return Ok(reply);
        };
        let next = address.follow(location).ok_or(Broken::BadRedirect)?;
        if !address.is_same_origin(&next) {
            return Err(Broken::OtherOrigin);
        }
        address = next;
    }
    Err(Broken::TooManyRedirects)
}

fn read(facts: &mut HealthFacts, request: &HealthRequest, reply: &Reply) {
    facts.status = Some(reply.status);
    match answer::read(&reply.body, request.path.as_deref(), &request.names) {
        Ok(answer) => {
            facts.pools = answer.pools;
            facts.confession = answer.confession;
        }
        Err(pointer) => {
            facts.failure = Some(HealthFailure {
                message: format!("the answer has nothing at {pointer}"),
                fix: "correct --path, or leave it out: the metrics are looked for everywhere"
                    .to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
