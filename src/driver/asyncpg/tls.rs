//! What `sslmode` means for asyncpg.

use super::super::{Message, Roots, Tls, Verifies};
use super::{Arguments, Query};

/// What `sslmode` (in a DSN) or `ssl` (as an argument) means.
pub(super) fn policy(
    arguments: &Arguments,
    query: &Query,
    tcp: bool,
) -> Result<(Tls, Verifies, Option<Roots>), Message> {
    let direct = match query.sslnegotiation.as_deref() {
        _ if arguments.direct_tls => true,
        None | Some("postgres") => false,
        Some("direct") => true,
        Some(_) => {
            return Err(Message::of(&[
                "`sslnegotiation` parameter must be one of: postgres, direct",
            ]));
        }
    };
    let mode = arguments.ssl.as_deref().or(tcp.then_some("prefer"));
    let mode = mode.unwrap_or("disable").replace('_', "-");
    let file = query.sslrootcert.is_some();
    let roots = file.then_some(Roots::File);
    let (tls, verifies, roots) = match mode.as_str() {
        "disable" => (Tls::Off, Verifies::Nothing, None),
        "allow" => (Tls::IfDemanded, Verifies::Nothing, None),
        "prefer" => (Tls::IfOffered, Verifies::Nothing, None),
        "require" if file => (Tls::Required, Verifies::Chain, roots),
        "require" => (Tls::Required, Verifies::Nothing, None),
        "verify-ca" | "verify-full" if !file => {
            return Err(Message::of(&[
                "root certificate file \"~/.postgresql/root.crt\" does not exist or cannot be accessed",
            ]));
        }
        "verify-ca" => (Tls::Required, Verifies::Chain, roots),
        "verify-full" => (Tls::Required, Verifies::ChainAndHost, roots),
        _ => {
            return Err(Message::of(&[
                "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full",
            ]));
        }
    };
    if tls == Tls::Required && query.sslrootcert.as_deref() == Some("system") {
        return Err(Message::of(&["[Errno 2] No such file or directory"]));
    }
    if tls > Tls::Off {
        for version in [
            &query.ssl_min_protocol_version,
            &query.ssl_max_protocol_version,
        ] {
            check_tls_version(version.as_deref())?;
        }
    }
    let refusal = unusable_versions(query).filter(|_| tls > Tls::Off);
    if let Some(words) = refusal
        && tls == Tls::Required
    {
        return Err(Message::of(&[words]));
    }
    if direct && tls < Tls::Required {
        return Err(Message::of(&[
            "direct TLS requires sslmode=require, verify-ca, or verify-full",
        ]));
    }
    if tcp && refusal.is_none() {
        Ok((tls, verifies, roots))
    } else {
        Ok((Tls::Off, Verifies::Nothing, None))
    }
}

fn check_tls_version(version: Option<&str>) -> Result<(), Message> {
    let Some(version) = version else {
        return Ok(());
    };
    if version.starts_with("SSL") {
        return Err(Message::of(&["Unsupported TLS version: ", version]));
    }
    match version.replace('.', "_").as_str() {
        "TLSv1" | "TLSv1_1" | "TLSv1_2" | "TLSv1_3" | "MINIMUM_SUPPORTED" | "MAXIMUM_SUPPORTED" => {
            Ok(())
        }
        _ => Err(Message::of(&["No such TLS version: ", version])),
    }
}

/// With no version left, or none that a stock server speaks, every handshake fails, and `prefer` goes
/// on in the clear.
fn unusable_versions(query: &Query) -> Option<&'static str> {
    let rank = |version: &Option<String>| {
        ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"]
            .iter()
            .position(|known| {
                version
                    .as_deref()
                    .is_some_and(|v| v.replace('.', "_") == *known)
            })
    };
    match (
        rank(&query.ssl_min_protocol_version),
        rank(&query.ssl_max_protocol_version),
    ) {
        (Some(low), Some(high)) if low > high => Some("no protocols available"),
        (Some(_), Some(high)) if high < 2 => Some("tlsv1 alert protocol version"),
        // asyncpg itself asks for TLS 1.2 at least.
        (None, Some(high)) if high < 2 && query.ssl_min_protocol_version.is_none() => {
            Some("no protocols available")
        }
        _ => None,
    }
}
