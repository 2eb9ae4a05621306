//! The certificate's digest for channel binding (`tls-server-end-point`, RFC 5929), as OpenSSL and
//! Postgres compute it: also for SHA-512 and RSA-PSS signatures.

use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_RSASSA_PSS, ID_SHA_1,
    ID_SHA_256, ID_SHA_384, ID_SHA_512, SHA_1_WITH_RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use x509_cert::der::{Decode as _, Encode as _};

/// What binds a channel to the server's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::probe) enum Digest {
    /// There is no certificate that could bind anything: in clear, or one that could not be checked.
    #[default]
    Nothing,
    /// The certificate's signature has no hash of its own (Ed25519), so that nobody can compute it.
    Undefined,
    /// The digest.
    Known(Vec<u8>),
}

const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");
const MD5_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

/// Returns the digest of a certificate.
pub(super) fn server_end_point(der: &[u8]) -> Digest {
    let Ok(certificate) = Certificate::from_der(der) else {
        return Digest::Nothing;
    };
    let algorithm = &certificate.signature_algorithm;
    let oid = match &algorithm.parameters {
        Some(parameters) if algorithm.oid == ID_RSASSA_PSS => parameters
            .to_der()
            .map_or(algorithm.oid, |der| pss_hash(&der)),
        _ => algorithm.oid,
    };
    match oid {
        // RFC 5929: MD5 and SHA-1 are replaced by SHA-256.
        MD5_WITH_RSA
        | SHA_1_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_1
        | ID_SHA_1
        | ID_SHA_256
        | SHA_256_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_256 => Digest::Known(Sha256::digest(der).to_vec()),
        ID_SHA_384 | SHA_384_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_384 => {
            Digest::Known(Sha384::digest(der).to_vec())
        }
        ID_SHA_512 | SHA_512_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_512 => {
            Digest::Known(Sha512::digest(der).to_vec())
        }
        ED25519 | ED448 => Digest::Undefined,
        _ => Digest::Nothing,
    }
}

/// Returns the hash that RSASSA-PSS parameters name: the first of the hashes' identifiers in them,
/// for the field stands first and is left out only for SHA-1.
fn pss_hash(parameters: &[u8]) -> ObjectIdentifier {
    let named = [ID_SHA_256, ID_SHA_384, ID_SHA_512]
        .into_iter()
        .filter_map(|oid| {
            let bytes = oid.as_bytes();
            let at = parameters.windows(bytes.len()).position(|w| w == bytes)?;
            Some((at, oid))
        })
        .min();
    named.map_or(ID_SHA_1, |(_, oid)| oid)
}
