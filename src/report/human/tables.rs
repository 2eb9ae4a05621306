//! The blocks of facts beside the checklist: drivers, stages, engines, sessions.

use std::io;

use super::layout::{Piece, Printer, columns, join, table};
use super::line::{badge, shown};
use crate::report::view::{Connection, DriverView, Engine, HostPort, Metric, Scalar, Setting, Url};
use crate::report::{Entry, Sealed, Sheet, Tone, escape};

fn plain(text: impl Into<String>) -> Piece {
    (Tone::Plain, text.into())
}

/// Writes what each driver does with a connection string.
pub(super) fn drivers(printer: &mut Printer<'_>, url: &Url) -> io::Result<()> {
    if url.drivers.is_empty() {
        return Ok(());
    }
    let head = ["driver", "takes it", "TLS", "verifies", "as"];
    let rows: Vec<Vec<Piece>> = url.drivers.iter().map(driver_row).collect();
    table(printer, 2, &head, &rows)?;
    for driver in &url.drivers {
        if let Some(error) = &driver.error {
            let who = match driver.refused_by {
                Some("server") => "the server would say: ",
                _ => "says: ",
            };
            let label = (Tone::Faint, format!("{} {who}", shown(&driver.driver)));
            printer.labelled(2, &label, Tone::Plain, &shown(error))?;
        }
    }
    Ok(())
}

fn driver_row(driver: &DriverView) -> Vec<Piece> {
    let takes = match (driver.accepts, driver.refused_by) {
        (true, _) => (Tone::Good, "✓ yes".to_owned()),
        (false, Some("server")) => (Tone::Bad, "✗ server refuses".to_owned()),
        (false, _) => (Tone::Bad, "✗ no".to_owned()),
    };
    let tls = match driver.tls {
        Some("if-demanded") => "if demanded",
        Some("if-offered") => "if offered",
        Some(other) => other,
        None => "-",
    };
    let verifies = match driver.verifies {
        Some("chain-and-host") => "chain and host",
        Some(other) => other,
        None => "-",
    };
    vec![
        plain(shown(&driver.driver)),
        takes,
        plain(tls),
        plain(verifies),
        plain(target(driver)),
    ]
}

fn target(driver: &DriverView) -> String {
    if driver.refused_by == Some("driver") {
        return "-".into();
    }
    let name = |text: &Option<Sealed>| text.as_ref().map_or_else(|| "?".into(), shown);
    let hosts: Vec<String> = driver.hosts.iter().map(host_port).collect();
    let hosts = if hosts.is_empty() {
        "?".into()
    } else {
        hosts.join(",")
    };
    format!("{}@{hosts}/{}", name(&driver.user), name(&driver.dbname))
}

fn host_port(one: &HostPort) -> String {
    let host = shown(&one.host);
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    match one.port {
        Some(port) => format!("{host}:{port}"),
        None => format!("{host}:?"),
    }
}

/// Writes the stages of one attempt to connect.
pub(super) fn stages(printer: &mut Printer<'_>, connection: &Connection) -> io::Result<()> {
    let mut name = format!("{}:{}", shown(&connection.host), connection.port);
    if let Some(address) = &connection.address
        && *address != connection.host
    {
        name = format!("{name} ({})", shown(address));
    }
    let parts: Vec<String> = connection
        .stages
        .iter()
        .map(|stage| {
            let took = stage.ms.map(milliseconds).unwrap_or_default();
            match stage.result {
                "pass" => format!("{} {took}", stage.stage),
                "fail" => format!("{} ✗ {took}", stage.stage),
                _ => format!("{} not reached", stage.stage),
            }
        })
        .map(|part| part.trim_end().to_owned())
        .collect();
    printer.line(2, &[plain(name)])?;
    for line in join(&parts, printer.width.saturating_sub(4)) {
        printer.line(4, &[plain(line)])?;
    }
    if !connection.candidates.is_empty() {
        let label = (Tone::Faint, "one of: ".to_owned());
        printer.labelled(4, &label, Tone::Plain, &connection.candidates.join(", "))?;
    } else if let Some(cause) = connection.cause {
        printer.line(4, &[(Tone::Faint, "cause: ".into()), plain(cause)])?;
    }
    Ok(())
}

