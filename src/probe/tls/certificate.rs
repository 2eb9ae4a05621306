//! What a certificate says, read leniently enough for what real servers present.

use std::net::IpAddr;

use x509_cert::Certificate;
use x509_cert::der::asn1::{
    Any, ObjectIdentifier, PrintableStringRef, TeletexStringRef, Utf8StringRef,
};
use x509_cert::der::oid::db::rfc5912::{ID_RSASSA_PSS, RSA_ENCRYPTION};
use x509_cert::der::{Decode as _, Encode as _, Tagged as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::name::Name;

use super::chain::Signed;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const SHA1_SIGNATURES: [&str; 2] = ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// A certificate's fields.
#[derive(Debug)]
pub(super) struct Fields {
    inner: Certificate,
}

impl Fields {
    /// Reads a certificate.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let inner = Certificate::from_der(der).ok()?;
        Some(Self { inner })
    }

    /// Returns the subject as it is shown.
    pub(super) fn subject(&self) -> String {
        self.inner.tbs_certificate.subject.to_string()
    }

    /// Returns the issuer as it is shown.
    pub(super) fn issuer(&self) -> String {
        self.inner.tbs_certificate.issuer.to_string()
    }

    /// Returns the issuer's common name, else its whole name.
    pub(super) fn issuer_name(&self) -> String {
        common_name(&self.inner.tbs_certificate.issuer).unwrap_or_else(|| self.issuer())
    }

    /// Returns whether the certificate is issued by its own subject.
    pub(super) fn is_self_issued(&self) -> bool {
        self.inner.tbs_certificate.subject == self.inner.tbs_certificate.issuer
    }

    /// Returns whether another certificate's subject is this one's issuer.
    pub(super) fn is_issued_by(&self, other: &Self) -> bool {
        self.inner.tbs_certificate.issuer == other.inner.tbs_certificate.subject
    }

    /// Returns the issuer's name as it is encoded.
    pub(super) fn issuer_der(&self) -> Option<Vec<u8>> {
        self.inner.tbs_certificate.issuer.to_der().ok()
    }

    /// Returns the first second of validity, in Unix time.
    pub(super) fn not_before(&self) -> u64 {
        let time = self.inner.tbs_certificate.validity.not_before;
        time.to_unix_duration().as_secs()
    }

    /// Returns the last second of validity, in Unix time.
    pub(super) fn not_after(&self) -> u64 {
        let time = self.inner.tbs_certificate.validity.not_after;
        time.to_unix_duration().as_secs()
    }

    /// Returns the subject's common name.
    pub(super) fn common_name(&self) -> Option<String> {
        common_name(&self.inner.tbs_certificate.subject)
    }

    /// Returns the DNS names and addresses that the certificate is for.
    pub(super) fn alternative_names(&self) -> (Vec<String>, Vec<IpAddr>) {
        let (mut names, mut addresses) = (Vec::new(), Vec::new());
        if let Ok(Some((_, SubjectAltName(all)))) = self.inner.tbs_certificate.get() {
            for name in all {
                match name {
                    GeneralName::DnsName(name) => names.push(name.to_string()),
                    GeneralName::IpAddress(bytes) => addresses.extend(ip(bytes.as_bytes())),
                    _ => {}
                }
            }
        }
        (names, addresses)
    }

    /// Returns whether the certificate may be a server's, as OpenSSL judges.
    pub(super) fn serves(&self) -> bool {
        match self.inner.tbs_certificate.get::<ExtendedKeyUsage>() {
            Ok(Some((_, usages))) => usages.0.contains(&SERVER_AUTH),
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// Returns whether the certificate may sign others.
    pub(super) fn is_authority(&self) -> bool {
        match self.inner.tbs_certificate.get::<BasicConstraints>() {
            Ok(Some((_, constraints))) => constraints.ca,
            // A first-version certificate has no extensions; OpenSSL takes a self-issued one.
            Ok(None) => self.inner.tbs_certificate.extensions.is_none() && self.is_self_issued(),
            Err(_) => false,
        }
    }

    /// Returns whether the certificate limits the names below it, which only webpki checks here.
    pub(super) fn constrains_names(&self) -> bool {
        let extensions = self.inner.tbs_certificate.extensions.iter().flatten();
        extensions
            .into_iter()
            .any(|e| e.extn_id == NAME_CONSTRAINTS)
    }

    /// Returns whether it is signed with SHA-1.
    pub(super) fn is_sha1(&self) -> bool {
        let oid = self.inner.signature_algorithm.oid.to_string();
        SHA1_SIGNATURES.contains(&oid.as_str())
    }

    /// Returns the length of an RSA key in bits.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let key = &self.inner.tbs_certificate.subject_public_key_info;
        if key.algorithm.oid != RSA_ENCRYPTION && key.algorithm.oid != ID_RSASSA_PSS {
            return None;
        }
        let bytes = key.subject_public_key.as_bytes()?;
        let modulus = rsa_modulus(bytes)?;
        let leading = modulus.first()?.leading_zeros() as usize;
        Some(modulus.len() * 8 - leading)
    }

    /// Returns the public key with its algorithm, as DER.
    pub(super) fn public_key(&self) -> Option<Vec<u8>> {
        let key = &self.inner.tbs_certificate.subject_public_key_info;
        key.to_der().ok()
    }

    /// Returns an RSA key, which may be marked as one for PSS alone, as any RSA key is written.
    pub(super) fn as_plain_rsa(&self) -> Option<Vec<u8>> {
        let mut key = self.inner.tbs_certificate.subject_public_key_info.clone();
        if key.algorithm.oid != ID_RSASSA_PSS && key.algorithm.oid != RSA_ENCRYPTION {
            return None;
        }
        key.algorithm.oid = RSA_ENCRYPTION;
        key.algorithm.parameters = Some(Any::null());
        key.to_der().ok()
    }

    /// Returns what is signed, and the signature.
    pub(super) fn signed(&self) -> Option<Signed> {
        let message = self.inner.tbs_certificate.to_der().ok()?;
        let algorithm = self.inner.signature_algorithm.to_der().ok()?;
        Signed::new(&message, &algorithm, self.inner.signature.as_bytes()?)
    }

    /// Returns whether this is its serial number, as it is encoded.
    pub(super) fn has_serial(&self, serial: &[u8]) -> bool {
        let bare = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            bytes[zeros..].to_vec()
        };
        bare(self.inner.tbs_certificate.serial_number.as_bytes()) == bare(serial)
    }

    /// Returns the serial number in hexadecimal.
    pub(super) fn serial(&self) -> String {
        self.inner.tbs_certificate.serial_number.to_string()
    }
}

