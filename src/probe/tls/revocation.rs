//! Revocation lists, read and judged as OpenSSL does it for libpq: each certificate of the path,
//! its root included, needs a list of its issuer's that is in date. Lists of the first version and
//! those without a number count as well, which webpki refuses to read.

use rustls::pki_types::UnixTime;
use x509_cert::der::asn1::{AnyRef, BitStringRef};
use x509_cert::der::{Decode as _, Reader as _, SliceReader, Tag};
use x509_cert::time::Time;

use super::certificate::Fields;
use super::chain::{Signed, date};
use super::problem::Problem;

/// A revocation list.
#[derive(Clone, Debug)]
pub(super) struct List {
    issuer: Vec<u8>,
    next_update: Option<u64>,
    serials: Vec<Vec<u8>>,
    signed: Signed,
}

impl List {
    /// Reads a list.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let mut outer = SliceReader::new(AnyRef::from_der(der).ok()?.value()).ok()?;
        let message = outer.tlv_bytes().ok()?;
        let algorithm = outer.tlv_bytes().ok()?;
        let signature = BitStringRef::decode(&mut outer).ok()?;
        let mut list = SliceReader::new(AnyRef::from_der(message).ok()?.value()).ok()?;
        if list.peek_tag().ok()? == Tag::Integer {
            list.tlv_bytes().ok()?;
        }
        list.tlv_bytes().ok()?;
        let issuer = list.tlv_bytes().ok()?.to_vec();
        Time::decode(&mut list).ok()?;
        let is_next = |list: &SliceReader<'_>, tags: &[Tag]| {
            list.peek_tag().is_ok_and(|tag| tags.contains(&tag))
        };
        let mut next_update = None;
        if is_next(&list, &[Tag::UtcTime, Tag::GeneralizedTime]) {
            let time = Time::decode(&mut list).ok()?;
            next_update = Some(time.to_unix_duration().as_secs());
        }
        let mut serials = Vec::new();
        if is_next(&list, &[Tag::Sequence]) {
            let mut entries = SliceReader::new(AnyRef::decode(&mut list).ok()?.value()).ok()?;
            while !entries.is_finished() {
                let entry = AnyRef::decode(&mut entries).ok()?;
                let mut entry = SliceReader::new(entry.value()).ok()?;
                serials.push(AnyRef::decode(&mut entry).ok()?.value().to_vec());
            }
        }
        Some(Self {
            issuer,
            next_update,
            serials,
            signed: Signed::new(message, algorithm, signature.as_bytes()?)?,
        })
    }
}