fn milliseconds(ms: f64) -> String {
    if ms < 9.95 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

/// Writes what the TLS handshake showed.
pub(super) fn tls(printer: &mut Printer<'_>, connection: &Connection) -> io::Result<()> {
    let Some(tls) = &connection.tls else {
        return Ok(());
    };
    let mut parts = vec![shown(&tls.version), shown(&tls.cipher)];
    parts.extend(
        tls.issuer
            .as_ref()
            .map(|text| format!("issued by {}", shown(text))),
    );
    parts.extend(
        tls.not_after
            .as_ref()
            .map(|text| format!("ends {}", shown(text))),
    );
    facts(printer, &parts)
}

/// Writes what the server said of itself.
pub(super) fn server(printer: &mut Printer<'_>, connection: &Connection) -> io::Result<()> {
    let Some(server) = &connection.server else {
        return Ok(());
    };
    let mut parts = vec![format!("PostgreSQL {}", shown(&server.version))];
    parts.extend(server.pooler.as_ref().map(|name| match shown(name) {
        name if name == "unknown" => "behind a pooler or proxy".to_owned(),
        name => format!("behind {name}"),
    }));
    parts.extend(
        server
            .max_connections
            .map(|count| format!("max_connections {count}")),
    );
    parts.extend(server.in_recovery.then(|| "a standby".to_owned()));
    facts(printer, &parts)
}

fn facts(printer: &mut Printer<'_>, parts: &[String]) -> io::Result<()> {
    for line in join(parts, printer.width.saturating_sub(2)) {
        printer.line(2, &[(Tone::Faint, line)])?;
    }
    Ok(())
}

/// Writes the numbers that a health endpoint or a log states.
pub(super) fn metrics(printer: &mut Printer<'_>, metrics: &[Metric]) -> io::Result<()> {
    if metrics.is_empty() {
        return Ok(());
    }
    let rows: Vec<Vec<Piece>> = metrics
        .iter()
        .map(|metric| {
            vec![
                plain(metric.name),
                plain(scalar(&metric.value)),
                plain(shown(&metric.source)),
            ]
        })
        .collect();
    table(printer, 2, &["metric", "value", "where"], &rows)
}

/// Returns an engine's name as entries spell it.
pub(super) fn engine_subject(engine: &Engine) -> String {
    format!("{}:{}", engine.path.as_str(), engine.line)
}

/// Writes one engine: each setting with what is wanted, what it gets, and how it got there.
pub(super) fn engine(printer: &mut Printer<'_>, engine: &Engine, sheet: &Sheet) -> io::Result<()> {
    let mut parts = vec![shown(&engine.function)];
    parts.extend(engine.driver.as_ref().map(shown));
    if engine.role != "app" {
        parts.push(engine.role.to_owned());
    }
    parts.push(format!("URL from {}", shown(&engine.url_from)));
    parts.push(match &engine.environment {
        Some(name) => format!("in {}", shown(name)),
        None => "by the code alone".into(),
    });
    let here = engine.started_by.iter().filter(|service| {
        let environment = engine.environment.as_ref();
        environment.is_none_or(|name| name == *service)
    });
    let services: Vec<String> = here.map(shown).collect();
    if !services.is_empty() {
        parts.push(format!("started by {}", services.join(", ")));
    }
    let subject = engine_subject(engine);
    let name = escape::terminal(&subject);
    let room = printer.width.saturating_sub(columns(&name) + 4).max(24);
    let mut lines = join(&parts, room).into_iter();
    let first = lines.next().unwrap_or_default();
    let gap = (Tone::Plain, "  ".to_owned());
    printer.line(
        2,
        &[(Tone::Heading, name.clone()), gap, (Tone::Plain, first)],
    )?;
    for line in lines {
        printer.line(4 + columns(&name), &[plain(line)])?;
    }
    let rows: Vec<Vec<Piece>> = engine
        .settings
        .iter()
        .map(|(name, setting)| {
            let entry = sheet.entries.iter().find(|entry| {
                JUDGED.contains(&(*name, entry.rule.id))
                    && entry.subject.as_str() == subject
                    && entry.environment == engine.environment
            });
            setting_row(name, setting, entry)
        })
        .collect();
    table(
        printer,
        4,
        &["setting", "", "want", "got", "code", "how"],
        &rows,
    )
}

fn setting_row(name: &'static str, setting: &Setting, entry: Option<&Entry>) -> Vec<Piece> {
    let sign = entry.map_or((Tone::Faint, "-".to_owned()), |entry| {
        let (sign, _, tone) = badge(entry);
        (tone, sign.to_owned())
    });
    let want = entry.and_then(|entry| entry.expected.as_ref());
    let value = |value: &Scalar| match (value, setting.from.as_str()) {
        (Scalar::Null, "not-applicable") => "-".to_owned(),
        (Scalar::Null, "unknown") => "?".to_owned(),
        (value, _) => scalar(value),
    };
    let mut how = match &setting.reason {
        Some(reason) => format!("unknown: {}", shown(reason)),
        None => shown(&setting.from),
    };
    if let Some(line) = setting.line {
        how = format!("{how}, line {line}");
    }
    vec![
        plain(name),
        sign,
        plain(want.map_or_else(|| "-".into(), shown)),
        plain(value(&setting.value)),
        plain(value(&setting.code_value)),
        plain(how),
    ]
}

/// The settings that a rule judges by their value, and so the table can tell of.
pub(super) const JUDGED: &[(&str, &str)] = &[
    ("pool_size", "engine-pool-size"),
    ("max_overflow", "engine-max-overflow"),
    ("pool_recycle", "engine-recycle"),
    ("pool_timeout", "engine-timeout"),
    ("pool_pre_ping", "engine-pre-ping"),
    ("application_name", "engine-application-name"),
];

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Int(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
        Scalar::Bool(true) => "True".into(),
        Scalar::Bool(false) => "False".into(),
        Scalar::Text(text) => shown(text),
        Scalar::Null => "None".into(),
    }
}
