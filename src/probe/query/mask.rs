//! Masks the literals of a statement, so that it can be shown: what users typed may be a password.
//!
//! Follows PostgreSQL's lexer (4.1.2 of its manual). A statement may have been cut off by
//! `track_activity_query_size`: a literal that does not end is masked to the end. Comments go too.
//! Where it is unclear how the server read a text, the rest of it is masked.

/// What stands in a literal's place.
const MASK: char = '?';

/// Returns a statement with every literal masked, on one line.
pub(super) fn mask(statement: &str) -> String {
    let mut lexer = Lexer {
        rest: statement,
        out: String::new(),
        last_word: String::new(),
        defines: false,
    };
    while lexer.step() {}
    lexer.out.trim().to_owned()
}

struct Lexer<'a> {
    rest: &'a str,
    out: String,
    /// The last keyword or name, in capitals, while nothing but blanks and literals came after it.
    last_word: String,
    /// Whether something is created or altered, so that `PASSWORD` is a keyword.
    defines: bool,
}

impl Lexer<'_> {
    /// Takes one token; returns whether there was one.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        match first {
            _ if first.is_whitespace() || first.is_control() => self.blank(first.len_utf8()),
            '-' if self.rest.starts_with("--") => {
                let end = self.rest.find(['\n', '\r']);
                self.blank(end.unwrap_or(self.rest.len()));
            }
            '/' if self.rest.starts_with("/*") => self.blank(comment(self.rest)),
            '\'' => self.string(false),
            '"' => self.quoted_name(),
            '$' => self.dollar(),
            '0'..='9' => self.number(),
            '.' if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ if is_start(first) => self.word(),
            _ => {
                self.last_word.clear();
                self.keep(first.len_utf8());
            }
        }
        true
    }

    fn keep(&mut self, length: usize) {
        let (token, rest) = self.rest.split_at(length);
        let one_line = token.chars().map(|c| if c.is_control() { ' ' } else { c });
        self.out.extend(one_line);
        self.rest = rest;
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    fn blank(&mut self, length: usize) {
        if !self.out.ends_with(' ') && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.skip(length);
    }

    /// Returns whether a password stands here.
    fn is_password(&self) -> bool {
        self.defines && self.last_word == "PASSWORD"
    }

    fn masked(&mut self, length: usize) {
        self.out.push(MASK);
        self.skip(length);
        self.last_word.clear();
    }

    /// Masks a string that begins here. In an ordinary string a backslash escapes or does not, by
    /// `standard_conforming_strings` of that session: where that decides the end, all is masked.
    fn string(&mut self, escapes: bool) {
        let length = match string(self.rest, escapes) {
            End::At(length) => length,
            End::Unclear => self.rest.len(),
        };
        self.masked(length);
    }

    /// Keeps a quoted name, unless it stands where a password does: the server would refuse that,
    /// and keep the text.
    fn quoted_name(&mut self) {
        let length = quoted(self.rest);
        if self.is_password() {
            self.masked(length);
        } else {
            self.keep(length);
            self.last_word.clear();
        }
    }

    /// Masks a dollar-quoted string; keeps a parameter.
    fn dollar(&mut self) {
        let after = &self.rest[1..];
        let tag = after
            .find(|c: char| !is_part(c) || c == '$')
            .unwrap_or(after.len());
        if after[tag..].starts_with('$') && !after.starts_with(|c: char| c.is_ascii_digit()) {
            let quote = &self.rest[..tag + 2];
            let body = &self.rest[tag + 2..];
            let end = body
                .find(quote)
                .map_or(self.rest.len(), |at| quote.len() + at + quote.len());
            self.masked(end);
        } else if tag == 0 {
            self.keep(1);
        } else if after[..tag].bytes().all(|b| b.is_ascii_digit()) {
            self.keep(1 + tag);
        } else {
            // A dollar quote whose tag was cut off.
            self.masked(self.rest.len());
        }
    }

    fn number(&mut self) {
        let mut previous = '0';
        let end = self.rest.find(|c: char| {
            let exponent_sign = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E');
            let part = c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent_sign;
            previous = c;
            !part
        });
        self.masked(end.unwrap_or(self.rest.len()));
    }

    /// Keeps a word; one right before a quote may say what kind of string it is.
    fn word(&mut self) {
        let end = self.rest.find(|c: char| !is_part(c));
        let end = end.unwrap_or(self.rest.len());
        let word = self.rest[..end].to_ascii_uppercase();
        let is_prefix = matches!(word.as_str(), "E" | "B" | "X" | "N")
            && self.rest[end..].starts_with('\'')
            || word == "U" && self.rest[end..].starts_with("&'");
        if is_prefix {
            self.skip(if word == "U" { end + 1 } else { end });
            self.string(word == "E");
        } else if self.is_password() && word != "NULL" {
            self.masked(end);
        } else {
            self.keep(end);
            self.defines |= matches!(word.as_str(), "CREATE" | "ALTER");
            self.last_word = word;
        }
    }
}

