//! What the engines that read a connection string set in code, beside it.

use crate::driver::Tls;
use crate::facts::{ArgumentValue, DatabaseUrl, Engine, EngineArgument, Known, Reader, Role};
use crate::rules::Context;

/// Returns the application's engines that read a string with a driver, in the string's environment.
pub(super) fn engines<'a>(
    url: &DatabaseUrl,
    reader: &Reader,
    context: Context<'a>,
) -> Vec<&'a Engine> {
    let variable = format!("env:{}", url.subject);
    let reads = |engine: &&Engine| {
        engine.role == Role::App
            && engine.url_from == variable
            && engine.environment == url.environment
            && engine.driver.as_ref() == Some(&reader.driver)
    };
    context.facts.engines.iter().filter(reads).collect()
}

/// Returns what the code of all engines says of TLS, where it says the same in each; it beats the string.
pub(super) fn tls_in_code(engines: &[&Engine]) -> Option<Tls> {
    let (first, rest) = engines.split_first()?;
    let said = tls_of(first)?;
    rest.iter()
        .all(|engine| tls_of(engine) == Some(said))
        .then_some(said)
}

fn tls_of(engine: &Engine) -> Option<Tls> {
    let names = [
        "connect_args.sslmode",
        "connect_args.ssl",
        "connect_args.ssl_context",
        "sslmode",
        "ssl",
    ];
    let argument = names
        .iter()
        .find_map(|name| engine.details.argument(name))?;
    match &argument.value {
        ArgumentValue::Text(mode) => match mode.expose() {
            "require" | "verify-ca" | "verify-full" => Some(Tls::Required),
            "prefer" => Some(Tls::IfOffered),
            "allow" => Some(Tls::IfDemanded),
            "disable" => Some(Tls::Off),
            _ => None,
        },
        ArgumentValue::Plain(Known::Bool(true)) | ArgumentValue::Object(_) => Some(Tls::Required),
        ArgumentValue::Plain(Known::Bool(false)) => Some(Tls::Off),
        ArgumentValue::Plain(_) | ArgumentValue::Unknown(_) => None,
    }
}

/// Returns whether the code of every engine bounds the wait for a connection.
pub(super) fn bound_the_wait(engines: &[&Engine]) -> bool {
    let names = [
        "connect_args.connect_timeout",
        "connect_args.timeout",
        "connect_timeout",
        "timeout",
    ];
    let is_bound = |argument: &EngineArgument| match &argument.value {
        ArgumentValue::Plain(Known::Int(seconds)) => *seconds > 0,
        ArgumentValue::Plain(Known::Float(seconds)) => *seconds > 0.0,
        ArgumentValue::Text(text) => text
            .expose()
            .parse::<f64>()
            .is_ok_and(|seconds| seconds > 0.0),
        ArgumentValue::Plain(_) | ArgumentValue::Object(_) | ArgumentValue::Unknown(_) => false,
    };
    let bounds = |engine: &&Engine| {
        names
            .iter()
            .any(|name| engine.details.argument(name).is_some_and(is_bound))
    };
    !engines.is_empty() && engines.iter().all(bounds)
}
