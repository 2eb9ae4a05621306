//! The handshake itself, with what it showed.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{ClientConfig, NamedGroup, ProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::algorithms;
use super::certificate::Fields;
use super::chain::{Evidence, date};
use super::client::Presenter;
use super::digest::{self, Digest};
use super::plan::Plan;
use super::roots::{Roots, SystemRoots};
use super::verifier::{Demand, Recorder};
use super::wire::{Encrypted, Wire};
use crate::facts::{Observation, TlsFacts};
use crate::probe::deadline::Deadline;
use crate::probe::diagnose::Broken;
use crate::probe::diagnose::tls::{self as cause, Died};
use crate::probe::socket::{Tap, Traffic};

/// What a handshake showed. What needs the system's roots is judged when it is asked for.
#[derive(Debug)]
pub(in crate::probe) struct Handshake {
    version: String,
    cipher: String,
    alpn: Option<String>,
    evidence: Option<Evidence>,
    recorder: Arc<Recorder>,
    roots: Option<Arc<Roots>>,
    system: Rc<SystemRoots>,
    asked_for_certificate: bool,
    facts: OnceCell<TlsFacts>,
}

/// Encrypts the stream.
pub(in crate::probe) async fn shake(
    tap: Tap,
    plan: &Plan,
    peer: &str,
    system: &Rc<SystemRoots>,
    deadline: Deadline,
) -> Result<(Encrypted, Handshake), Broken> {
    if plan.versions.is_empty() {
        return Err(cause::no_version());
    }
    let roots = match &plan.roots {
        Some(roots) => Some(Arc::clone(roots)),
        None if plan.system => Some(system.wait()),
        None => {
            system.start();
            None
        }
    };
    let recorder = Arc::new(Recorder {
        demand: plan.demand,
        roots: roots.clone(),
        revoked: Arc::clone(&plan.revoked),
        host: plan.host.clone(),
        provider: provider(),
        seen: std::sync::Mutex::default(),
    });
    let presenter = Arc::new(Presenter {
        identity: plan.identity.clone(),
        asked: AtomicBool::new(false),
    });
    let config = config(plan, &recorder, &presenter).map_err(|_| cause::no_version())?;
    let traffic = tap.traffic();
    tap.mark();
    let (budget, began) = (deadline.left(), Instant::now());
    let shaken = deadline
        .within(TlsConnector::from(Arc::new(config)).connect(server_name(plan, peer), tap))
        .await;
    let asked = presenter.asked.load(Ordering::Relaxed);
    let stream = match shaken {
        Some(Ok(stream)) => stream,
        failed => {
            let error = failed.and_then(Result::err);
            let seen = recorder.seen();
            let Traffic { first, pace } = &*traffic.borrow();
            let heard = pace.heard(pace.silent_since(began, Instant::now()));
            return Err(cause::died(&Died {
                error: error.as_ref(),
                first,
                refused: seen.refused.map(|problem| plan.explain(problem)),
                direct: plan.direct,
                stops_below_13: plan.stops_below_13(),
                presents: plan.presents(),
                after: budget,
                heard,
            }));
        }
    };
    let handshake = Handshake::read(&stream, recorder, roots, system, asked);
    if plan.direct && handshake.alpn.as_deref() != Some("postgresql") {
        return Err(cause::no_alpn());
    }
    let digest = handshake.digest();
    let encrypted = Encrypted {
        wire: Wire::Tls(Box::new(stream)),
        digest,
    };
    Ok((encrypted, handshake))
}

fn provider() -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    // Postgres up to 17 takes P-256 alone by default; a first share of another group would cost a
    // round trip.
    provider
        .kx_groups
        .sort_by_key(|group| group.name() != NamedGroup::secp256r1);
    provider.signature_verification_algorithms = algorithms::algorithms();
    Arc::new(provider)
}

fn config(
    plan: &Plan,
    recorder: &Arc<Recorder>,
    presenter: &Arc<Presenter>,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&recorder.provider))
        .with_protocol_versions(&plan.versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(recorder) as _)
        .with_client_cert_resolver(Arc::clone(presenter) as _);
    if plan.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    config.enable_sni = plan.sni;
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Returns the name for the handshake; a host that cannot be told is replaced by the peer's
/// address, which is never told.
fn server_name(plan: &Plan, peer: &str) -> ServerName<'static> {
    let host = plan.host.trim_matches(['[', ']']);
    let host = host.strip_suffix('.').unwrap_or(host);
    ServerName::try_from(host.to_owned()).unwrap_or_else(|_| {
        let ip = peer
            .parse::<std::net::SocketAddr>()
            .map_or(std::net::Ipv4Addr::LOCALHOST.into(), |address| address.ip());
        ServerName::IpAddress(ip.into())
    })
}