/// Judges a path, from the server's certificate to its root, by the lists; none revokes nothing.
pub(super) fn judge(
    path: &[&Fields],
    lists: &[List],
    now: UnixTime,
    verifies: impl Fn(&Signed, &Fields) -> bool,
) -> Result<(), Problem> {
    if lists.is_empty() {
        return Ok(());
    }
    for (i, certificate) in path.iter().enumerate() {
        let issuer = path.get(i + 1).unwrap_or(certificate);
        let name = certificate.issuer_der();
        let of_issuer =
            |list: &&List| Some(&list.issuer) == name.as_ref() && verifies(&list.signed, issuer);
        let is_current = |list: &List| list.next_update.is_none_or(|end| now.as_secs() <= end);
        let mut lists = lists.iter().filter(of_issuer).peekable();
        let Some(first) = lists.peek().copied() else {
            return Err(Problem::new(
                "tls-crl-missing",
                format!(
                    "no revocation list of {} is given, who issued the certificate of {}",
                    certificate.issuer_name(),
                    certificate.subject()
                ),
            ));
        };
        let list = lists.find(|list| is_current(list)).unwrap_or(first);
        if list
            .serials
            .iter()
            .any(|serial| certificate.has_serial(serial))
        {
            return Err(Problem::new(
                "tls-revoked",
                format!(
                    "the certificate of {} (serial {}) is revoked",
                    certificate.subject(),
                    certificate.serial()
                ),
            ));
        }
        if !is_current(list) {
            return Err(Problem::new(
                "tls-crl-bad",
                format!(
                    "the revocation list of {} ran out on {}, and libpq takes no certificate by it",
                    certificate.issuer_name(),
                    date(list.next_update.unwrap_or_default())
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::time::Duration;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};

    use super::super::certificate::Fields;
    use super::super::problem::Problem;
    use super::{List, judge};

    // Made by `openssl ca -gencrl`, which writes lists of the first version where its configuration
    // names no extensions: one that is empty, and one with the server's serial number.
    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBYzCCAQigAwIBAgIDAP8BMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA2xhYjAg\n\
        Fw0yNjExMjQxOTIwNDdaGA8yMTI2MTAzMTE5MjA0N1owDjEMMAoGA1UEAwwDbGFi\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfuswzA0IdLD7tnFPcBXnLQCF7TlW\n\
        ZbhzQ2XZqSm0/JjT6nbCfmbSNFVptAR0Anzxd08Tyd5tS9hk8ai3kXEJ76NTMFEw\n\
        HQYDVR0OBBYEFLwfCrkoSw/N9nGrCvnh5D9/0ufbMB8GA1UdIwQYMBaAFLwfCrko\n\
        Sw/N9nGrCvnh5D9/0ufbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAw\n\
        RgIhAJYOkZOQgl4NCXv/u+5L8HqB89SXomLGlOiu7ft4raSxAiEAmY+eAAc5Njpp\n\
        d3lCHQdDACSNfpsiHTOQPjx9udEJV3g=\n\
        -----END CERTIFICATE-----";
    const SERVER: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBCjCBsgIDAP4CMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA2xhYjAgFw0yNjEx\n\
        MjQxOTIwNDhaGA8yMTI2MTAzMTE5MjA0OFowEjEQMA4GA1UEAwwHZGIudGVzdDBZ\n\
        MBMGByqGSM49AgEGCCqGSM49AwEHA0IABMYT3gzp9X58kQJ9/WsrPogc7XGBs3SV\n\
        4v92RUSZal0v+6GN/8QhLUh3YzfCctOPM+B3B4QxVCFakvYxlA+pDQgwCgYIKoZI\n\
        zj0EAwIDRwAwRAIgdzaucL0EiRRTbGL16mG1iGHiwpdESJy59/+sRyop0rACIECV\n\
        iGsh4Nzu1HGisLcTZmm3CiTF6A3DQrJ8Axccejxo\n\
        -----END CERTIFICATE-----";
    const CLEAN: &str = "-----BEGIN X509 CRL-----\n\
        MIGUMDwwCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDbGFiFw0yNjExMjQxOTIwNDha\n\
        GA8yMTI1MDYxODE5MjA0OFowCgYIKoZIzj0EAwIDSAAwRQIgGadGimHM87ib/1Oe\n\
        CIm8c82ZPrAvC2fy9Z1i4+J7+aYCIQDlfbSdIlj4j5zq9ce3/7QTa4VGoFM24FIn\n\
        jY0eBs4JBA==\n\
        -----END X509 CRL-----";
    const REVOKED: &str = "-----BEGIN X509 CRL-----\n\
        MIGrMFQwCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDbGFiFw0yNjExMjQxOTIwNDha\n\
        GA8yMTI1MDYxODE5MjA0OFowFjAUAgMA/gIXDTI2MTEyNDE5MjA0OFowCgYIKoZI\n\
        zj0EAwIDRwAwRAIgPWVpd8DFWEVmJgd4qOZKVXQMjEgnvD4i3X/9XdHH0rgCIH8o\n\
        5OSOYa+S4/BRA+P7tpcYtNtNYgfZ/4xE7EbJs+eS\n\
        -----END X509 CRL-----";

    /// The lists run out in 2125.
    const IN_TIME: u64 = 1_800_000_000;
    const TOO_LATE: u64 = 5_000_000_000;

    fn certificate(pem: &str) -> Fields {
        Fields::read(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap()
    }

    fn list(pem: &str) -> List {
        let der = CertificateRevocationListDer::from_pem_slice(pem.as_bytes()).unwrap();
        List::read(der.as_ref()).unwrap()
    }

    fn judged(lists: &[List], now: u64) -> Result<(), Problem> {
        let (server, authority) = (certificate(SERVER), certificate(AUTHORITY));
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
        judge(&[&server, &authority], lists, now, |_, issuer| {
            issuer.common_name().as_deref() == Some("lab")
        })
    }

    #[test]
    fn a_list_of_the_first_version_counts() {
        assert_eq!(judged(&[], TOO_LATE), Ok(()));
        assert_eq!(judged(&[list(CLEAN)], IN_TIME), Ok(()));
        let revoked = judged(&[list(REVOKED)], IN_TIME).unwrap_err();
        assert_eq!(revoked.cause, "tls-revoked");
        assert!(revoked.message.contains("db.test"), "{revoked:?}");
    }

    #[test]
    fn a_list_that_has_run_out_lets_nothing_pass() {
        let late = judged(&[list(CLEAN)], TOO_LATE).unwrap_err();
        assert_eq!(late.cause, "tls-crl-bad");
        assert_eq!(
            judged(&[list(REVOKED)], TOO_LATE).unwrap_err().cause,
            "tls-revoked"
        );
        // One that is in time is looked into instead.
        let mut current = list(CLEAN);
        current.next_update = None;
        assert_eq!(judged(&[list(CLEAN), current], TOO_LATE), Ok(()));
    }

    #[test]
    fn a_list_of_somebody_else_is_none() {
        let mut foreign = list(CLEAN);
        foreign.issuer.push(0);
        let missing = judged(&[foreign], IN_TIME).unwrap_err();
        assert_eq!(missing.cause, "tls-crl-missing");
        // The same name, and another key.
        let server = certificate(SERVER);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(IN_TIME));
        let forged = judge(&[&server], &[list(REVOKED)], now, |_, _| false).unwrap_err();
        assert_eq!(forged.cause, "tls-crl-missing");
    }

    #[test]
    fn what_is_cut_off_is_no_list() {
        let der = CertificateRevocationListDer::from_pem_slice(REVOKED.as_bytes()).unwrap();
        let der = der.as_ref();
        for end in 0..der.len() {
            assert!(List::read(&der[..end]).is_none(), "{end}");
        }
    }
}
