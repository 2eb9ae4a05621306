//! A PgBouncer of the test's own, before a PostgreSQL.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;

use super::certificates::Certificate;
use super::postgres::PostgreSql;
use super::process::{
    Folder, Guarded, Signal, as_server_user, free_port, own_by_server_user, run, wait_for,
};

/// A running PgBouncer.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    _process: Guarded,
    folder: Folder,
}

/// A PgBouncer to be started.
#[derive(Debug)]
pub struct PgBouncerBuilder<'a> {
    server: &'a PostgreSql,
    users: Vec<(String, String)>,
    certificate: Option<Certificate>,
    settings: Vec<(String, String)>,
}

impl PgBouncer {
    /// Starts describing a pooler in transaction mode before a server, which asks for SCRAM.
    pub fn builder(server: &PostgreSql) -> PgBouncerBuilder<'_> {
        PgBouncerBuilder {
            server,
            users: Vec::new(),
            certificate: None,
            settings: Vec::new(),
        }
    }

    /// Returns the program: `$DBHARDEN_PGBOUNCER`, or that of the packages.
    pub fn program() -> PathBuf {
        match std::env::var_os("DBHARDEN_PGBOUNCER") {
            Some(path) if !path.is_empty() => PathBuf::from(path),
            _ => PathBuf::from("pgbouncer"),
        }
    }

    /// Returns the version as the program says it, `1.18.0`.
    pub fn version() -> String {
        let program = Self::program();
        run(&[program.as_os_str(), "--version".as_ref()], &[], "")
            .split_whitespace()
            .nth(1)
            .expect("PgBouncer VERSION")
            .to_owned()
    }

    /// Returns the port; the host is 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the TCP address.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Returns a URL for a user, to the database `postgres`, without parameters.
    pub fn url(&self, user: &str, password: &str) -> String {
        format!(
            "postgresql://{user}:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Returns what it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log is UTF-8")
    }
}

impl PgBouncerBuilder<'_> {
    /// Lets a user in, with the password that both the pooler and the server ask for.
    #[must_use]
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.users.push((name.to_owned(), password.to_owned()));
        self
    }

    /// Offers TLS with this certificate.
    #[must_use]
    pub fn tls(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some(certificate.clone());
        self
    }

    /// Sets anything in `pgbouncer.ini`; a later call wins.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it listens; panics with its log where it does not.
    pub fn start(self) -> PgBouncer {
        let folder = Folder::new();
        let port = free_port();
        let ini = self.configure(&folder, port);
        own_by_server_user(folder.path());
        let program = PgBouncer::program();
        let prefix = as_server_user();
        let mut command: Vec<&OsStr> = prefix.iter().map(OsStr::new).collect();
        command.extend([program.as_os_str(), ini.as_os_str()]);
        let log = folder.path().join("log");
        let mut process = Guarded::spawn(&command, &[], &log, Signal::Terminate);
        let ready = wait_for(|| {
            if process.ended().is_some() {
                return Some(false);
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .is_ok()
                .then_some(true)
        });
        assert_eq!(
            ready,
            Some(true),
            "PgBouncer does not start; is it installed?\n{}",
            fs::read_to_string(&log).unwrap_or_default()
        );
        PgBouncer {
            port,
            _process: process,
            folder,
        }
    }

    fn configure(&self, folder: &Folder, port: u16) -> PathBuf {
        let mut users = String::new();
        for (name, password) in &self.users {
            let [name, password] = [name, password].map(|text| text.replace('"', "\"\""));
            let _ = writeln!(users, "\"{name}\" \"{password}\"");
        }
        let users = folder.write("users.txt", users);
        let mut ini = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n",
            self.server.address().ip(),
            self.server.port(),
            users.display()
        );
        if let Some(certificate) = &self.certificate {
            let chain = folder.write("server.crt", &certificate.chain);
            let key = folder.write("server.key", &certificate.key);
            let _ = writeln!(
                ini,
                "client_tls_sslmode = allow\nclient_tls_cert_file = {}\nclient_tls_key_file = {}",
                chain.display(),
                key.display()
            );
        }
        for (name, value) in &self.settings {
            let _ = writeln!(ini, "{name} = {value}");
        }
        folder.write("pgbouncer.ini", ini)
    }
}
