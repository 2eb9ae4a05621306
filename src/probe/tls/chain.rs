//! Does the chain lead to a trusted root? As libpq (OpenSSL) judges it, and if not, why.
//!
//! webpki decides first. Where it refuses what OpenSSL takes (first-version certificates, an
//! authority used as a server, a pinned self-signed certificate), the path is walked here, with
//! every signature checked; a certificate that limits names is left to webpki alone.

use jiff::Timestamp;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, RawPublicKeyEntity};

use super::certificate::Fields;
use super::problem::Problem;
use super::revocation::{self, List};
use super::roots::Roots;

/// What the server presented.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Its own certificate.
    pub leaf: CertificateDer<'static>,
    /// What it sent along.
    pub sent: Vec<CertificateDer<'static>>,
}

/// What the chain is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure<'a> {
    /// The trusted roots.
    pub roots: &'a Roots,
    /// The revocation lists.
    pub revoked: &'a [List],
    /// The signature algorithms that can be checked.
    pub algorithms: &'a WebPkiSupportedAlgorithms,
    /// The time.
    pub now: UnixTime,
}

/// The longest path that is walked.
const DEPTH: usize = 10;

/// What an authority signed.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    message: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Takes the parts as they are encoded.
    pub(super) fn new(message: &[u8], algorithm: &[u8], signature: &[u8]) -> Option<Self> {
        Some(Self {
            message: message.to_vec(),
            // Algorithm identifiers are short: one byte of tag, one of length.
            algorithm: algorithm.get(2..)?.to_vec(),
            signature: signature.to_vec(),
        })
    }
}

/// Everything that a path is made of, decoded.
struct Material {
    leaf: Fields,
    sent: Vec<Fields>,
    roots: Vec<Fields>,
}

impl Material {
    fn read(evidence: &Evidence, trusted: &Roots) -> Option<Self> {
        let leaf = Fields::read(&evidence.leaf)?;
        let sent: Vec<Fields> = evidence
            .sent
            .iter()
            .filter_map(|der| Fields::read(der))
            .collect();
        // To decode all of a system's roots takes longer than the handshake.
        let issuers: Vec<Vec<u8>> = std::iter::once(&leaf)
            .chain(&sent)
            .filter_map(Fields::issuer_der)
            .collect();
        let alone = trusted.certificates.len() == 1;
        let may_issue = |root: &[u8]| issuers.iter().any(|name| contains(root, name));
        let roots = trusted
            .certificates
            .iter()
            .filter(|der| alone || may_issue(der))
            .filter_map(|der| Fields::read(der))
            .collect();
        Some(Self { leaf, sent, roots })
    }
}

/// Judges whether the chain leads to a trusted root.
pub(super) fn judge(evidence: &Evidence, by: Measure<'_>) -> Result<(), Problem> {
    let strictly = strictly(evidence, by);
    // What webpki trusts and cannot be followed here is trusted, unless lists are to be looked into.
    let enough = strictly.is_ok() && by.revoked.is_empty();
    let Some(material) = Material::read(evidence, by.roots) else {
        let unreadable = "the certificate cannot be read".to_owned();
        return if enough {
            Ok(())
        } else {
            Err(problem("tls-unknown-ca", unreadable))
        };
    };
    let leaf = &material.leaf;
    // webpki looks at the keys that signed, and OpenSSL at the one that was signed as well.
    if let (Ok(()), Some(weak)) = (&strictly, weakness(leaf)) {
        return Err(weak);
    }
    let path = match walk(&evidence.leaf, &material, by) {
        Ok(path) => path,
        Err(_) if enough => return Ok(()),
        Err(problem) => return Err(problem),
    };
    let all: Vec<&Fields> = std::iter::once(leaf).chain(path).collect();
    // webpki takes a root at any time.
    if let Some(problem) = out_of_date(&all, by.now) {
        return Err(problem);
    }
    if let Err(refusal) = &strictly {
        as_openssl(&all, refusal)?;
    }
    let verifies = |signed: &Signed, issuer: &Fields| verifies(signed, issuer, by);
    revocation::judge(&all, by.revoked, by.now, verifies)
}

fn strictly(evidence: &Evidence, by: Measure<'_>) -> Result<(), Error> {
    EndEntityCert::try_from(&evidence.leaf)?
        .verify_for_usage(
            by.algorithms.all,
            &by.roots.anchors,
            &evidence.sent,
            by.now,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map(|_| ())
}

/// Says whether OpenSSL would take a path that webpki refused.
fn as_openssl(path: &[&Fields], refusal: &Error) -> Result<(), Problem> {
    if !path[0].serves() {
        return Err(problem(
            "tls-bad-eku",
            "the certificate is not meant for a server (no serverAuth usage)".to_owned(),
        ));
    }
    let lenient = matches!(
        refusal,
        Error::CaUsedAsEndEntity | Error::UnsupportedCertVersion | Error::UnknownIssuer
    );
    if lenient && !path.iter().any(|c| c.constrains_names()) {
        return Ok(());
    }
    Err(problem(
        "tls-unknown-ca",
        format!("the chain is refused: {refusal:?}"),
    ))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Finds the path from the leaf to a trusted root; returns it without the leaf.
fn walk<'a>(
    leaf_der: &CertificateDer<'_>,
    material: &'a Material,
    by: Measure<'_>,
) -> Result<Vec<&'a Fields>, Problem> {
    let Material { leaf, sent, roots } = material;
    let mut path: Vec<&Fields> = Vec::new();
    if by.roots.certificates.iter().any(|root| root == leaf_der) {
        return Ok(path);
    }
    let mut current = leaf;
    for _ in 0..DEPTH {
        if let Some(weak) = weakness(current) {
            return Err(weak);
        }
        let issued = |by_whom: &&Fields| current.is_issued_by(by_whom);
        let root = roots
            .iter()
            .filter(issued)
            .filter(|root| signed_by(current, root, by))
            .min_by_key(|root| out_of_date(&[root], by.now).is_some());
        if let Some(root) = root {
            path.push(root);
            return Ok(path);
        }
        let next = sent
            .iter()
            .filter(issued)
            .find(|c| !current.is_self_issued() && c.is_authority() && signed_by(current, c, by));
        match next {
            Some(next) => {
                path.push(next);
                current = next;
            }
            None => return Err(dead_end(leaf, current, sent, roots)),
        }
    }
    Err(problem(
        "tls-unknown-ca",
        "the chain is too long".to_owned(),
    ))
}

