//! Certificates made when the test runs: good ones, and each way of being wrong.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// A certificate authority of the lab.
#[derive(Debug)]
pub struct Authority {
    params: CertificateParams,
    key: String,
    pem: String,
    der: Vec<u8>,
    /// The certificates between a leaf of this authority and the root: its own and its parents'.
    chain: String,
}

impl Authority {
    /// Makes a root authority with a key of its own.
    pub fn new(name: &str) -> Self {
        Self::root(authority_params(name))
    }

    /// Makes a root authority that is valid in whole days from today.
    pub fn valid_for_days(name: &str, from: i64, to: i64) -> Self {
        let mut params = authority_params(name);
        set_validity(&mut params, from, to);
        Self::root(params)
    }

    fn root(params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("ring makes keys");
        let certificate = params.self_signed(&key).expect("the parameters are sound");
        Self {
            params,
            key: key.serialize_pem(),
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            chain: String::new(),
        }
    }

    /// Makes an intermediate authority below this one.
    ///
    /// What it issues carries it in the chain; see [`CertificateBuilder::without_chain`].
    pub fn intermediate(&self, name: &str) -> Self {
        self.below(authority_params(name))
    }

    /// Makes an intermediate authority that is valid in whole days from today.
    pub fn intermediate_valid_for_days(&self, name: &str, from: i64, to: i64) -> Self {
        let mut params = authority_params(name);
        set_validity(&mut params, from, to);
        self.below(params)
    }

    fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("ring makes keys");
        let certificate = params
            .signed_by(&key, &self.issuer())
            .expect("the parameters are sound");
        Self {
            params,
            key: key.serialize_pem(),
            chain: certificate.pem() + &self.chain,
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
        }
    }

    /// Returns its certificate, for `sslrootcert` or `ssl_ca_file`.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Returns its certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Starts a server certificate: for `localhost` and `127.0.0.1`, valid from yesterday for 90 days.
    pub fn server(&self) -> CertificateBuilder<'_> {
        CertificateBuilder::new(Some(self), ExtendedKeyUsagePurpose::ServerAuth)
            .common_name("localhost")
            .names(["localhost", "127.0.0.1"])
    }

    /// Starts a client certificate for a role: its common name is the role's.
    pub fn client(&self, role: &str) -> CertificateBuilder<'_> {
        CertificateBuilder::new(Some(self), ExtendedKeyUsagePurpose::ClientAuth).common_name(role)
    }

    /// Returns a revocation list of this authority that names the given certificates.
    pub fn revoke(&self, certificates: &[&Certificate]) -> String {
        let mut window = CertificateParams::default();
        set_validity(&mut window, -1, 30);
        let revoked = |serial: &[u8]| rcgen::RevokedCertParams {
            serial_number: rcgen::SerialNumber::from_slice(serial),
            revocation_time: window.not_before,
            reason_code: None,
            invalidity_date: None,
        };
        rcgen::CertificateRevocationListParams {
            this_update: window.not_before,
            next_update: window.not_after,
            crl_number: rcgen::SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: certificates
                .iter()
                .map(|certificate| revoked(&certificate.serial))
                .collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        }
        .signed_by(&self.issuer())
        .and_then(|list| list.pem())
        .expect("the parameters are sound")
    }

    fn issuer(&self) -> Issuer<'_, KeyPair> {
        let key = KeyPair::from_pem(&self.key).expect("we wrote the key");
        Issuer::from_params(&self.params, key)
    }
}

/// A certificate with its private key.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate and what is between it and the root, for `ssl_cert_file` or `sslcert`.
    pub chain: String,
    /// The private key.
    pub key: String,
    /// The certificate alone, as DER.
    pub der: Vec<u8>,
    serial: Vec<u8>,
}

impl Certificate {
    /// Takes a certificate with its key that something else has made.
    pub fn from_pem(chain: String, key: String) -> Self {
        let der = CertificateDer::from_pem_slice(chain.as_bytes()).expect("it is PEM");
        Self {
            der: der.to_vec(),
            chain,
            key,
            serial: Vec::new(),
        }
    }

    /// Starts a self-signed server certificate for `localhost` and `127.0.0.1`.
    pub fn self_signed() -> CertificateBuilder<'static> {
        CertificateBuilder::new(None, ExtendedKeyUsagePurpose::ServerAuth)
            .common_name("localhost")
            .names(["localhost", "127.0.0.1"])
    }
}