impl Handshake {
    fn read(
        stream: &TlsStream<Tap>,
        recorder: Arc<Recorder>,
        roots: Option<Arc<Roots>>,
        system: &Rc<SystemRoots>,
        asked_for_certificate: bool,
    ) -> Self {
        let (_, session) = stream.get_ref();
        let version = match session.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
            other => format!("{other:?}"),
        };
        let cipher = session.negotiated_cipher_suite().map(|c| c.suite());
        let cipher = cipher.and_then(|c| c.as_str()).unwrap_or_default();
        Self {
            version,
            cipher: cipher.replacen("TLS13_", "TLS_", 1),
            alpn: session
                .alpn_protocol()
                .map(|p| String::from_utf8_lossy(p).into_owned()),
            evidence: recorder.seen().evidence,
            recorder,
            roots,
            system: Rc::clone(system),
            asked_for_certificate,
            facts: OnceCell::new(),
        }
    }

    /// Returns whether the server asked for a certificate of ours.
    pub(in crate::probe) fn asked_for_certificate(&self) -> bool {
        self.asked_for_certificate
    }

    /// Returns whether the chain and the name hold, so that the peer is who the string names.
    pub(in crate::probe) fn is_verified(&self) -> bool {
        let facts = self.facts();
        !self.recorder.seen().unchecked && facts.chain_verified && facts.host_verified
    }

    /// Returns what the certificate's digest is, where it may bind the channel.
    fn digest(&self) -> Digest {
        match &self.evidence {
            Some(evidence) if !self.recorder.seen().unchecked => {
                digest::server_end_point(&evidence.leaf)
            }
            _ => Digest::Nothing,
        }
    }

    /// Returns what the handshake showed.
    pub(in crate::probe) fn facts(&self) -> &TlsFacts {
        self.facts.get_or_init(|| self.examine())
    }

    /// Returns what works and should not be relied on.
    pub(in crate::probe) fn observations(&self) -> Option<Observation> {
        let evidence = self.evidence.as_ref()?;
        let roots = self.roots.clone().unwrap_or_else(|| self.system.wait());
        let verdict = self.recorder.judge(evidence, &roots, UnixTime::now());
        (verdict.host == Ok(true)).then(|| Observation {
            cause: "tls-cn-only",
            message: "the certificate names the host only as its common name: libpq takes it, \
                      other drivers and browsers do not"
                .to_owned(),
        })
    }

    fn examine(&self) -> TlsFacts {
        let mut facts = TlsFacts {
            version: self.version.clone(),
            cipher: self.cipher.clone(),
            alpn: self.alpn.clone(),
            demanded: self.recorder.demand != Demand::Nothing,
            ..TlsFacts::default()
        };
        let Some(evidence) = &self.evidence else {
            return facts;
        };
        let roots = self.roots.clone().unwrap_or_else(|| self.system.wait());
        let verdict = self.recorder.judge(evidence, &roots, UnixTime::now());
        facts.roots.clone_from(&roots.name);
        facts.chain_verified = verdict.chain.is_ok();
        facts.host_verified = verdict.host.is_ok();
        facts.chain_problem = verdict.chain.err().map(Observation::from);
        facts.host_problem = verdict.host.err().map(Observation::from);
        if let Some(leaf) = Fields::read(&evidence.leaf) {
            let (names, addresses) = leaf.alternative_names();
            facts.names = names
                .into_iter()
                .chain(addresses.iter().map(ToString::to_string))
                .collect();
            if facts.names.is_empty() {
                facts.names.extend(leaf.common_name());
            }
            facts.not_before = Some(date(leaf.not_before()));
            facts.not_after = Some(date(leaf.not_after()));
            facts.issuer = Some(leaf.issuer());
            facts.subject = Some(leaf.subject());
            let sent = evidence.sent.iter().filter_map(|der| Fields::read(der));
            facts.chain = std::iter::once(leaf)
                .chain(sent)
                .map(|c| c.subject())
                .collect();
        }
        facts
    }
}
