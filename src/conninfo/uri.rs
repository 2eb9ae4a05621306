//! The URI form, as libpq's `conninfo_uri_parse_options` reads it.

use std::collections::HashMap;

use super::syntax::{Form, Keywords, Parameter, Parsed, SyntaxClass, SyntaxError, parameter};
use crate::value::Span;

/// Returns the length of the scheme with its `://`; `None` where libpq sees no URI. The comparison
/// is case-sensitive, as libpq's.
pub(super) fn prefix_length(text: &str) -> Option<usize> {
    ["postgresql://", "postgres://"]
        .iter()
        .find(|prefix| text.starts_with(**prefix))
        .map(|prefix| prefix.len())
}

pub(super) fn parse(text: &str, start: usize, keywords: Keywords) -> Result<Parsed, SyntaxError> {
    let mut reader = Reader {
        text,
        keywords,
        parameters: Vec::new(),
        damaged: Vec::new(),
    };
    let after_user = reader.user_and_password(start)?;
    let (netlocs, mut at) = authority(text, after_user)?;
    reader.hosts_and_ports(&netlocs)?;
    if matches!(text.as_bytes().get(at), Some(byte) if *byte != b'?') {
        let end = scan(text, at + 1, b"?");
        if end > at + 1 {
            reader.take("dbname", Span::new(at + 1, end))?;
        }
        at = end;
    }
    if at < text.len() {
        reader.query(at + 1)?;
    }
    reader.finish(netlocs)
}

/// Collects parameters in the order in which libpq stores them.
struct Reader<'a> {
    text: &'a str,
    keywords: Keywords,
    parameters: Vec<Parameter>,
    /// The parameters whose bytes are no UTF-8: libpq stores them, and a later one may replace them.
    damaged: Vec<usize>,
}

impl Reader<'_> {
    /// Reads `user:password@` where the first `@` comes before any `/`; returns where the hosts
    /// start.
    fn user_and_password(&mut self, start: usize) -> Result<usize, SyntaxError> {
        let at_sign = scan(self.text, start, b"@/");
        if self.text.as_bytes().get(at_sign) != Some(&b'@') {
            return Ok(start);
        }
        let colon = scan(self.text, start, b":@");
        if colon > start {
            self.take("user", Span::new(start, colon))?;
        }
        if colon + 1 < at_sign {
            self.take("password", Span::new(colon + 1, at_sign))?;
        }
        Ok(at_sign + 1)
    }

    /// Joins the hosts and the ports into lists, as libpq does before it decodes them: a list of
    /// two hosts without ports has the port list `,`.
    fn hosts_and_ports(&mut self, netlocs: &[(Span, Span)]) -> Result<(), SyntaxError> {
        let hosts: Vec<Span> = netlocs.iter().map(|netloc| netloc.0).collect();
        let ports: Vec<Span> = netlocs.iter().map(|netloc| netloc.1).collect();
        for (keyword, spans) in [("host", hosts), ("port", ports)] {
            let [first, .., last] = spans.as_slice() else {
                if let [only] = spans.as_slice()
                    && !only.is_empty()
                {
                    self.take(keyword, *only)?;
                }
                continue;
            };
            let whole = Span::new(first.start, last.end);
            let joined: Vec<&str> = spans
                .iter()
                .map(|span| &self.text[span.start..span.end])
                .collect();
            let decoded = decode(&joined.join(","), 0)
                .map_err(|inner| SyntaxError::new(inner.class, whole))?;
            let place = Span::new(whole.start, whole.start);
            self.store(
                keyword,
                place,
                Decoded {
                    span: whole,
                    ..decoded
                },
            )?;
        }
        Ok(())
    }

    /// Reads `key=value&key=value`; one trailing `&` is fine.
    fn query(&mut self, start: usize) -> Result<(), SyntaxError> {
        let mut at = start;
        while at < self.text.len() {
            let end = scan(self.text, at, b"&");
            let equals = scan(self.text, at, b"=&");
            if equals >= end {
                return Err(error(SyntaxClass::MissingSeparator, at, end));
            }
            let second = scan(self.text, equals + 1, b"=&");
            if second < end {
                return Err(error(SyntaxClass::ExtraSeparator, second, second + 1));
            }
            let key = decode(&self.text[at..equals], at)?;
            let mut value = decode(&self.text[equals + 1..end], equals + 1)?;
            // libpq's one concession to JDBC.
            if key.text == "ssl" && value.text == "true" {
                "require".clone_into(&mut value.text);
                self.store("sslmode", key.span, value)?;
            } else {
                self.store(&key.text, key.span, value)?;
            }
            at = end + 1;
        }
        Ok(())
    }

    /// Decodes a part of the authority or the path and keeps it.
    fn take(&mut self, keyword: &str, span: Span) -> Result<(), SyntaxError> {
        let decoded = decode(&self.text[span.start..span.end], span.start)?;
        let place = Span::new(decoded.span.start, decoded.span.start);
        self.store(keyword, place, decoded)
    }

    fn store(
        &mut self,
        keyword: &str,
        keyword_span: Span,
        value: Decoded,
    ) -> Result<(), SyntaxError> {
        if !value.is_utf8 {
            self.damaged.push(self.parameters.len());
        }
        self.parameters.push(parameter(
            keyword,
            value.text,
            keyword_span,
            value.span,
            self.keywords,
        )?);
        Ok(())
    }

    fn finish(self, netlocs: Vec<(Span, Span)>) -> Result<Parsed, SyntaxError> {
        let last: HashMap<&str, usize> = self
            .parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| (parameter.keyword.as_str(), index))
            .collect();
        for index in self.damaged {
            let damaged = &self.parameters[index];
            if last.get(damaged.keyword.as_str()) == Some(&index) {
                return Err(SyntaxError::new(SyntaxClass::NotUtf8, damaged.value_span));
            }
        }
        Ok(Parsed {
            form: Form::Uri,
            parameters: self.parameters,
            netlocs,
        })
    }
}