/// The chain ends at an issuer that is neither trusted nor sent. Whether that issuer is a root that
/// is missing here, or an intermediate that the server keeps to itself, its certificate would tell.
fn dead_end(leaf: &Fields, last: &Fields, sent: &[Fields], roots: &[Fields]) -> Problem {
    if leaf.is_self_issued() {
        return problem(
            "tls-self-signed",
            "the certificate is signed by itself, and not among the trusted ones".to_owned(),
        );
    }
    let issuer = last.issuer_name();
    let trusted = match roots {
        [one] => format!(" (trusted is {})", one.subject()),
        _ => String::new(),
    };
    let root_is_sent = sent.iter().any(Fields::is_self_issued);
    let known_name = roots.iter().any(|root| last.is_issued_by(root));
    let word = issuer.to_ascii_lowercase();
    let sounds_like_one = ["intermediate", "issuing", "sub ca", "subca"]
        .iter()
        .any(|w| word.contains(w));
    // A server that sends one intermediate sends them all, or else its issuer is named as one more.
    let all_is_sent = !sent.is_empty() && !std::ptr::eq(leaf, last) && !sounds_like_one;
    if root_is_sent || known_name || all_is_sent {
        return problem(
            "tls-unknown-ca",
            format!("the chain ends at {issuer}, which is not trusted{trusted}"),
        );
    }
    problem(
        "tls-missing-intermediate",
        format!(
            "the certificate was issued by {issuer}, which is not trusted{trusted}, and whose \
             certificate the server does not send"
        ),
    )
    .or("tls-unknown-ca")
}

fn weakness(certificate: &Fields) -> Option<Problem> {
    if certificate.is_sha1() && !certificate.is_self_issued() {
        return Some(problem(
            "tls-sha1",
            format!("{} is signed with SHA-1", certificate.subject()),
        ));
    }
    match certificate.rsa_bits() {
        Some(bits) if bits < 2048 => Some(problem(
            "tls-rsa1024",
            format!("{} has an RSA key of {bits} bits", certificate.subject()),
        )),
        _ => None,
    }
}

/// The start of the year of this program's first release, in Unix time: a clock that says less is
/// wrong.
const FIRST_RELEASE: u64 = 1_767_225_600;

/// Finds what is out of date on a path. Where the whole path is, its root included, this machine's
/// clock may be to blame as well; where the clock is behind this program itself, it is.
fn out_of_date(path: &[&Fields], now: UnixTime) -> Option<Problem> {
    let now = now.as_secs();
    let early = |c: &&&Fields| now < c.not_before();
    let late = |c: &&&Fields| now > c.not_after();
    let whole = path.len() > 1 && (path.iter().all(|c| early(&c)) || path.iter().all(|c| late(&c)));
    if now < FIRST_RELEASE && path.iter().any(|c| early(&c)) {
        return Some(problem(
            "clock-skew",
            format!(
                "this machine's clock says {}, which is in the past: by it, the certificate is \
                 not valid yet (from {} on)",
                date(now),
                date(path[0].not_before())
            ),
        ));
    }
    let found = if let Some(c) = path.iter().find(late) {
        let days = (now - c.not_after()) / 86_400;
        problem(
            "tls-expired",
            format!(
                "the certificate of {} expired on {} ({days} days ago)",
                c.subject(),
                date(c.not_after())
            ),
        )
    } else {
        let c = path.iter().find(early)?;
        problem(
            "tls-not-yet",
            format!(
                "the certificate of {} is valid from {} on",
                c.subject(),
                date(c.not_before())
            ),
        )
    };
    if !whole {
        return Some(found);
    }
    let message = format!(
        "{}, and so is its whole chain out of date, unless this machine's clock is wrong: {}",
        found.message,
        date(now)
    );
    Some(Problem { message, ..found }.or("clock-skew"))
}

/// Returns a moment as RFC 3339.
pub(super) fn date(unix: u64) -> String {
    i64::try_from(unix)
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok())
        .map_or_else(|| "an unknown date".to_owned(), |t| t.to_string())
}

fn signed_by(certificate: &Fields, issuer: &Fields, by: Measure<'_>) -> bool {
    let signed = certificate.signed();
    signed.is_some_and(|signed| verifies(&signed, issuer, by))
}

fn verifies(signed: &Signed, issuer: &Fields, by: Measure<'_>) -> bool {
    let Some(key) = issuer.public_key() else {
        return false;
    };
    let key = SubjectPublicKeyInfoDer::from(key);
    let Ok(entity) = RawPublicKeyEntity::try_from(&key) else {
        return false;
    };
    by.algorithms
        .all
        .iter()
        .filter(|known| known.signature_alg_id().as_ref() == signed.algorithm)
        .any(|known| {
            entity
                .verify_signature(*known, &signed.message, &signed.signature)
                .is_ok()
        })
}

fn problem(cause: &'static str, message: String) -> Problem {
    Problem::new(cause, message)
}
