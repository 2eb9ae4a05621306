//! `pool-value`: the text is a number as Python reads it.

use super::missing;
use crate::facts::Value;
use crate::rules::{Check, Context, Outcome, PoolVariable, Rule, Seen, Verdict};
use crate::spec::{PoolSetting, Severity};
use crate::value::python_int;

pub(super) static RULE: Rule = Rule {
    id: "pool-value",
    severity: Severity::Error,
    summary: "a pool variable is not a number that Python's int() takes",
    rationale: "Most applications read these variables with int(). A text that it refuses stops \
        the application, mostly at import; one that it takes in an odd spelling (spaces, \
        underscores, digits of another script) works there and not in every other reader. Passed \
        on without int(), even a good text breaks SQLAlchemy, some of it only when the pool is \
        exhausted.",
    fix: "write the number in plain digits: 5",
    symptoms: &[
        "ValueError: invalid literal for int() with base 10",
        "TypeError: unsupported operand type(s) for -: 'int' and 'str'",
    ],
    references: &["https://docs.python.org/3/library/functions.html#int"],
    check: Check::Pool(&PoolSetting::ALL, check),
};

fn check(case: &PoolVariable<'_>, _context: Context<'_>) -> Outcome {
    let Some(variable) = case.variable else {
        return Verdict::not_applicable("unset");
    };
    let Value::Known(text) = &variable.value else {
        return Err(missing(case));
    };
    let (name, text) = (&variable.name, text.expose());
    match python_int(text) {
        Some(number) if number.plain => Seen::new(format!("{name} is a number"))
            .observed(text)
            .expected("a number")
            .pass(),
        Some(number) => Seen::new(format!(
            "{name} is {} to Python, in an odd spelling",
            number.value
        ))
        .observed(format!("{text:?}"))
        .expected(number.value.to_string())
        .fail(format!(
            "write {}: other readers refuse or misread this spelling",
            number.value
        ))
        .severity(Severity::Note)
        .into(),
        None => Seen::new(format!("{name} {}", class(text)))
            .observed(format!("{text:?}"))
            .expected("a number")
            .fail("write the number in plain digits, without a unit, a point or a prefix")
            .into(),
    }
}

/// Names what is wrong with a text that is no number.
fn class(text: &str) -> &'static str {
    let text = text.trim();
    let ascii_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let float = text.parse::<f64>().is_ok();
    if text.is_empty() {
        "is empty"
    } else if float && ascii_digits {
        "is a number with a point or an exponent, which int() refuses"
    } else if text.starts_with("0x") || text.starts_with("0X") {
        "is hexadecimal, which int() refuses"
    } else if text.starts_with(|first: char| first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_alphabetic())
    {
        "has a unit behind its number"
    } else {
        "is not a whole number"
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::pool::tests::{Expected, finding, outcome};
    use crate::spec::Severity;

    #[test]
    fn a_plain_number_passes() {
        assert_eq!(outcome("pool-value", Some("5")), Expected::Pass);
        assert_eq!(outcome("pool-value", Some("-1")), Expected::Pass);
    }

    #[test]
    fn a_text_that_int_refuses_is_an_error() {
        for text in ["", "0x5", "5.0", "5s", "five", "−5"] {
            let finding = finding("pool-value", text);
            assert_eq!(finding.severity, None, "{text:?}");
        }
    }

    #[test]
    fn an_odd_spelling_that_int_takes_is_a_note() {
        for text in ["5 ", "1_000", "٥", "+5"] {
            assert_eq!(
                finding("pool-value", text).severity,
                Some(Severity::Note),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_unset_variable_has_no_text_to_judge() {
        assert_eq!(outcome("pool-value", None), Expected::NotApplicable);
    }
}
