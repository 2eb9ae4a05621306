//! A verifier that records what the server presents, and refuses only what the sslmode asks to
//! refuse.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use webpki::RawPublicKeyEntity;

use super::certificate::Fields;
use super::chain::{self, Evidence, Measure};
use super::name;
use super::problem::Problem;
use super::revocation::List;
use super::roots::Roots;

/// What must hold before the stream is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::probe) enum Demand {
    /// Nothing: encrypted, to whoever answers.
    Nothing,
    /// The chain leads to a trusted root.
    Chain,
    /// And the certificate names the host.
    ChainAndHost,
}

/// What a certificate is worth.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// Whether the chain leads to a trusted root.
    pub chain: Result<(), Problem>,
    /// Whether it names the host; says on success whether only the common name did.
    pub host: Result<bool, Problem>,
}

/// The verifier.
#[derive(Debug)]
pub(super) struct Recorder {
    pub demand: Demand,
    pub roots: Option<Arc<Roots>>,
    pub revoked: Arc<Vec<List>>,
    pub host: String,
    pub provider: Arc<CryptoProvider>,
    pub seen: Mutex<Seen>,
}

/// What the verifier saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// What the server presented.
    pub evidence: Option<Evidence>,
    /// Why the handshake was refused, where it was.
    pub refused: Option<Problem>,
    /// Whether the handshake's signature could not be checked; then the certificate proves nothing
    /// and must not bind a channel.
    pub unchecked: bool,
}

impl Recorder {
    /// Returns what was seen so far.
    pub(super) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// Judges a certificate by the given roots.
    pub(super) fn judge(&self, evidence: &Evidence, roots: &Roots, now: UnixTime) -> Verdict {
        let measure = Measure {
            roots,
            revoked: &self.revoked,
            algorithms: &self.provider.signature_verification_algorithms,
            now,
        };
        let chain = chain::judge(evidence, measure);
        let unreadable = || {
            Problem::new(
                "tls-wrong-host",
                "the certificate cannot be read".to_owned(),
            )
        };
        let host = Fields::read(&evidence.leaf)
            .ok_or_else(unreadable)
            .and_then(|leaf| name::judge(&leaf, &self.host));
        Verdict { chain, host }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where nothing is demanded of the certificate, a signature that cannot be checked proves as
    /// little as one that can: whoever answers is taken.
    fn tolerate(
        &self,
        checked: Result<HandshakeSignatureValid, Error>,
        certificate: &CertificateDer<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checkable =
            Fields::read(certificate).is_some_and(|c| c.rsa_bits().is_none_or(|bits| bits >= 2048));
        match checked {
            Ok(valid) => Ok(valid),
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) if checkable => {
                Err(Error::InvalidCertificate(CertificateError::BadSignature))
            }
            Err(_) if self.demand == Demand::Nothing => {
                self.lock().unchecked = true;
                Ok(HandshakeSignatureValid::assertion())
            }
            Err(error) => Err(error),
        }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let evidence = Evidence {
            leaf: end_entity.clone().into_owned(),
            sent: intermediates
                .iter()
                .map(|c| c.clone().into_owned())
                .collect(),
        };
        self.lock().evidence = Some(evidence.clone());
        let refused = match (&self.roots, self.demand) {
            (_, Demand::Nothing) | (None, _) => None,
            (Some(roots), demand) => {
                let verdict = self.judge(&evidence, roots, now);
                let host = verdict
                    .host
                    .err()
                    .filter(|_| demand == Demand::ChainAndHost);
                verdict.chain.err().or(host)
            }
        };
        match refused {
            None => Ok(ServerCertVerified::assertion()),
            Some(refused) => {
                let error = match refused.cause {
                    "tls-expired" => CertificateError::Expired,
                    "tls-not-yet" => CertificateError::NotValidYet,
                    "tls-revoked" => CertificateError::Revoked,
                    "tls-bad-eku" => CertificateError::InvalidPurpose,
                    "tls-wrong-host" => CertificateError::NotValidForName,
                    _ => CertificateError::UnknownIssuer,
                };
                self.lock().refused = Some(refused);
                Err(Error::InvalidCertificate(error))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Some(checked) = by_pss_key(message, cert, dss) {
            return self.tolerate(checked, cert);
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        let checked = verify_tls12_signature(message, cert, dss, algorithms).or_else(|error| {
            let bare = bare_key(cert).ok_or(error)?;
            let entity = RawPublicKeyEntity::try_from(&bare)
                .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
            let known = algorithms.mapping.iter().find(|(s, _)| *s == dss.scheme);
            let fits = known.is_some_and(|(_, all)| {
                all.iter().any(|a| {
                    entity
                        .verify_signature(*a, message, dss.signature())
                        .is_ok()
                })
            });
            if fits {
                Ok(HandshakeSignatureValid::assertion())
            } else {
                Err(Error::InvalidCertificate(CertificateError::BadSignature))
            }
        });
        self.tolerate(checked, cert)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Some(checked) = by_pss_key(message, cert, dss) {
            return self.tolerate(checked, cert);
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        let checked = verify_tls13_signature(message, cert, dss, algorithms).or_else(|error| {
            let bare = bare_key(cert).ok_or(error)?;
            verify_tls13_signature_with_raw_key(message, &bare, dss, algorithms)
        });
        self.tolerate(checked, cert)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self
            .provider
            .signature_verification_algorithms
            .supported_schemes();
        schemes.extend(PSS_KEYS.iter().map(|(scheme, _)| *scheme));
        schemes
    }
}

/// The schemes of keys that are good for RSA-PSS alone, which rustls does not name, each with the
/// algorithm that checks them once the key is written as any RSA key is.
static PSS_KEYS: [(SignatureScheme, &dyn SignatureVerificationAlgorithm); 3] = [
    (
        SignatureScheme::Unknown(0x0809),
        webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    ),
    (
        SignatureScheme::Unknown(0x080a),
        webpki::ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    ),
    (
        SignatureScheme::Unknown(0x080b),
        webpki::ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    ),
];

/// Checks a signature by a key that is good for RSA-PSS alone; `None` for any other scheme.
fn by_pss_key(
    message: &[u8],
    cert: &CertificateDer<'_>,
    dss: &DigitallySignedStruct,
) -> Option<Result<HandshakeSignatureValid, Error>> {
    let (_, algorithm) = PSS_KEYS.iter().find(|(scheme, _)| *scheme == dss.scheme)?;
    let key = Fields::read(cert).and_then(|fields| fields.as_plain_rsa())?;
    let key = SubjectPublicKeyInfoDer::from(key);
    let fits = RawPublicKeyEntity::try_from(&key).is_ok_and(|key| {
        key.verify_signature(*algorithm, message, dss.signature())
            .is_ok()
    });
    Some(if fits {
        Ok(HandshakeSignatureValid::assertion())
    } else {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    })
}

/// Returns the bare key of a certificate that webpki does not read (the first version).
fn bare_key(cert: &CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'static>> {
    if webpki::EndEntityCert::try_from(cert).is_ok() {
        return None;
    }
    Some(Fields::read(cert)?.public_key()?.into())
}
