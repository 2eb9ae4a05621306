//! Logs of any bytes, whole and in pieces: both say the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = dbharden::inputs::logs::read("-", &[], &mut &bytes[..]);
    let mut pieces = dbharden::inputs::logs::Log::new("-", &[]);
    for piece in bytes.chunks(7) {
        pieces.push(piece);
    }
    let pieces = pieces.finish();
    // UTF-16 is known by its first two bytes, and a long line is cut where the pieces end.
    if bytes.len() < 4_096 {
        assert_eq!(whole.ok(), Some(pieces));
    }
});
