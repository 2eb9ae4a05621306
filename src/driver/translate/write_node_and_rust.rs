//! Writes for the drivers of Node.js and Rust.

use super::code::literal;
use super::intent::{Intent, Mode, Trust};
use super::url;
use super::write::{Draft, seconds, timeout, without_timeout};

/// The client's parameters that stand for themselves in a driver's string.
const NODE_CLIENT: &[&str] = &["sslcert", "sslkey", "sslnegotiation"];
const POSTGRES_JS_CLIENT: &[&str] = &[
    "connect_timeout",
    "target_session_attrs",
    "sslnegotiation",
    "max",
    "idle_timeout",
    "max_lifetime",
    "max_pipeline",
    "backoff",
    "keep_alive",
    "prepare",
    "debug",
    "fetch_types",
    "publications",
];
const TOKIO_CLIENT: &[&str] = &[
    "connect_timeout",
    "target_session_attrs",
    "channel_binding",
    "hostaddr",
    "load_balance_hosts",
    "sslnegotiation",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
];

impl Draft {
    pub(super) fn node_postgres(&mut self, intent: &Intent) {
        if intent.is_local() {
            let (folder, port) = &intent.hosts[0];
            self.url.add("host", folder);
            self.url.add("port", &port.to_string());
        } else {
            self.first_host(intent, "node-postgres");
            self.node_tls(intent);
        }
        // pg leaves the escapes of the URL's own marks in the database's name as they are.
        if let Some(name) = &intent.dbname {
            self.url.path = node_path(name);
            if name.contains(['?', '#']) || has_dot_segment(name) {
                self.lose("the database", "no URL says this name to pg");
            }
        }
        self.common(intent);
        self.command_line(intent);
        self.settings_beside_the_command_line(intent, false, "node-postgres");
        if let Some(seconds) = timeout(intent) {
            self.code.add(
                "connectionTimeoutMillis",
                format!("{:.0}", seconds * 1000.0),
            );
        }
        self.client(&without_timeout(intent), NODE_CLIENT, "node-postgres");
    }

    fn node_tls(&mut self, intent: &Intent) {
        let file = match &intent.trust {
            Trust::File(file) => Some(file.clone()),
            Trust::Default | Trust::Public => None,
        };
        match intent.mode {
            Mode::Disable => self.url.add("sslmode", "disable"),
            Mode::Allow | Mode::Prefer => {
                self.warn("node-postgres cannot fall back: it now requires TLS");
                self.compatible("prefer", None);
            }
            Mode::Require | Mode::VerifyCa if file.is_some() => {
                self.compatible("verify-ca", file.as_deref());
            }
            Mode::Require => self.compatible("require", None),
            Mode::VerifyCa | Mode::VerifyFull => {
                if intent.trust == Trust::Default {
                    self.warn("node-postgres trusts its bundled roots, not ~/.postgresql/root.crt");
                }
                self.url.add("sslmode", "verify-full");
                if let Some(file) = file {
                    self.url.add("sslrootcert", &file);
                }
            }
        }
    }

    fn compatible(&mut self, mode: &str, file: Option<&str>) {
        self.url.add("uselibpqcompat", "true");
        self.url.add("sslmode", mode);
        if let Some(file) = file {
            self.url.add("sslrootcert", file);
        }
    }

    pub(super) fn postgres_js(&mut self, intent: &Intent) {
        let (ipv6, local) = (
            intent.hosts.iter().any(|(host, _)| host.contains(':')),
            intent.is_local(),
        );
        if local {
            "localhost".clone_into(&mut self.url.authority);
            self.code.add("host", literal(&intent.hosts[0].0));
            self.code.add("port", intent.hosts[0].1.to_string());
        } else if ipv6 {
            "localhost".clone_into(&mut self.url.authority);
            let hosts: Vec<_> = intent.hosts.iter().map(|(host, _)| literal(host)).collect();
            let ports: Vec<_> = intent
                .hosts
                .iter()
                .map(|(_, port)| port.to_string())
                .collect();
            self.code.add("host", format!("[{}]", hosts.join(", ")));
            self.code.add("port", format!("[{}]", ports.join(", ")));
        } else {
            self.authority(intent);
        }
        if !local {
            self.postgres_js_tls(intent);
        }
        if let Some(name) = &intent.dbname
            && (url::part(name) != *name || has_dot_segment(name))
        {
            self.url.path.clear();
            self.code.add("database", literal(name));
        }
        self.common(intent);
        if let Some(options) = &intent.options {
            self.url.add("options", options);
        }
        for (name, value) in &intent.settings {
            self.url.add(name, value);
        }
        let mut intent = intent.clone();
        intent
            .client
            .retain(|(name, value)| name != "target_session_attrs" || value != "any");
        self.client(&intent, POSTGRES_JS_CLIENT, "postgres.js");
    }