/// Where a string ends.
enum End {
    At(usize),
    Unclear,
}

/// Finds the end of the string that begins the text, behind its last quote.
fn string(text: &str, escapes: bool) -> End {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            b'\\' if bytes.get(at + 1) == Some(&b'\'') => return End::Unclear,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return End::At(at + 1),
            _ => at += 1,
        }
    }
    End::At(bytes.len())
}

/// Finds the end of the quoted name that begins the text.
fn quoted(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Finds the end of the comment that begins the text; comments nest.
fn comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (2, 1);
    while at < bytes.len() && depth > 0 {
        match &bytes[at..] {
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

fn is_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_part(c: char) -> bool {
    is_start(c) || c.is_ascii_digit() || c == '$'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::mask;

    #[track_caller]
    fn check(statement: &str, expected: &str) {
        assert_eq!(mask(statement), expected, "{statement:?}");
    }

    #[test]
    fn literals_are_masked_and_names_stay() {
        check(
            "SELECT a1, \"B 2\" FROM t3 WHERE x = 'it''s' AND y > 1.5e-3 AND z IN (0x1F, 1_000)",
            "SELECT a1, \"B 2\" FROM t3 WHERE x = ? AND y > ? AND z IN (?, ?)",
        );
        check("select .5, 5., $1, $2::int", "select ?, ?, $1, $2::int");
        check("select 'a'\n  'b', t.c1", "select ? ?, t.c1");
        check("UPDATE größe SET naïve='ä'", "UPDATE größe SET naïve=?");
    }

    #[test]
    fn every_kind_of_string_is_one() {
        check(r"select E'a\'b' , e'c\\', x", "select ? , ?, x");
        check(
            "select B'01', X'1f', N'a', U&'\\0061', x",
            "select ?, ?, ?, ?, x",
        );
        check("select U&\"d\\0061t\"", "select U&\"d\\0061t\"");
        check(
            "do $$ begin 'x' end $$ language plpgsql",
            "do ? language plpgsql",
        );
        check("select $a$ $b$ $$ s3cret $a$, x", "select ?, x");
        check("select foo$bar$baz", "select foo$bar$baz");
    }

    #[test]
    fn comments_go() {
        check("select 1 -- s3cret\n, x", "select ? , x");
        check("select /* a /* s3cret */ b */ x", "select x");
        check("/*controller='s3cret'*/ select x", "select x");
    }

    #[test]
    fn a_password_is_masked_however_it_is_written() {
        check(
            "ALTER ROLE app PASSWORD 's3cret'",
            "ALTER ROLE app PASSWORD ?",
        );
        check(
            "alter user a encrypted password $$s3cret$$",
            "alter user a encrypted password ?",
        );
        check(
            "ALTER ROLE app PASSWORD \"s3cret\"",
            "ALTER ROLE app PASSWORD ?",
        );
        check(
            "ALTER ROLE app PASSWORD s3cret",
            "ALTER ROLE app PASSWORD ?",
        );
        check(
            "ALTER ROLE app PASSWORD NULL",
            "ALTER ROLE app PASSWORD NULL",
        );
        check(
            "create user mapping for a server b options (password 's3cret')",
            "create user mapping for a server b options (password ?)",
        );
        check(
            "select \"Password\", password from u",
            "select \"Password\", password from u",
        );
    }

    #[test]
    fn a_statement_that_was_cut_off_hides_its_last_literal() {
        for cut in [
            "x 's3cr",
            "x E's3cr\\",
            "x $$s3cr",
            "x $t$s3cr",
            "x /* s3cr",
            "x $s3cr",
        ] {
            assert!(!mask(cut).contains("s3"), "{cut:?}: {}", mask(cut));
        }
    }

    #[test]
    fn where_a_backslash_decides_everything_after_it_is_masked() {
        // With standard_conforming_strings off the string goes on behind the quote.
        check(r"select 'a\' , s3cret || '", "select ?");
    }

    proptest! {
        #[test]
        fn what_stands_between_quotes_never_shows(
            before in "[ a-z=(,]{0,9}",
            secret in "[^'\\\\\u{0}]{0,12}",
            after in "[ a-z,)]{0,9}",
        ) {
            let masked = mask(&format!("{before}='S3{secret}S3' {after}"));
            prop_assert!(!masked.contains("S3"), "{}", masked);
        }

        #[test]
        fn any_text_is_read_to_its_end(text in ".{0,80}") {
            let masked = mask(&text);
            prop_assert!(!masked.contains(|c: char| c.is_control()));
        }
    }
}