fn common_name(name: &Name) -> Option<String> {
    let attributes = name.0.iter().flat_map(|rdn| rdn.0.iter());
    let last = attributes.rev().find(|a| a.oid == COMMON_NAME)?;
    let value = &last.value;
    Utf8StringRef::try_from(value)
        .map(|text| text.as_str().to_owned())
        .or_else(|_| PrintableStringRef::try_from(value).map(|text| text.as_str().to_owned()))
        .or_else(|_| TeletexStringRef::try_from(value).map(|text| text.as_str().to_owned()))
        .ok()
        .or_else(|| Some(format!("({:?})", value.tag())))
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(v4.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(Into::into)
}

/// Finds the modulus in `SEQUENCE { INTEGER modulus, INTEGER exponent }`, without leading zeros.
fn rsa_modulus(der: &[u8]) -> Option<&[u8]> {
    let (_, body) = element(der)?;
    let (tag, modulus) = element(body)?;
    let start = modulus.iter().position(|&b| b != 0)?;
    (tag == 2).then_some(&modulus[start..])
}

fn element(der: &[u8]) -> Option<(u8, &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return Some((tag, rest.get(..first.into())?));
    }
    let count = usize::from(first & 0x7f);
    let length = rest.get(..count.min(4))?;
    let length = length
        .iter()
        .fold(0_usize, |n, &b| (n << 8) | usize::from(b));
    Some((tag, rest.get(count..count.checked_add(length)?)?))
}
