//! A PostgreSQL server of the test's own.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::certificates::Certificate;
use super::installation::Installation;
use super::process::{
    Folder, Guarded, Signal, as_server_user, free_port, own_by_server_user, run, wait_for,
};
use super::role::Role;

/// A running PostgreSQL.
///
/// Its superuser is `postgres`, who needs no password over the Unix socket; everybody else meets the
/// rules given to the builder.
#[derive(Debug)]
pub struct PostgreSql {
    installation: Installation,
    port: u16,
    process: Guarded,
    folder: Folder,
}

/// A PostgreSQL to be started.
#[derive(Clone, Debug)]
pub struct Builder {
    installation: Option<Installation>,
    certificate: Option<Certificate>,
    client_authority: Option<String>,
    rules: Vec<String>,
    settings: Vec<(String, String)>,
    environment: Vec<(&'static str, String)>,
}

impl PostgreSql {
    /// Starts a server without TLS that asks everybody for a SCRAM password.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Starts describing a server.
    pub fn builder() -> Builder {
        Builder {
            installation: None,
            certificate: None,
            client_authority: None,
            rules: Vec::new(),
            settings: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Returns the port; the host is 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the TCP address.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Returns the folder of the Unix socket, a `host` in libpq's sense.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the programs that it runs with.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Returns the data folder, of which `pg_hba.conf` and `postgresql.conf` are part.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns what the server has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log is UTF-8")
    }

    /// Returns a conninfo string for a role, over TCP, to the database `postgres`.
    ///
    /// More can be appended: `server.conninfo("app", "pw") + " application_name=web"`.
    pub fn conninfo(&self, user: &str, password: &str) -> String {
        format!(
            "host=127.0.0.1 port={} dbname=postgres user={user} password={password}",
            self.port
        )
    }

    /// Returns a URL for a role, over TCP, to the database `postgres`, without parameters.
    pub fn url(&self, user: &str, password: &str) -> String {
        format!(
            "postgresql://{user}:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Creates a role.
    pub fn create(&self, role: &Role) {
        self.sql(&role.to_string());
    }

    /// Runs SQL as the superuser in the database `postgres`; returns rows, one a line, `|` between
    /// columns.
    pub fn sql(&self, sql: &str) -> String {
        self.sql_in("postgres", sql)
    }

    /// Runs SQL as the superuser in a database.
    pub fn sql_in(&self, database: &str, sql: &str) -> String {
        let conninfo = format!(
            "host={} port={} user=postgres dbname={database} application_name=lab",
            self.folder.path().display(),
            self.port
        );
        self.psql(&conninfo, sql)
    }

    /// Runs SQL through psql with any conninfo string or URL; panics where it fails.
    pub fn psql(&self, conninfo: &str, sql: &str) -> String {
        let psql = self.installation.psql();
        let command: [&OsStr; 6] = [
            psql.as_os_str(),
            "-XAtq".as_ref(),
            "-v".as_ref(),
            "ON_ERROR_STOP=1".as_ref(),
            "-d".as_ref(),
            conninfo.as_ref(),
        ];
        run(&command, &[], sql).trim_end().to_owned()
    }

    /// Replaces the rules of `pg_hba.conf` and loads them.
    pub fn set_hba<S: AsRef<str>>(&self, rules: impl IntoIterator<Item = S>) {
        write_hba(&self.data_folder(), rules);
        self.sql("select pg_reload_conf()");
    }

    /// Stops the server; its port then refuses.
    pub fn stop(&mut self, signal: Signal) {
        self.process.stop(signal);
    }

    /// Stops the server where it runs and starts it again on its port, with its data.
    pub fn restart(&mut self) {
        self.process.stop(Signal::Interrupt);
        self.process = launch(&self.installation, self.folder.path(), self.port, &[])
            .expect("the server starts on the port that it had");
    }

    /// Starts a hot standby that follows this server; its rules, roles and settings are the same.
    ///
    /// The copy is made by `pg_basebackup` and is returned once it answers. Drop the standby before
    /// the primary.
    pub fn standby(&self) -> Self {
        let folder = Folder::new();
        own_by_server_user(folder.path());
        let data = folder.path().join("data");
        let source = format!(
            "host={} port={} user=postgres",
            self.folder.path().display(),
            self.port
        );
        let pg_basebackup = self.installation.program("pg_basebackup");
        let prefix = as_server_user();
        let mut command: Vec<&OsStr> = prefix.iter().map(OsStr::new).collect();
        command.extend([
            pg_basebackup.as_os_str(),
            "--checkpoint=fast".as_ref(),
            "--no-sync".as_ref(),
            "--write-recovery-conf".as_ref(),
            "-D".as_ref(),
            data.as_os_str(),
            "-d".as_ref(),
            source.as_ref(),
        ]);
        run(&command, &self.installation.environment(), "");
        let (port, process) = launch_on_free_port(&self.installation, folder.path(), &[]);
        Self {
            installation: self.installation.clone(),
            port,
            process,
            folder,
        }
    }
}

impl Builder {
    /// Uses these programs; without it, the newest.
    #[must_use]
    pub fn installation(mut self, installation: Installation) -> Self {
        self.installation = Some(installation);
        self
    }

    /// Offers TLS with this certificate.
    #[must_use]
    pub fn tls(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some(certificate.clone());
        self
    }

    /// Checks client certificates against this authority's PEM (`ssl_ca_file`).
    #[must_use]
    pub fn client_authority(mut self, pem: &str) -> Self {
        self.client_authority = Some(pem.to_owned());
        self
    }

    /// Adds a rule to `pg_hba.conf`, as `hostssl all all all scram-sha-256`.
    ///
    /// The first call replaces the default, `host all all all scram-sha-256` and the same for
    /// sockets. The superuser's rule for the socket always comes first.
    #[must_use]
    pub fn hba(mut self, rule: &str) -> Self {
        self.rules.push(rule.to_owned());
        self
    }

    /// Sets the number of sessions that the server allows, three of them for superusers.
    #[must_use]
    pub fn max_connections(self, sessions: u32) -> Self {
        self.setting("max_connections", &sessions.to_string())
    }

    /// Lets the server speak a language, as `de`, whose locale need not be installed.
    #[must_use]
    pub fn language(mut self, language: &'static str) -> Self {
        // `LC_ALL` would win over `lc_messages`, which `LANGUAGE` needs to differ from `C`.
        self.environment
            .extend([("LANGUAGE", language.to_owned()), ("LC_ALL", String::new())]);
        self.setting("lc_messages", "C.UTF-8")
    }

    /// Lets the server present keys and signatures that OpenSSL finds too weak by default.
    #[must_use]
    pub fn weak_certificates(mut self, openssl_conf: &Path) -> Self {
        self.environment
            .push(("OPENSSL_CONF", openssl_conf.display().to_string()));
        self
    }

    /// Sets anything in `postgresql.conf`; a later call wins.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it answers; panics with its log where it does not.
    pub fn start(self) -> PostgreSql {
        let installation = self
            .installation
            .clone()
            .unwrap_or_else(Installation::newest);
        let folder = Folder::new();
        let data = folder.path().join("data");
        installation.new_data_folder(&data);
        self.configure(folder.path(), &data);
        own_by_server_user(folder.path());
        let (port, process) = launch_on_free_port(&installation, folder.path(), &self.environment);
        PostgreSql {
            installation,
            port,
            process,
            folder,
        }
    }

    fn configure(&self, folder: &Path, data: &Path) {
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\n\
             unix_socket_directories = '{}'\n\
             fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n\
             shared_buffers = 16MB\nmax_wal_size = 64MB\nmin_wal_size = 4MB\n\
             log_connections = on\nlog_line_prefix = '%m [%p] %a '\n",
            folder.display()
        );
        if let Some(certificate) = &self.certificate {
            let chain = data.join("server.crt");
            fs::write(&chain, &certificate.chain).expect("the data folder is ours");
            let key = data.join("server.key");
            fs::write(&key, &certificate.key).expect("the data folder is ours");
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600))
                .expect("the data folder is ours");
            settings += "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n";
        }
        if let Some(pem) = &self.client_authority {
            fs::write(data.join("clients.crt"), pem).expect("the data folder is ours");
            settings += "ssl_ca_file = 'clients.crt'\n";
        }
        for (name, value) in &self.settings {
            let _ = writeln!(settings, "{name} = '{}'", value.replace('\'', "''"));
        }
        let path = data.join("postgresql.conf");
        let defaults = fs::read_to_string(&path).expect("initdb wrote it");
        fs::write(&path, defaults + &settings).expect("the data folder is ours");
        if self.rules.is_empty() {
            write_hba(
                data,
                [
                    "local all all scram-sha-256",
                    "host all all all scram-sha-256",
                ],
            );
        } else {
            write_hba(data, &self.rules);
        }
    }
}

/// Writes the rules, after those of the lab itself: its superuser, over the socket.
fn write_hba<S: AsRef<str>>(data: &Path, rules: impl IntoIterator<Item = S>) {
    let mut text = "local all postgres trust\nlocal replication postgres trust\n".to_owned();
    for rule in rules {
        text += rule.as_ref();
        text.push('\n');
    }
    fs::write(data.join("pg_hba.conf"), text).expect("the data folder is ours");
}

/// Starts the server of a folder; another process may take the port first, hence the attempts.
fn launch_on_free_port(
    installation: &Installation,
    folder: &Path,
    more: &[(&str, String)],
) -> (u16, Guarded) {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let port = free_port();
        match launch(installation, folder, port, more) {
            Ok(process) => return (port, process),
            Err(log) if attempts < 5 && log.contains("Address already in use") => {}
            Err(log) => panic!("PostgreSQL does not start:\n{log}"),
        }
    }
}

