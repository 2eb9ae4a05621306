//! The signature algorithms that can be checked: ring's, and those of P-521, which OpenSSL takes.

use std::sync::LazyLock;

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use p521::ecdsa::{Signature, VerifyingKey};
use rustls::SignatureScheme;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];

/// How a message is digested before it is signed.
#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// ECDSA on P-521.
#[derive(Debug)]
struct P521(Hash);

static P521_SHA256: P521 = P521(Hash::Sha256);
static P521_SHA384: P521 = P521(Hash::Sha384);
static P521_SHA512: P521 = P521(Hash::Sha512);

/// The length of a field element, which a digest is filled up to.
const FIELD: usize = 66;

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let digest = match self.0 {
            Hash::Sha256 => Sha256::digest(message).to_vec(),
            Hash::Sha384 => Sha384::digest(message).to_vec(),
            Hash::Sha512 => Sha512::digest(message).to_vec(),
        };
        let mut number = vec![0; FIELD - digest.len()];
        number.extend(digest);
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify_prehash(&number, &signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
            Hash::Sha512 => alg_id::ECDSA_SHA512,
        }
    }
}

static ALL: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
    let more: [&'static dyn SignatureVerificationAlgorithm; 3] =
        [&P521_SHA256, &P521_SHA384, &P521_SHA512];
    let known = ring::default_provider().signature_verification_algorithms;
    known.all.iter().copied().chain(more).collect()
});

static P521_ALONE: [&dyn SignatureVerificationAlgorithm; 1] = [&P521_SHA512];

static MAPPING: LazyLock<Vec<(SignatureScheme, Algorithms)>> = LazyLock::new(|| {
    let known = ring::default_provider().signature_verification_algorithms;
    let mut mapping = known.mapping.to_vec();
    mapping.push((SignatureScheme::ECDSA_NISTP521_SHA512, &P521_ALONE));
    mapping
});

/// Returns every algorithm.
pub(super) fn algorithms() -> WebPkiSupportedAlgorithms {
    WebPkiSupportedAlgorithms {
        all: &ALL,
        mapping: &MAPPING,
    }
}
