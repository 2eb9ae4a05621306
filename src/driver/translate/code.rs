//! Code for what a string cannot say.

use std::fmt::Write as _;

/// Arguments in the making: Python's `connect_args` or JavaScript's options.
#[derive(Debug, Default)]
pub(super) struct Code {
    before: Vec<String>,
    entries: Vec<(&'static str, String)>,
}

impl Code {
    /// Adds an argument by its expression.
    pub(super) fn add(&mut self, name: &'static str, expression: impl Into<String>) {
        self.entries.push((name, expression.into()));
    }

    /// Adds a Python TLS context: with roots of a file or the system's, with or without the check
    /// of the host's name, or with no check at all.
    pub(super) fn python_context(
        &mut self,
        argument: &'static str,
        file: Option<&str>,
        checks: Checks,
    ) {
        self.before.push("import ssl".to_owned());
        let file = file.map_or_else(String::new, |file| format!("cafile={}", literal(file)));
        self.before
            .push(format!("tls = ssl.create_default_context({file})"));
        if checks != Checks::ChainAndHost {
            self.before.push("tls.check_hostname = False".to_owned());
        }
        if checks == Checks::Nothing {
            self.before
                .push("tls.verify_mode = ssl.CERT_NONE".to_owned());
        }
        self.add(argument, "tls");
    }

    /// Writes Python statements that set `connect_args`.
    pub(super) fn python(&self) -> Option<String> {
        if self.entries.is_empty() {
            return None;
        }
        let mut text = String::new();
        for line in &self.before {
            let _ = writeln!(text, "{line}");
        }
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|(name, expression)| format!("\"{name}\": {expression}"))
            .collect();
        let _ = write!(text, "connect_args = {{{}}}", entries.join(", "));
        Some(text)
    }

    /// Writes a JavaScript object.
    pub(super) fn javascript(&self) -> Option<String> {
        if self.entries.is_empty() {
            return None;
        }
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|(name, expression)| format!("{name}: {expression}"))
            .collect();
        Some(format!("{{ {} }}", entries.join(", ")))
    }
}

/// What a TLS context checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checks {
    Nothing,
    Chain,
    ChainAndHost,
}

/// Writes a string as Python and JavaScript both read it.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(c);
            }
            c if c < ' ' || c == '\x7f' => {
                let _ = write!(literal, "\\x{:02x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Writes names and values as a Python dictionary.
pub(super) fn dictionary(pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}: {}", literal(name), literal(value)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}
