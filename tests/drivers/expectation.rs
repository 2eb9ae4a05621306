//! What a prediction means on a certain server.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use dbharden::driver::{
    Driver, Kind, NamedFile, Parts, Prediction, RefusedBy, Roots, Tls, Verifies, Without,
};
use dbharden::value::Secret;
use rustls::pki_types::ServerName;

use crate::judges::{Answer, Session};
use crate::lab::password_of;

/// The kinds of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// Has no TLS.
    Plain,
    /// Offers TLS with a certificate of the private authority.
    Tls,
    /// The certificate is for another host.
    WrongHost,
    /// The certificate has expired.
    Expired,
    /// The certificate is signed by nobody.
    SelfSigned,
    /// As `Tls`, and its rules demand TLS.
    TlsOnly,
}

impl Server {
    pub(crate) const ALL: [Self; 6] = [
        Self::Plain,
        Self::Tls,
        Self::WrongHost,
        Self::Expired,
        Self::SelfSigned,
        Self::TlsOnly,
    ];

    /// Returns whether a string is tried on this server: all are on the first, those that say
    /// something about TLS on the rest too.
    pub(crate) fn is_for(self, text: &str) -> bool {
        self == Self::Plain
            || ["ssl", "channel_binding"]
                .iter()
                .any(|part| text.to_ascii_lowercase().contains(part))
            || (text.ends_with("/appdb") && matches!(self, Self::Tls | Self::TlsOnly))
    }

    /// Returns whether a driver is tried on this server: older `SQLAlchemy` hands TLS on as the
    /// newest does, so the first server says all about them.
    pub(crate) fn is_for_version(self, driver: &Driver) -> bool {
        self == Self::Plain || !matches!(driver.version.as_deref(), Some("1.4" | "2.0"))
    }

    /// Returns whether a client accepts the server's certificate.
    fn passes(self, verifies: Verifies, trusts_authority: bool, host: &str) -> bool {
        if verifies == Verifies::Nothing {
            return true;
        }
        let chain = trusts_authority && !matches!(self, Self::Expired | Self::SelfSigned);
        let named = self != Self::WrongHost
            && ["localhost", "127.0.0.1", "db.example.com"]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host.trim_end_matches('.')));
        chain && (verifies == Verifies::Chain || named)
    }
}

/// A string in the hands of a driver.
pub(crate) struct Subject<'a> {
    pub(crate) driver: &'a Driver,
    pub(crate) text: &'a str,
    pub(crate) prediction: Prediction,
    pub(crate) parts: Option<Parts>,
    /// The folder in which the drivers run.
    pub(crate) folder: &'a Path,
    /// The file of the private authority.
    pub(crate) authority: &'a Path,
}

impl Subject<'_> {
    /// Returns what the driver does without a file that it is to read and that is not there.
    fn lacks(&self) -> Option<Without> {
        let missing = |file: &&NamedFile| !self.folder.join(&file.path).exists();
        let file = self.prediction.files.iter().find(missing)?;
        Some(file.without)
    }

    /// Returns whether the driver verifies against the private authority.
    fn trusts_authority(&self) -> bool {
        match self.prediction.roots {
            Some(Roots::File) => self.prediction.files.iter().any(|file| {
                file.parameter == "sslrootcert" && self.folder.join(&file.path) == self.authority
            }),
            None => self.prediction.verifies.is_none(),
            _ => false,
        }
    }
}