/// Where the host and the port of each netloc stand, and where the authority ends.
type Authority = (Vec<(Span, Span)>, usize);

/// Reads `host:port,host:port`.
fn authority(text: &str, start: usize) -> Result<Authority, SyntaxError> {
    let bytes = text.as_bytes();
    let mut netlocs = Vec::new();
    let mut at = start;
    loop {
        let host = if bytes.get(at) == Some(&b'[') {
            let close = scan(text, at + 1, b"]");
            if close == text.len() {
                return Err(error(SyntaxClass::OpenBracket, at, text.len()));
            }
            if close == at + 1 {
                return Err(error(SyntaxClass::EmptyBracket, at, close + 1));
            }
            let host = Span::new(at + 1, close);
            at = close + 1;
            if !matches!(bytes.get(at), None | Some(b':' | b'/' | b'?' | b',')) {
                return Err(error(SyntaxClass::AfterBracket, at, at + width(text, at)));
            }
            host
        } else {
            let end = scan(text, at, b":/?,");
            let host = Span::new(at, end);
            at = end;
            host
        };
        let port = if bytes.get(at) == Some(&b':') {
            let end = scan(text, at + 1, b"/?,");
            let port = Span::new(at + 1, end);
            at = end;
            port
        } else {
            Span::new(at, at)
        };
        netlocs.push((host, port));
        if bytes.get(at) != Some(&b',') {
            return Ok((netlocs, at));
        }
        at += 1;
    }
}

/// A decoded stretch, with its place.
struct Decoded {
    text: String,
    is_utf8: bool,
    span: Span,
}

/// Decodes percent escapes as libpq 18 does: spaces around the text are dropped, one inside is an
/// error; `+` stays `+`. Returns the text with its place, `offset` being where `raw` starts.
fn decode(raw: &str, offset: usize) -> Result<Decoded, SyntaxError> {
    let bytes = raw.as_bytes();
    let start = bytes.iter().take_while(|byte| **byte == b' ').count();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = start;
    while at < bytes.len() && bytes[at] != b' ' {
        if bytes[at] != b'%' {
            decoded.push(bytes[at]);
            at += 1;
            continue;
        }
        let digit = |index: usize| {
            bytes
                .get(index)
                .and_then(|byte| char::from(*byte).to_digit(16))
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
            return Err(error(SyntaxClass::BadPercent, offset + at, offset + at + 1));
        };
        match high << 4 | low {
            0 => return Err(error(SyntaxClass::PercentNul, offset + at, offset + at + 3)),
            byte => decoded.push(byte),
        }
        at += 3;
    }
    let end = at;
    if let Some(more) = bytes[end..].iter().position(|byte| *byte != b' ') {
        return Err(error(
            SyntaxClass::InnerSpace,
            offset + end,
            offset + end + more,
        ));
    }
    Ok(Decoded {
        text: String::from_utf8_lossy(&decoded).into_owned(),
        is_utf8: std::str::from_utf8(&decoded).is_ok(),
        span: Span::new(offset + start, offset + end),
    })
}

/// Returns the place of the first of several bytes from `start` on, or the end of the text.
fn scan(text: &str, start: usize, stops: &[u8]) -> usize {
    text.as_bytes()[start..]
        .iter()
        .position(|byte| stops.contains(byte))
        .map_or(text.len(), |found| start + found)
}

fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn error(class: SyntaxClass, start: usize, end: usize) -> SyntaxError {
    SyntaxError::new(class, Span::new(start, end))
}