/// A certificate in the making.
#[derive(Debug)]
pub struct CertificateBuilder<'a> {
    authority: Option<&'a Authority>,
    params: CertificateParams,
    with_chain: bool,
}

impl<'a> CertificateBuilder<'a> {
    fn new(authority: Option<&'a Authority>, purpose: ExtendedKeyUsagePurpose) -> Self {
        let mut params = CertificateParams::default();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        params.use_authority_key_identifier_extension = authority.is_some();
        set_validity(&mut params, -1, 90);
        Self {
            authority,
            params,
            with_chain: true,
        }
    }

    /// Replaces the common name.
    #[must_use]
    pub fn common_name(mut self, name: &str) -> Self {
        self.params.distinguished_name = rcgen::DistinguishedName::new();
        self.params
            .distinguished_name
            .push(DnType::CommonName, name);
        self
    }

    /// Replaces the alternative names: DNS names and addresses.
    #[must_use]
    pub fn names<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.params.subject_alt_names = CertificateParams::new(names.map(str::to_owned))
            .expect("the names are names")
            .subject_alt_names;
        self
    }

    /// Names another host than the one that serves it.
    #[must_use]
    pub fn wrong_host(self) -> Self {
        self.common_name("elsewhere.example")
            .names(["elsewhere.example"])
    }

    /// Leaves the name in the common name alone, as old certificates do.
    #[must_use]
    pub fn common_name_only(self) -> Self {
        self.names([])
    }

    /// Ended yesterday.
    #[must_use]
    pub fn expired(self) -> Self {
        self.valid_for_days(-30, -1)
    }

    /// Begins tomorrow.
    #[must_use]
    pub fn not_yet_valid(self) -> Self {
        self.valid_for_days(1, 30)
    }

    /// Sets the validity in whole days from today (UTC midnight); negative is the past.
    #[must_use]
    pub fn valid_for_days(mut self, from: i64, to: i64) -> Self {
        set_validity(&mut self.params, from, to);
        self
    }

    /// Leaves the intermediate certificates out of the chain.
    #[must_use]
    pub fn without_chain(mut self) -> Self {
        self.with_chain = false;
        self
    }

    /// Marks it as an authority, as `openssl req -x509` does by default.
    #[must_use]
    pub fn marked_as_authority(mut self) -> Self {
        self.params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.params.key_usages = Vec::new();
        self
    }

    /// Signs it, with a P-256 key of its own.
    pub fn issue(self) -> Certificate {
        self.issue_for(&KeyPair::generate().expect("ring makes keys"))
    }

    /// Signs it with an Ed25519 key of its own, which libpq's channel binding cannot serve.
    pub fn issue_ed25519(self) -> Certificate {
        self.issue_for(&KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("ring makes keys"))
    }

    fn issue_for(mut self, key: &KeyPair) -> Certificate {
        let serial = key.public_key_raw()[key.public_key_raw().len() - 8..].to_vec();
        let serial = [&[1_u8][..], &serial].concat(); // Positive, and without leading zeros.
        self.params.serial_number = Some(rcgen::SerialNumber::from_slice(&serial));
        let certificate = match self.authority {
            Some(authority) => self.params.signed_by(key, &authority.issuer()),
            None => self.params.self_signed(key),
        }
        .expect("the parameters are sound");
        let chain = match self.authority {
            Some(authority) if self.with_chain => authority.chain.as_str(),
            _ => "",
        };
        Certificate {
            chain: certificate.pem() + chain,
            key: key.serialize_pem(),
            der: certificate.der().to_vec(),
            serial,
        }
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
    ];
    params.use_authority_key_identifier_extension = true;
    params
}

/// Sets the validity in whole days from today, at midnight UTC.
fn set_validity(params: &mut CertificateParams, from: i64, to: i64) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let [not_before, not_after] = [from, to].map(|days| {
        let day = today.saturating_add(Span::new().days(days));
        let [month, day_of_month] = [day.month(), day.day()].map(i8::unsigned_abs);
        date_time_ymd(i32::from(day.year()), month, day_of_month)
    });
    params.not_before = not_before;
    params.not_after = not_after;
}
