//! JSON as a tree with places: JSON is YAML in flow, so the YAML reader gives the places, once a
//! JSON parser has agreed that it is JSON.

use std::rc::Rc;

use serde::de::IgnoredAny;

use super::text::number;
use super::yaml::{self, Node};
use crate::facts::FileProblem;

/// Reads a JSON text.
pub fn parse(text: &str) -> Result<Rc<Node>, FileProblem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        // The place is in the message too, as text; cut it off.
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        return Err(FileProblem {
            message: format!("is not valid JSON: {what}"),
            line: Some(number(error.line().max(1))),
            column: Some(number(error.column().max(1))),
        });
    }
    match yaml::parse_one(text)? {
        Some(root) => Ok(root),
        None => Err(FileProblem {
            message: "is empty".to_owned(),
            line: None,
            column: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::parse;

    #[test]
    fn what_is_no_json_gets_its_place() {
        for (text, line, column, message) in [
            (
                "{\"a\": 1,}",
                1,
                9,
                "is not valid JSON: key must be a string",
            ),
            ("{\n \"a\": x}", 2, 7, "is not valid JSON: expected value"),
            ("{'a': 1}", 1, 2, "is not valid JSON: key must be a string"),
            ("", 1, 1, "is not valid JSON: EOF while parsing a value"),
            (
                "{\"a\": 1, \"a\": 2}",
                1,
                10,
                "has a key twice in one mapping",
            ),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.message, message);
            assert_eq!(
                (problem.line, problem.column),
                (Some(line), Some(column)),
                "{text}"
            );
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(
            parse(&deep)
                .unwrap_err()
                .message
                .contains("nests deeper than")
        );
    }

    #[test]
    fn a_mark_at_the_start_and_windows_lines_are_fine() {
        let root = parse("\u{feff}{\r\n  \"a\": {\"b\": \"\\u00e9\"}\r\n}").unwrap();
        let b = root.get("a").unwrap().get("b").unwrap();
        assert_eq!((b.text(), b.line, b.column), (Some("é"), 2, 14));
    }
}