    fn postgres_js_tls(&mut self, intent: &Intent) {
        match (&intent.trust, intent.mode) {
            (_, Mode::Disable) => {}
            (_, Mode::Allow | Mode::Prefer) => self.url.add("sslmode", "prefer"),
            (Trust::File(file), Mode::Require | Mode::VerifyCa) => self.code.add(
                "ssl",
                format!(
                    "{{ ca: require('fs').readFileSync({}), checkServerIdentity: () => undefined }}",
                    literal(file)
                ),
            ),
            (_, Mode::Require) => self.url.add("sslmode", "require"),
            (Trust::File(file), _) => self.code.add(
                "ssl",
                format!("{{ ca: require('fs').readFileSync({}) }}", literal(file)),
            ),
            (trust, _) => {
                if *trust == Trust::Default {
                    self.warn("postgres.js trusts its bundled roots, not ~/.postgresql/root.crt");
                }
                self.url.add("sslmode", "verify-full");
            }
        }
    }

    pub(super) fn tokio_postgres(&mut self, intent: &Intent) -> Option<String> {
        self.authority(intent);
        let mut code = None;
        if !intent.is_local() {
            match intent.mode {
                Mode::Disable => self.url.add("sslmode", "disable"),
                Mode::Allow => self.warn("tokio-postgres cannot allow TLS: it prefers it"),
                Mode::Prefer => {}
                _ => self.url.add("sslmode", "require"),
            }
            code = connector(intent);
        }
        self.common(intent);
        self.command_line(intent);
        self.settings_beside_the_command_line(intent, false, "tokio-postgres");
        let mut intent = intent.clone();
        for (name, value) in &mut intent.client {
            match (name.as_str(), seconds(value)) {
                ("connect_timeout", Some(seconds)) => *value = format!("{:.0}", seconds.ceil()),
                ("keepalives_count", _) => "keepalives_retries".clone_into(name),
                _ => {}
            }
        }
        let known = |name: &str, value: &str| match name {
            "target_session_attrs" => matches!(value, "any" | "read-write" | "read-only"),
            "keepalives_retries" => true,
            name => TOKIO_CLIENT.contains(&name),
        };
        for (name, value) in &intent.client {
            if known(name, value) {
                self.url.add(name, value);
            } else {
                self.lose(name, "tokio-postgres has nothing like it");
            }
        }
        code
    }
}

fn connector(intent: &Intent) -> Option<String> {
    let roots = match &intent.trust {
        Trust::File(file) => format!("the roots in {}", literal(file)),
        Trust::Public => "the public roots".to_owned(),
        Trust::Default => "the roots in ~/.postgresql/root.crt".to_owned(),
    };
    match intent.mode {
        Mode::VerifyFull => Some(format!(
            "// give tokio_postgres::connect a TLS connector that verifies the chain and the host against {roots}"
        )),
        Mode::VerifyCa => Some(format!(
            "// give tokio_postgres::connect a TLS connector that verifies the chain against {roots}"
        )),
        _ => None,
    }
}

/// Does a URL's path lose a part of the name, for it is `.` or `..`?
fn has_dot_segment(name: &str) -> bool {
    name.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// The database's name in a URL for node-postgres.
fn node_path(name: &str) -> String {
    let mut path = String::new();
    for c in name.chars() {
        if ";/:@&=+$,".contains(c) {
            path.push(c);
        } else {
            path.push_str(&url::part(c.encode_utf8(&mut [0; 4])));
        }
    }
    path
}
