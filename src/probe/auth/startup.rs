//! The startup message, completed by what libpq sends and tokio-postgres has no word for.

/// The code of protocol 3.0.
const PROTOCOL: [u8; 4] = [0, 3, 0, 0];

/// Returns a startup message with these parameters in it, each in the place of one of the same name;
/// `None` where the bytes are no whole startup message.
pub(super) fn with(message: &[u8], parameters: &[(&str, String)]) -> Option<Vec<u8>> {
    let (length, rest) = message.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*length) as usize != message.len() {
        return None;
    }
    let body = rest.strip_prefix(&PROTOCOL)?;
    let texts: Vec<&[u8]> = body.split(|&b| b == 0).collect();
    let mut whole = PROTOCOL.to_vec();
    let pairs = texts.chunks_exact(2).take_while(|pair| !pair[0].is_empty());
    for pair in pairs.filter(|pair| {
        parameters
            .iter()
            .all(|(name, _)| name.as_bytes() != pair[0])
    }) {
        whole.extend([pair[0], b"\0", pair[1], b"\0"].concat());
    }
    for (name, value) in parameters {
        whole.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    whole.push(0);
    let length = u32::try_from(whole.len() + 4).ok()?;
    Some([&length.to_be_bytes()[..], &whole].concat())
}

#[cfg(test)]
mod tests {
    use super::with;

    fn message(body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap_or(0);
        [&length.to_be_bytes()[..], &[0, 3, 0, 0], body].concat()
    }

    #[test]
    fn parameters_are_replaced_and_added() {
        let before = message(b"client_encoding\0UTF8\0user\0app\0\0");
        let more = [
            ("client_encoding", "LATIN1".to_owned()),
            ("replication", "true".to_owned()),
        ];
        let after = message(b"user\0app\0client_encoding\0LATIN1\0replication\0true\0\0");
        assert_eq!(with(&before, &more), Some(after));
        assert_eq!(with(&before, &[]), Some(before));
    }

    #[test]
    fn anything_else_is_left_alone() {
        let whole = message(b"user\0app\0\0");
        assert_eq!(with(&whole[..whole.len() - 1], &[]), None);
        assert_eq!(with(b"p\0\0\0\x08abcd", &[]), None);
        assert_eq!(with(b"", &[]), None);
    }
}
