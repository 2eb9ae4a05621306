//! Random connection strings from pieces that libpq treats specially; the same for each run.

/// `SplitMix64`: enough to pick pieces, and the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(crate) fn pick<'a>(&mut self, pieces: &[&'a str]) -> &'a str {
        pieces[self.below(pieces.len())]
    }
}

const SCHEMES: &[&str] = &[
    "postgresql://",
    "postgresql://",
    "postgres://",
    "postgres://",
    "POSTGRES://",
    "postgresql+asyncpg://",
    "postgresql:",
    "",
];
const TEXTS: &[&str] = &[
    "", "a", "app", "db", "h", "10.0.0.1", "%41", "%2Ftmp", "a%20b", "a b", " a", "a ", "%", "%4",
    "%zz", "%00", "%E4", "%C3%A4", "ä", "[::1]", "[", "]", "[]", "[::1]x", "::1", "5432", "p:q",
    "p@q", "p/q", "p?q", "p#q", "p&q", "p=q", "p,q", "+", "'", "\\", "\t", "\n", "日本",
];
const MARKS: &[&str] = &[
    ":", "@", "/", "?", "&", "=", ",", "[", "]", "%", " ", "#", "'", "\\",
];
const KEYS: &[&str] = &[
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "ssl",
    "requiressl",
    "options",
    "application_name",
    "hostaddr",
    "service",
    "pass%77ord",
    "SSLMODE",
    "schema",
    "sslrootcert",
    " host",
    "host ",
    "",
    "scram_client_key",
    "oauth_scope",
    "authtype",
];
const VALUES: &[&str] = &[
    "",
    "true",
    "1",
    "0",
    "require",
    "verify-full",
    "a",
    "a,b",
    "-c x=1",
    "-c%20x%3D1",
    "'a b'",
    "'a",
    "a\\ b",
    "a\\",
    "'a\\'b'",
    "a'b",
    "'a'b",
    "%41",
    "%",
    " x ",
    "\u{b}",
    "x\ty",
];

/// A URI whose parts are mostly sane.
pub(crate) fn uri(dice: &mut Dice) -> String {
    let mut text = dice.pick(SCHEMES).to_owned();
    if dice.below(3) > 0 {
        text.push_str(dice.pick(TEXTS));
        if dice.below(3) > 0 {
            text.push(':');
            text.push_str(dice.pick(TEXTS));
        }
        text.push('@');
    }
    for index in 0..=dice.below(3) {
        if index > 0 {
            text.push(',');
        }
        text.push_str(dice.pick(TEXTS));
        if dice.below(2) > 0 {
            text.push(':');
            text.push_str(dice.pick(&["5432", "1", "", "x", "%35", " 5"]));
        }
    }
    if dice.below(3) > 0 {
        text.push('/');
        text.push_str(dice.pick(TEXTS));
    }
    for index in 0..dice.below(4) {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(dice.pick(KEYS));
        if dice.below(8) > 0 {
            text.push('=');
        }
        text.push_str(dice.pick(VALUES));
    }
    text
}

/// A key/value string whose parts are mostly sane.
pub(crate) fn key_value(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..=dice.below(4) {
        text.push_str(dice.pick(KEYS));
        text.push_str(dice.pick(&["=", "=", "=", " = ", "= ", "\t=\n", " ", ""]));
        text.push_str(dice.pick(VALUES));
        text.push_str(dice.pick(&[" ", " ", "  ", "\n", "\u{b}", "", "\u{a0}"]));
    }
    text
}

/// Marks and texts in any order.
pub(crate) fn noise(dice: &mut Dice) -> String {
    let mut text = dice.pick(SCHEMES).to_owned();
    for _ in 0..dice.below(12) {
        text.push_str(match dice.below(4) {
            0 => dice.pick(TEXTS),
            1 => dice.pick(KEYS),
            2 => dice.pick(VALUES),
            _ => dice.pick(MARKS),
        });
    }
    text
}
