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

const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");
const MD5_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");

/// Returns the digest; `None` for a signature without a hash of its own (Ed25519).
pub(super) fn server_end_point(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    let algorithm = &certificate.signature_algorithm;
    let oid = if algorithm.oid == ID_RSASSA_PSS {
        pss_hash(&algorithm.parameters.as_ref()?.to_der().ok()?)
    } else {
        algorithm.oid
    };
    match oid {
        // RFC 5929: MD5 and SHA-1 are replaced by SHA-256.
        MD5_WITH_RSA
        | SHA_1_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_1
        | ID_SHA_1
        | ID_SHA_256
        | SHA_256_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_256 => Some(Sha256::digest(der).to_vec()),
        ID_SHA_384 | SHA_384_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_384 => {
            Some(Sha384::digest(der).to_vec())
        }
        ID_SHA_512 | SHA_512_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_512 => {
            Some(Sha512::digest(der).to_vec())
        }
        _ => None,
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