/// What should happen.
#[derive(Debug)]
pub(crate) enum Expectation {
    /// The driver refuses, or the server does at startup: with these words.
    Refused(String),
    /// It cannot connect to this server.
    Fails(&'static str),
    /// It connects.
    Connects { tls: bool },
}

/// How the way to one host ends.
enum Way {
    Open {
        tls: bool,
    },
    /// Nobody answers there.
    Shut(&'static str),
    /// The server answers, and client and server do not agree.
    Refused(&'static str),
}

impl Expectation {
    pub(crate) fn of(subject: &Subject<'_>, server: Server) -> Self {
        let prediction = &subject.prediction;
        if prediction.refused_by == Some(RefusedBy::Driver) {
            return Self::Refused(prediction.error.clone().unwrap_or_default());
        }
        let parts = subject.parts.as_ref().unwrap();
        if subject.lacks() == Some(Without::Refuses) && !reads_libpq_keywords(subject) {
            return Self::Fails("a file is missing");
        }
        let mut last = "no host";
        for (host, port) in &parts.hosts {
            match way(subject, server, host.expose(), *port) {
                Way::Open { tls } => return Self::through(subject, tls),
                // libpq itself goes on to the next host only where no connection came about.
                Way::Refused(why) if in_c(subject.driver.kind) => return Self::Fails(why),
                Way::Shut(why) | Way::Refused(why) => last = why,
            }
        }
        Self::Fails(last)
    }

    /// The way is open: what does the server say?
    fn through(subject: &Subject<'_>, tls: bool) -> Self {
        let prediction = &subject.prediction;
        let parts = subject.parts.as_ref().unwrap();
        let has = |words: &str| subject.text.contains(words);
        let user = parts.user.as_ref().map_or("root", Secret::expose);
        let trusted = matches!(user, "root" | "nopassword");
        let password = parts.password.as_ref().map(Secret::expose);
        // HMAC fills a key up with zeros, so that those at a password's end do not count.
        let password = password.map(|password| password.trim_end_matches('\0'));
        // postgres.js alone does not prepare it, which is predicted.
        let given = password.map(|password| match subject.driver.kind {
            Kind::Asyncpg | Kind::SqlalchemyAsyncpg | Kind::SqlalchemyPg8000 => {
                prepared(&password.replace('\u{200b}', "")).into_owned()
            }
            _ => prepared(password).into_owned(),
        });
        let same = given.as_deref() == Some(&*prepared(password_of(user)));
        if !trusted && !same {
            return Self::Fails("the password is another");
        }
        if !tls && reads_libpq_keywords(subject) && has("channel_binding=require") {
            return Self::Fails("channel binding needs TLS");
        }
        if [user]
            .into_iter()
            .chain(parts.dbname.as_ref().map(Secret::expose))
            .any(|name| name.contains('\u{fffd}'))
        {
            return Self::Fails("the lab has no such name");
        }
        let cut_badly = |name: &str| name.len() > 63 && !name.is_ascii();
        if user.len() > 63
            || parts
                .dbname
                .as_ref()
                .is_some_and(|name| cut_badly(name.expose()))
        {
            return Self::Fails("the server cuts the name");
        }
        if let Some(error) = &prediction.error {
            return Self::Refused(error.clone());
        }
        if reads_libpq_keywords(subject) && has("scram_client_key") {
            return Self::Fails("the key is none of the user's");
        }
        if subject.driver.kind == Kind::PostgresJs && has("target_session_attrs=prefer-standby") {
            return Self::Fails("the server is a primary");
        }
        let read_only =
            has("target_session_attrs=standby") || has("target_session_attrs=read-only");
        if read_only && subject.driver.kind != Kind::NodePostgres {
            return Self::Fails("the server is a primary");
        }
        Self::Connects { tls }
    }

    /// Returns what is wrong with a prediction, given what really happened.
    pub(crate) fn compare(
        &self,
        subject: &Subject<'_>,
        server: Server,
        answer: &Answer,
    ) -> Option<String> {
        match (self, &answer.session) {
            // The session has started, and the lab's own question came too late.
            (Self::Connects { .. }, None)
                if answer.error == "canceling statement due to statement timeout"
                    // A thousandth of a second is enough on some days.
                    || (answer.error.contains("CONNECT_TIMEOUT")
                        && subject.text.contains("connect_timeout=1e-3")) =>
            {
                compare_asked(subject, &answer.asked)
            }
            (Self::Connects { tls }, Some(session)) => compare_session(subject, *tls, session)
                .or_else(|| compare_asked(subject, &answer.asked)),
            (Self::Connects { .. }, None) => Some(format!("should connect ({self:?})")),
            (Self::Fails(why), None) => {
                let _ = why;
                compare_asked(subject, &answer.asked)
            }
            (Self::Refused(words), None) => compare_words(subject, server, words, answer),
            (Self::Fails(_) | Self::Refused(_), Some(_)) => {
                Some(format!("should not connect: {self:?}"))
            }
        }
    }
}

fn in_c(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Libpq | Kind::Psycopg2 | Kind::SqlalchemyPsycopg2
    )
}

/// Does libpq, or a driver like it, read the string in the end? A scheme may name another dialect.
fn reads_libpq_keywords(subject: &Subject<'_>) -> bool {
    let named = subject.text.contains("+psycopg") && subject.driver.kind.is_sqlalchemy();
    named
        || !matches!(
            subject.driver.kind,
            Kind::Asyncpg
                | Kind::SqlalchemyAsyncpg
                | Kind::SqlalchemyPg8000
                | Kind::NodePostgres
                | Kind::PostgresJs
        )
}

fn way(subject: &Subject<'_>, server: Server, host: &str, port: u16) -> Way {
    let prediction = &subject.prediction;
    if host.starts_with('/')
        && subject.text.contains("requirepeer")
        && reads_libpq_keywords(subject)
    {
        return Way::Refused("the server runs as another user");
    }
    // To postgres.js a slash anywhere makes it a socket's path.
    let path = subject.driver.kind == Kind::PostgresJs && host.contains('/');
    if host.starts_with('/') || path || (in_c(subject.driver.kind) && host.starts_with('@')) {
        return Way::Open { tls: false };
    }
    if !resolvable(subject.driver.kind, host) {
        return Way::Shut("nobody has this name");
    }
    if port == 0 {
        return Way::Shut("nobody listens at port 0");
    }
    let offered = server != Server::Plain;
    let verifies = prediction.verifies.unwrap_or(Verifies::ChainAndHost);
    let trusts_authority = subject.trusts_authority();
    let verifies = match subject.lacks() {
        Some(Without::VerifiesNothing) => Verifies::Nothing,
        Some(Without::Refuses) | None => verifies,
    };
    // The connector looks at the name before it looks at any certificate.
    let named =
        subject.driver.kind != Kind::TokioPostgres || ServerName::try_from(host.to_owned()).is_ok();
    let encrypted = || {
        if subject.lacks() == Some(Without::Refuses) {
            Way::Refused("the file of roots is missing")
        } else if named && server.passes(verifies, trusts_authority, host) {
            Way::Open { tls: true }
        } else {
            Way::Refused("the certificate is refused")
        }
    };
    let clear = || {
        if server == Server::TlsOnly {
            Way::Refused("the server demands TLS")
        } else {
            Way::Open { tls: false }
        }
    };
    match prediction.tls.unwrap() {
        Tls::Required if !offered => Way::Refused("the server has no TLS"),
        Tls::Required => encrypted(),
        Tls::IfOffered if !offered => clear(),
        // Only libpq goes on in the clear where the certificate is refused.
        Tls::IfOffered => match encrypted() {
            Way::Refused(_) if subject.driver.kind != Kind::TokioPostgres => clear(),
            way => way,
        },
        Tls::IfDemanded if server == Server::TlsOnly => encrypted(),
        Tls::Off | Tls::IfDemanded => clear(),
    }
}

/// A password as PostgreSQL keeps it, and as all drivers but one send it.
fn prepared(password: &str) -> Cow<'_, str> {
    stringprep::saslprep(password).unwrap_or(Cow::Borrowed(password))
}

/// Returns the address that C reads `1.1` or `123` as, which psycopg looks up once more.
fn short_address(host: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| match part.strip_prefix('0') {
        Some(rest) if rest.starts_with(['x', 'X']) => u32::from_str_radix(&rest[1..], 16).ok(),
        Some(rest) if !rest.is_empty() => u32::from_str_radix(rest, 8).ok(),
        _ => part.parse().ok(),
    };
    let parts: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    let mut address = *last;
    for (index, part) in first.iter().enumerate() {
        address |= part << (24 - 8 * index);
    }
    Some(Ipv4Addr::from(address))
}

/// Could a name server know this name? As route.c decides.
fn resolvable(kind: Kind, host: &str) -> bool {
    if host == "*" {
        return !matches!(
            kind,
            Kind::NodePostgres | Kind::PostgresJs | Kind::TokioPostgres
        );
    }
    // A scope belongs to a link-local address, and is one of this machine's interfaces.
    if let Some((address, scope)) = host.split_once('%')
        && let Ok(address) = address.parse::<Ipv6Addr>()
    {
        return address.is_unicast_link_local() && Path::new("/sys/class/net").join(scope).exists();
    }
    if host.parse::<IpAddr>().is_ok() {
        return true;
    }
    // Python and Node.js write a name in other letters as punycode.
    let punycode = !matches!(
        kind,
        Kind::Libpq | Kind::Psycopg2 | Kind::SqlalchemyPsycopg2 | Kind::TokioPostgres
    );
    let label = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    !host.is_empty()
        && host.len() <= 253
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && if host.is_ascii() {
            host.chars().all(label)
        } else {
            punycode && (host.chars().all(label) || url::Host::parse(host).is_ok())
        }
}

fn compare_session(subject: &Subject<'_>, tls: bool, session: &Session) -> Option<String> {
    let parts = subject.parts.as_ref().unwrap();
    let user = parts.user.as_ref().map_or("root", Secret::expose);
    let database = parts.dbname.as_ref().map_or(user, Secret::expose);
    let name = subject
        .prediction
        .application_name
        .as_deref()
        .unwrap_or_default();
    let mut wrong = Vec::new();
    if session.tls != tls {
        wrong.push(format!("TLS should be {tls}"));
    }
    if session.user != user {
        wrong.push(format!("the user should be {user:?}"));
    }
    // The server cuts a longer name.
    if session.database != database.get(..63).unwrap_or(database) {
        wrong.push(format!("the database should be {database:?}"));
    }
    if session.application_name != name && name != "***" {
        wrong.push(format!("the application name should be {name:?}"));
    }
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

/// The hosts that were asked for must be among the predicted, the first one first.
fn compare_asked(subject: &Subject<'_>, asked: &[String]) -> Option<String> {
    let parts = subject.parts.as_ref().unwrap();
    let hosts: Vec<(&str, u16)> = parts
        .hosts
        .iter()
        .map(|(host, port)| (host.expose(), *port))
        .collect();
    for line in asked {
        let mut words = line.splitn(3, ' ');
        let (kind, name, port) = (
            words.next()?,
            words.next().unwrap_or_default(),
            words.next(),
        );
        let known = match kind {
            "name" => {
                let name = &line[5..];
                name == "127.0.0.1"
                    // psycopg looks up every host before libpq passes over one for its port.
                    || (matches!(subject.driver.kind, Kind::Psycopg | Kind::SqlalchemyPsycopg)
                        && ['@', ','].iter().any(|before| {
                            subject.text.contains(&format!("{before}{name}:"))
                        }))
                    || subject.text.contains("hostaddr")
                    || hosts.iter().any(|(host, _)| {
                        // Node.js asks in lower case, and names in other letters go as punycode.
                        host.eq_ignore_ascii_case(name)
                            || (*host == "*" && name == "::1")
                            || short_address(host).is_some_and(|whole| whole.to_string() == name)
                            // Which letters are the same is the name service's matter.
                            || !host.is_ascii()
                    })
            }
            "unix" => hosts.iter().any(|(host, port)| {
                line[5..]
                    == format!(
                        "{}/.s.PGSQL.{port}",
                        host.trim_start_matches('@').trim_end_matches('/')
                    )
                    || &line[5..] == host.trim_start_matches('@').trim_end_matches('/')
                    || line[5..] == format!("{host}/.s.PGSQL.{port}")
            }),
            _ => {
                let port = port.and_then(|port| port.parse::<u16>().ok());
                hosts.iter().any(|(host, known)| {
                    Some(*known) == port
                        && (!host
                            .parse::<IpAddr>()
                            .is_ok_and(|ip| ip.to_string() != name)
                            || subject.text.contains("hostaddr"))
                })
            }
        };
        if !known {
            return Some(format!("should not ask for {line:?}, but for {hosts:?}"));
        }
    }
    None
}

/// The words of the error: what is predicted must be in what was said, where nothing is redacted.
fn compare_words(
    subject: &Subject<'_>,
    server: Server,
    words: &str,
    answer: &Answer,
) -> Option<String> {
    // node-postgres reads the files before it finds out what else is wrong.
    if subject.driver.kind == Kind::NodePostgres
        && subject.text.contains("ssl")
        && answer.error.starts_with("ENOENT: no such file")
    {
        return None;
    }
    // SQLite takes the string as its own, and postgres.js tries several dead hosts for ever.
    if subject.text.starts_with("sqlite") || answer.error == "no answer in time" {
        return None;
    }
    // A host that nobody knows ends the matter before anything else can.
    if [
        "could not translate host name",
        "failed to resolve host",
        "ENOTFOUND",
    ]
    .iter()
    .any(|words| answer.error.contains(words))
    {
        return None;
    }
    // Python says so of a number of more than 64 bits before it asks the resolver (gh-74895).
    if answer.error == "Python int too large to convert to C long"
        && ["Servname not supported", "Can't create a connection"]
            .iter()
            .any(|known| words.contains(known))
    {
        return None;
    }
    // The rules of `pg_hba.conf` come before what the driver misses in the answer.
    if server == Server::TlsOnly && answer.error.contains("no pg_hba.conf entry") {
        return None;
    }
    let words = on_a_server_without_tls(subject, words)
        .filter(|_| server == Server::Plain)
        .unwrap_or(words);
    let said = normal(&format!("{}: {}", answer.class, answer.error));
    let mut rest = said.as_str();
    for piece in words.split("***") {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return Some(format!("should say {words:?}")),
        }
    }
    None
}

/// What a driver that stumbles over TLS says where there is none.
fn on_a_server_without_tls(subject: &Subject<'_>, words: &str) -> Option<&'static str> {
    let says = |beginning| words.starts_with(beginning);
    if says("server did not request an SSL certificate")
        && ["require", "verify-ca", "verify-full"]
            .iter()
            .any(|mode| subject.text.contains(&format!("sslmode={mode}")))
    {
        Some("server does not support SSL")
    } else if says("Cannot use 'in' operator") && !subject.text.contains("=direct") {
        Some("The server does not support SSL connections")
    } else if says("sslcontext is expected") {
        Some("rejected SSL upgrade")
    } else if says("'str' object has no attribute 'wrap_socket'") {
        Some("Server refuses SSL")
    } else if says("SSL error: ") {
        Some("server does not support SSL")
    } else if says("no protocols available") || says("tlsv1 alert") {
        Some("rejected SSL upgrade")
    } else if says("root certificate file \"system\"")
        || (says("'>=' not supported") && subject.text.contains("sslmode=require"))
    {
        Some("server does not support SSL")
    } else {
        None
    }
}

/// Takes out what differs from run to run: the home folder, and addresses in memory.
fn normal(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find(" at 0x") {
        let end = text[at + 6..]
            .find(|c: char| !c.is_ascii_hexdigit())
            .map_or(text.len(), |end| at + 6 + end);
        text.replace_range(at..end, "");
    }
    if let Some(end) = text.find("/home/.postgresql") {
        let start = text[..end].rfind('"').map_or(0, |start| start + 1);
        text.replace_range(start..end + 5, "~");
    }
    text
}