/// Starts the server of a folder and waits until it answers; the error is its log.
fn launch(
    installation: &Installation,
    folder: &Path,
    port: u16,
    more: &[(&str, String)],
) -> Result<Guarded, String> {
    let data = folder.join("data");
    let log = folder.join("log");
    let postgres = installation.program("postgres");
    let port = port.to_string();
    let prefix = as_server_user();
    let mut command: Vec<&OsStr> = prefix.iter().map(OsStr::new).collect();
    command.extend([
        postgres.as_os_str(),
        "-D".as_ref(),
        data.as_os_str(),
        "-p".as_ref(),
        port.as_ref(),
    ]);
    let mut environment = installation.environment();
    environment.extend(more.iter().map(|(name, value)| (*name, value.as_ref())));
    let mut process = Guarded::spawn(&command, &environment, &log, Signal::Quit);
    let ready = wait_for(|| {
        if process.ended().is_some() {
            return Some(false);
        }
        // The eighth line is the state, written by the postmaster for pg_ctl.
        let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let state = state.lines().nth(7).map(str::trim);
        matches!(state, Some("ready" | "standby")).then_some(true)
    });
    if ready == Some(true) {
        Ok(process)
    } else {
        Err(fs::read_to_string(log).unwrap_or_default())
    }
}
