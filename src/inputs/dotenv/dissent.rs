//! Where other readers of a `.env` file make something else of a line than python-dotenv does.
//!
//! Measured with node's dotenv 18.0 and dash's `.` over 3,000 lines.

use super::lexer::{Assignment, Quote};

/// Says which readers take another value, and why; `None` where all agree.
pub(super) fn note(assignment: &Assignment<'_>) -> Option<String> {
    let mut shell = Vec::new();
    let mut node = Vec::new();
    let raw = assignment.raw.trim_end();
    if assignment.spaced && !assignment.value.is_empty() {
        shell.push("white space around `=`");
    }
    if raw.contains('`') && assignment.quote != Quote::Single {
        shell.push("a backtick");
    }
    if raw.contains("${") {
        node.push("`${…}`");
    }
    if assignment.comment_at_quote {
        shell.push("`#` right behind the quote");
    }
    match assignment.quote {
        Quote::None => {
            let value = assignment.value.as_str();
            if value.contains(char::is_whitespace) {
                shell.push("white space");
            }
            if expands(raw) {
                shell.push("`$`");
            }
            if value.contains(['&', ';', '|', '<', '>', '(', ')']) {
                shell.push("one of `&;|<>()`");
            }
            if value.contains(['\\', '"', '\'']) {
                shell.push("a backslash or a quote");
            }
            // node's dotenv ends an unquoted value at any `#`, and takes backticks as quotes.
            if value.contains('#') {
                node.push("`#`");
            }
            if value.len() > 1 && value.starts_with('`') && value.ends_with('`') {
                node.push("backticks");
            }
        }
        Quote::Single => {
            if raw.contains("${") {
                shell.push("`${…}` in single quotes");
            }
            if raw.contains("\\\\") || raw.contains("\\'") {
                shell.push("a backslash");
                node.push("a backslash");
            }
        }
        Quote::Double => {
            if expands(raw) {
                shell.push("`$`");
            }
            if raw.contains('\\') {
                shell.push("a backslash");
            }
            // Both decode `\n` and `\r`; node's dotenv leaves the others.
            let others =
                |behind: &str| behind.starts_with(['\\', '\'', '"', 'a', 'b', 'f', 't', 'v']);
            if raw
                .split('\\')
                .skip(1)
                .any(|behind| behind.is_empty() || others(behind))
            {
                node.push("a backslash");
            }
        }
    }
    let said = |reader: &str, reasons: &[&str]| {
        (!reasons.is_empty()).then(|| format!("{reader} (because of {})", reasons.join(", ")))
    };
    let readers: Vec<String> = [said("a shell", &shell), said("node's dotenv", &node)]
        .into_iter()
        .flatten()
        .collect();
    (!readers.is_empty()).then(|| {
        format!(
            "python-dotenv's reading; other readers may take another value: {}",
            readers.join(" and ")
        )
    })
}

/// Returns whether a shell would expand something: `$name`, `$1`, `${`, `$(`.
fn expands(raw: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphanumeric() || b"_{(@*#?$!-".contains(&byte);
    raw.as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'$' && starts(pair[1]))
}
