//! `url-clean`: nothing stands around or inside the connection string that is not part of it.

use crate::facts::{DatabaseUrl, UrlText};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Span;

pub(super) static RULE: Rule = Rule {
    id: "url-clean",
    severity: Severity::Error,
    summary: "something that is not part of it stands in the connection string",
    rationale: "A quote, a space, a line end or a placeholder travels with the value. Some \
        drivers trim it, others make it part of the database's name, and most say only that the \
        string does not parse; with a quote or a space in front psql takes the whole string, \
        password included, for a database's name, and a server that it then reaches logs it.",
    fix: "give the variable the connection string alone",
    symptoms: &[
        "FATAL:  database \"\"postgresql://",
        "sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL from given URL string",
        "could not translate host name \"${DB_HOST}\" to address",
    ],
    references: &["https://docs.docker.com/reference/cli/docker/container/run/#env"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let UrlText::Known(text) = &url.text else {
        return Verdict::not_applicable("there is no connection string");
    };
    match dirt(text.expose()) {
        None => Seen::new("nothing surrounds it").pass(),
        Some((span, message, fix)) => Seen::new(message)
            .fail(fix)
            .mark(url.redacted.map(span))
            .into(),
    }
}

/// What is not part of a connection string: where it stands, what it is, and what to do.
type Dirt = (Span, &'static str, &'static str);

/// Returns the first thing that is not part of the connection string.
fn dirt(text: &str) -> Option<Dirt> {
    around(text)
        .or_else(|| prefix(text))
        .or_else(|| placeholder(text))
}

/// Returns white space, quotes and marks before or behind the string.
fn around(text: &str) -> Option<Dirt> {
    let first = text.chars().next()?;
    let last = text.chars().next_back()?;
    let head = Span::new(0, first.len_utf8());
    let tail = Span::new(text.len() - last.len_utf8(), text.len());
    let is_invisible = |c: char| {
        c.is_whitespace() || c.is_control() || "\u{200b}\u{200c}\u{200d}\u{2060}".contains(c)
    };
    match (first, last) {
        ('\u{feff}', _) => Some((
            head,
            "it starts with a byte order mark",
            "save the file as UTF-8 without a BOM",
        )),
        (_, '\n') if text.ends_with("\r\n") => Some((
            tail,
            "it ends with a Windows line end",
            "remove the line end: write it with printf %s, or run dos2unix",
        )),
        (_, '\r') => Some((
            tail,
            "it ends with a carriage return",
            "remove it: the file has Windows line ends (dos2unix)",
        )),
        (_, '\n') => Some((
            tail,
            "it ends with a line end",
            "remove the line end: write the value with printf %s",
        )),
        ('"' | '\'' | '`' | '“' | '‘', _) => Some((
            head,
            "it starts with a quote",
            "remove the quotes: docker --env-file and most dashboards keep them as part of the value",
        )),
        (_, '"' | '\'' | '`' | '”' | '’') if !text.contains('=') || text.contains("://") => {
            Some((tail, "it ends with a quote", "remove the quote"))
        }
        _ if is_invisible(first) => Some((
            head,
            "it starts with white space",
            "remove what stands before the string",
        )),
        _ if is_invisible(last) => Some((
            tail,
            "it ends with white space",
            "remove what stands behind the string",
        )),
        (_, ';') if text.contains("://") => {
            Some((tail, "it ends with a semicolon", "remove the semicolon"))
        }
        _ => None,
    }
}

/// Returns a shell's or a file's words in front of the string.
fn prefix(text: &str) -> Option<Dirt> {
    let start = text.find("postgres").unwrap_or(0);
    let before = text[..start].trim_end_matches(['"', '\'']);
    let span = Span::new(0, before.len());
    if before.starts_with("psql ") {
        return Some((
            span,
            "it is a psql command",
            "keep what stands between the quotes",
        ));
    }
    if before.starts_with("export ") || before.starts_with("set ") {
        return Some((
            span,
            "it is a shell command",
            "keep what stands behind the = alone",
        ));
    }
    let name = before.strip_suffix('=')?;
    let is_variable = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_variable.then_some((
        span,
        "it starts with a variable's name",
        "keep what stands behind the = alone",
    ))
}

/// Returns a placeholder that nobody filled in.
fn placeholder(text: &str) -> Option<Dirt> {
    const FIX: &str = "fill in the value: whoever sets the variable does not expand it";
    for (open, close) in [("${{", "}}"), ("{{", "}}"), ("${", "}"), ("$(", ")")] {
        if let Some(span) = between(text, open, close) {
            return Some((span, "it holds a placeholder that nobody expanded", FIX));
        }
    }
    let words = |span: &Span| {
        let inner = &text[span.start + 1..span.end - 1];
        inner.len() > 2
            && inner
                .chars()
                .all(|c| c.is_ascii_alphabetic() || "-_ ".contains(c))
    };
    if let Some(span) = between(text, "[", "]")
        .filter(words)
        .or_else(|| between(text, "<", ">").filter(words))
    {
        return Some((
            span,
            "it holds a placeholder",
            "fill in the value that the brackets stand for",
        ));
    }
    let start = [
        "YOUR-PASSWORD",
        "YOUR_PASSWORD",
        "your-password",
        "your_password",
        "yourpassword",
    ]
    .iter()
    .find_map(|word| {
        text.find(word)
            .map(|start| Span::new(start, start + word.len()))
    })?;
    Some((
        start,
        "it holds a placeholder for the password",
        "fill in the password",
    ))
}

/// Returns the first stretch from an opening text to the closing one behind it.
fn between(text: &str, open: &str, close: &str) -> Option<Span> {
    let start = text.find(open)?;
    let length = text[start..].find(close)?;
    Some(Span::new(start, start + length + close.len()))
}

#[cfg(test)]
mod tests {
    use crate::rules::url::tests::{Expected, judge_text};

    #[test]
    fn a_clean_string_passes() {
        for text in [
            "postgresql://u:p@h:5432/d",
            "host=h password='a b'",
            "postgresql://u:pa$ss@[::1]:5432/d",
            "postgresql://u:p@[2001:db8::1]/d",
            "postgresql+asyncpg://u:p@h/d?ssl=require",
        ] {
            assert_eq!(judge_text("url-clean", text), Expected::Pass, "{text}");
        }
    }

    #[test]
    fn what_is_no_part_of_the_string_fails() {
        for text in [
            " postgresql://u:p@h/d",
            "postgresql://u:p@h/d ",
            "postgresql://u:p@h/d\n",
            "postgresql://u:p@h/d\r\n",
            "\u{feff}postgresql://u:p@h/d",
            "\"postgresql://u:p@h/d\"",
            "'postgresql://u:p@h/d'",
            "DATABASE_URL=postgresql://u:p@h/d",
            "export DATABASE_URL=postgresql://u:p@h/d",
            "psql 'postgresql://u:p@h/d'",
            "postgresql://u:${DB_PASSWORD}@h/d",
            "postgresql://u:p@${DB_HOST}/d",
            "${DATABASE_URL}",
            "postgresql://postgres:[YOUR-PASSWORD]@h/d",
            "postgresql://u:<password>@h/d",
            "postgresql://u:YOUR_PASSWORD@h/d",
            "postgresql://u:{{ password }}@h/d",
        ] {
            assert_eq!(judge_text("url-clean", text), Expected::Fail, "{text:?}");
        }
    }
}
