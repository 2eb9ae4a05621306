//! Which names and ports Python's `getaddrinfo` refuses before it asks anybody: CPython 3.11 to 3.13
//! and glibc 2.36, measured on 2026-11-24.

use super::Message;
use super::outcome::wrapped_port;

/// Returns the port that a number comes to, for glibc reads it as an `unsigned long`, keeps it as an
/// `int`, and takes what is then negative for the name of a service.
pub(super) fn service(number: i128) -> Option<u16> {
    let low = u32::try_from(number.rem_euclid(1 << 32)).ok()?;
    let fits = number <= i128::from(u64::MAX);
    let number = i32::try_from(low).ok().filter(|_| fits)?;
    Some(wrapped_port(number.into()))
}

/// Refuses the name of a host that the `idna` codec cannot encode: each label has 1 to 63 bytes.
pub(super) fn encode(host: &str) -> Result<(), Message> {
    if !host.is_ascii() {
        return Ok(());
    }
    let mut labels: Vec<&str> = host.split('.').collect();
    let last = labels.pop().unwrap_or_default();
    let words = if labels.iter().any(|label| !(1..64).contains(&label.len())) {
        "encoding with 'idna' codec failed (UnicodeError: label empty or too long)"
    } else if last.len() >= 64 {
        "encoding with 'idna' codec failed (UnicodeError: label too long)"
    } else {
        return Ok(());
    };
    Err(Message::of(&[words]))
}

#[cfg(test)]
mod tests {
    use super::{encode, service};

    #[test]
    fn large_ports_are_cut_and_what_is_negative_then_is_a_name() {
        for (number, port) in [
            (5432, Some(5432)),
            (65_536, Some(0)),
            (70_968, Some(5432)),
            (-1, None),
            (1 << 31, None),
            ((1 << 32) + 5432, Some(5432)),
            (i128::MAX, None),
        ] {
            assert_eq!(service(number), port, "{number}");
        }
    }

    #[test]
    fn labels_have_their_lengths() {
        for (host, taken) in [
            ("db.example.com", true),
            ("db.example.com.", true),
            ("", true),
            ("db..example.com", false),
            (".example.com", false),
            (&"a".repeat(63), true),
            (&"a".repeat(64), false),
            (&format!("{}.com", "a".repeat(64)), false),
        ] {
            assert_eq!(encode(host).is_ok(), taken, "{host}");
        }
    }
}
