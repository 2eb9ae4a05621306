//! Kubernetes' `$(NAME)`: what is not set before stays as it is written.

use std::collections::BTreeMap;

use crate::facts::Value;
use crate::value::Secret;

/// The longest text that replacing may make.
const MAX_BYTES: usize = 1 << 20;

/// Replaces `$(NAME)` by the variables that stand before; `$$` stands for one `$`.
pub(super) fn expand(text: &Secret, known: &BTreeMap<String, Value>) -> Value {
    let mut out = String::new();
    let mut rest = text.expose();
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let reference = behind
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'));
        if let Some(escaped) = behind.strip_prefix('$') {
            out.push('$');
            rest = escaped;
        } else if let Some((name, tail)) = reference {
            match known.get(name) {
                Some(Value::Known(value)) => out.push_str(value.expose()),
                Some(unknown @ Value::Unknown(_)) => return unknown.clone(),
                None => {
                    out.push_str("$(");
                    out.push_str(name);
                    out.push(')');
                }
            }
            rest = tail;
        } else {
            out.push('$');
            rest = behind;
        }
        if out.len() > MAX_BYTES {
            return Value::Unknown("too long once its variables are replaced".to_owned());
        }
    }
    out.push_str(rest);
    Value::Known(Secret::new(out))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::expand;
    use crate::facts::Value;

    #[test]
    fn references_take_what_is_set_and_leave_the_rest() {
        let known = BTreeMap::from([
            ("A".to_owned(), Value::Known("a".into())),
            ("S".to_owned(), Value::Unknown("hidden".to_owned())),
        ]);
        for (text, wanted) in [
            ("x$(A)y", "xay"),
            ("$(B)", "$(B)"),
            ("$$(A)", "$(A)"),
            ("$A", "$A"),
            ("pa$", "pa$"),
            ("$(A", "$(A"),
        ] {
            assert_eq!(
                expand(&text.into(), &known),
                Value::Known(wanted.into()),
                "{text}"
            );
        }
        assert_eq!(
            expand(&"$(S)".into(), &known),
            Value::Unknown("hidden".to_owned())
        );
    }
}
