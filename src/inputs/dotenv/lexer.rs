//! Splits a `.env` file into assignments, by the grammar of python-dotenv 1.2.4 (`parser.py`).

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// Without quotes.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

/// One assignment, not yet interpolated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    /// The name.
    pub(super) name: String,
    /// The value with its escapes decoded.
    pub(super) value: String,
    /// The value as it is written, between its quotes; a comment behind it is part of it.
    pub(super) raw: &'a str,
    /// How it is written.
    pub(super) quote: Quote,
    /// Whether white space surrounds the `=`.
    pub(super) spaced: bool,
    /// Whether a comment begins right behind the closing quote.
    pub(super) comment_at_quote: bool,
    /// The value's first byte, at its quote where it has one.
    pub(super) start: usize,
}

/// What stands at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding<'a> {
    /// An assignment.
    Set(Assignment<'a>),
    /// A name without `=`: it takes back what an earlier line set.
    Bare(String),
    /// A line that the grammar does not know.
    Unreadable {
        /// Its first byte.
        start: usize,
    },
}

/// A line that the grammar does not know.
struct Unreadable;

/// Iterates over the assignments of a file.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts behind a byte-order mark, where there is one.
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the longest stretch of letters that fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn blanks(&mut self) -> &'a str {
        self.take(is_blank)
    }

    /// Reads one statement; `None` is a comment.
    fn statement(&mut self) -> Result<Option<Binding<'a>>, Unreadable> {
        self.export();
        let Some(name) = self.name()? else {
            self.end_of_statement()?;
            return Ok(None);
        };
        let before = self.blanks();
        if self.peek() != Some('=') {
            self.end_of_statement()?;
            return Ok(Some(Binding::Bare(name)));
        }
        self.at += 1;
        let after = self.blanks();
        let start = self.at;
        let spaced = !before.is_empty() || !after.is_empty();
        let (quote, raw, value) = if !after.is_empty() && self.peek() == Some('#') {
            (Quote::None, "", String::new())
        } else {
            self.value()?
        };
        let comment_at_quote = quote != Quote::None && self.peek() == Some('#');
        self.end_of_statement()?;
        Ok(Some(Binding::Set(Assignment {
            name,
            value,
            raw,
            quote,
            spaced,
            comment_at_quote,
            start,
        })))
    }

    fn export(&mut self) {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.at += "export".len();
            self.blanks();
        }
    }

    fn name(&mut self) -> Result<Option<String>, Unreadable> {
        match self.peek() {
            Some('#') => Ok(None),
            Some('\'') => {
                let inner = &self.rest()[1..];
                match inner.find('\'') {
                    Some(end) if end > 0 => {
                        self.at += end + 2;
                        Ok(Some(inner[..end].to_owned()))
                    }
                    _ => Err(Unreadable),
                }
            }
            _ => {
                let name = self.take(|letter| letter != '=' && letter != '#' && !is_space(letter));
                if name.is_empty() {
                    Err(Unreadable)
                } else {
                    Ok(Some(name.to_owned()))
                }
            }
        }
    }

    fn value(&mut self) -> Result<(Quote, &'a str, String), Unreadable> {
        match self.peek() {
            Some('\'') => {
                let raw = self.quoted('\'')?;
                Ok((Quote::Single, raw, decode(raw, "\\'")))
            }
            Some('"') => {
                let raw = self.quoted('"')?;
                Ok((Quote::Double, raw, decode(raw, "\\'\"abfnrtv")))
            }
            _ => {
                let raw = self.take(|letter| letter != '\r' && letter != '\n');
                let value = without_comment(raw).trim_end_matches(is_space);
                Ok((Quote::None, raw, value.to_owned()))
            }
        }
    }

    /// Takes a quoted value, which may go over lines; a backslash hides the character behind it.
    fn quoted(&mut self, quote: char) -> Result<&'a str, Unreadable> {
        let inner = &self.rest()[1..];
        let mut hidden = false;
        for (at, letter) in inner.char_indices() {
            if hidden {
                hidden = false;
            } else if letter == '\\' {
                hidden = true;
            } else if letter == quote {
                self.at += at + 2;
                return Ok(&inner[..at]);
            }
        }
        Err(Unreadable)
    }

    /// Takes a comment and the end of the line; anything else makes the statement unreadable.
    fn end_of_statement(&mut self) -> Result<(), Unreadable> {
        self.blanks();
        if self.peek() == Some('#') {
            self.take(|letter| letter != '\r' && letter != '\n');
        }
        match self.peek() {
            None => Ok(()),
            Some('\n' | '\r') => {
                self.line_break();
                Ok(())
            }
            Some(_) => Err(Unreadable),
        }
    }

    fn line_break(&mut self) {
        let rest = self.rest();
        if rest.starts_with("\r\n") {
            self.at += 2;
        } else if rest.starts_with(['\n', '\r']) {
            self.at += 1;
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Binding<'a>;

    fn next(&mut self) -> Option<Binding<'a>> {
        loop {
            self.take(is_space);
            let start = self.at;
            self.peek()?;
            match self.statement() {
                Ok(Some(binding)) => return Some(binding),
                Ok(None) => {}
                Err(Unreadable) => {
                    self.take(|letter| letter != '\r' && letter != '\n');
                    self.line_break();
                    return Some(Binding::Unreadable { start });
                }
            }
        }
    }
}

/// Python's `\s`: Rust's white space and the four separators of ASCII.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

/// White space that ends no line: `[^\S\r\n]`.
fn is_blank(letter: char) -> bool {
    is_space(letter) && letter != '\r' && letter != '\n'
}

/// Cuts an unquoted value at white space before a `#`.
fn without_comment(raw: &str) -> &str {
    let mut spaced = None;
    for (at, letter) in raw.char_indices() {
        if is_space(letter) {
            spaced = spaced.or(Some(at));
        } else if let (Some(start), '#') = (spaced, letter) {
            return &raw[..start];
        } else {
            spaced = None;
        }
    }
    raw
}

/// Decodes a backslash before one of a few letters; before any other it stays.
fn decode(raw: &str, escapes: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.clone().next() {
            Some(code) if escapes.contains(code) => {
                letters.next();
                text.push(match code {
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    same => same,
                });
            }
            _ => text.push('\\'),
        }
    }
    text
}
