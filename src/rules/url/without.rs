//! A connection string, with some of its parameters left out.

use crate::conninfo::{Form, Parameter, Parsed, core, print};

/// A connection string whose parameters can be left out.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) parts: &'a Parsed,
}

impl Source<'_> {
    /// Returns a parameter's name as it is written: `ssl=true` is an `sslmode` to libpq.
    pub(super) fn written<'a>(&self, parameter: &'a Parameter) -> &'a str {
        let span = parameter.keyword_span;
        if &self.text[span.start..span.end] == "ssl" {
            "ssl"
        } else {
            &parameter.keyword
        }
    }

    /// Returns the string with the scheme that every driver takes, and with these parameters alone.
    pub(super) fn with(&self, kept: &[&Parameter]) -> String {
        if self.parts.form == Form::KeyValue {
            let names = ["host", "hostaddr", "port", "user", "password", "dbname"];
            let basic = self
                .parts
                .parameters
                .iter()
                .filter(|one| names.contains(&one.keyword.as_str()));
            let all = basic.chain(
                kept.iter()
                    .copied()
                    .filter(|one| !names.contains(&one.keyword.as_str())),
            );
            let pairs: Vec<_> = all
                .map(|one| (one.keyword.as_str(), one.value.expose()))
                .collect();
            return print(Form::KeyValue, &pairs).expose().to_owned();
        }
        let span = core(self.text);
        let start = span.scheme.map_or(span.span.start, |scheme| scheme.end);
        let query = self
            .parts
            .parameters
            .iter()
            .find(|one| !one.keyword_span.is_empty());
        let end = query.map_or(span.span.end, |first| first.keyword_span.start - 1);
        let mut text = format!("postgresql{}", &self.text[start..end]);
        for (index, parameter) in kept.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(&self.text[parameter.keyword_span.start..parameter.value_span.end]);
        }
        text
    }
}
