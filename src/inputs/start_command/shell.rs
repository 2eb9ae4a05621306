//! Splits a command line into simple commands, as a POSIX shell would, and replaces its variables.

use crate::facts::Value;

/// What a variable is set to; `None` where nothing sets it.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// A word of a command; a part that cannot be known makes the whole word unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// The text as far as it is known.
    pub(super) text: String,
    /// Why it is not known, where it is not.
    pub(super) unknown: Option<String>,
}

/// The longest command line that is read.
const MAX_BYTES: usize = 64 * 1024;

/// Splits a command line into its simple commands: at `&&`, `||`, `;`, `|`, `&` and line ends.
pub(super) fn commands(text: &str, lookup: Lookup<'_>) -> Vec<Vec<Word>> {
    let mut splitter = Splitter {
        letters: text.char_indices().peekable(),
        text,
        lookup,
        commands: Vec::new(),
        command: Vec::new(),
        word: None,
        bytes: 0,
    };
    if text.len() <= MAX_BYTES {
        splitter.run();
    }
    splitter.commands
}

struct Splitter<'a> {
    letters: std::iter::Peekable<std::str::CharIndices<'a>>,
    text: &'a str,
    lookup: Lookup<'a>,
    commands: Vec<Vec<Word>>,
    command: Vec<Word>,
    /// The word under construction; `None` between words.
    word: Option<Word>,
    /// What has been put into words so far.
    bytes: usize,
}

impl<'a> Splitter<'a> {
    fn run(&mut self) {
        while let Some((_, letter)) = self.letters.next() {
            match letter {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' | ';' | '|' | '&' | '(' | ')' => self.end_command(),
                '#' if self.word.is_none() => {
                    while self
                        .letters
                        .next_if(|(_, letter)| *letter != '\n')
                        .is_some()
                    {}
                }
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '\\' => {
                    if let Some((_, escaped)) = self.letters.next()
                        && escaped != '\n'
                    {
                        self.push(escaped);
                    }
                }
                '$' => self.variable(true),
                '`' => {
                    while self.letters.next_if(|(_, letter)| *letter != '`').is_some() {}
                    self.letters.next();
                    self.unknown("the output of a command");
                }
                '>' | '<' => self.redirection(),
                other => self.push(other),
            }
        }
        self.end_command();
    }

    fn push(&mut self, letter: char) {
        self.push_text(letter.encode_utf8(&mut [0; 4]));
    }

    fn push_text(&mut self, text: &str) {
        let word = self.word.get_or_insert_default();
        self.bytes += text.len();
        if self.bytes <= MAX_BYTES {
            word.text.push_str(text);
        } else {
            word.unknown = Some("too long".to_owned());
        }
    }

    fn unknown(&mut self, why: &str) {
        self.word.get_or_insert_default().unknown = Some(why.to_owned());
    }

    fn end_word(&mut self) {
        self.command.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }

    /// Takes a redirection with its target, which is no argument: `2>&1`, `> file`.
    fn redirection(&mut self) {
        let number = |word: &Word| word.text.chars().all(|letter| letter.is_ascii_digit());
        if !self.word.as_ref().is_some_and(number) {
            self.end_word();
        }
        self.word = None;
        while self
            .letters
            .next_if(|(_, letter)| "<>&".contains(*letter))
            .is_some()
        {}
        while self
            .letters
            .next_if(|(_, letter)| " \t".contains(*letter))
            .is_some()
        {}
        while self
            .letters
            .next_if(|(_, letter)| !" \t\n;|&".contains(*letter))
            .is_some()
        {}
    }

    fn single_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some((_, letter)) = self.letters.next_if(|(_, letter)| *letter != '\'') {
            self.push(letter);
        }
        self.letters.next();
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some((_, letter)) = self.letters.next_if(|(_, letter)| *letter != '"') {
            match letter {
                '\\' => match self.letters.next_if(|(_, next)| "$`\"\\\n".contains(*next)) {
                    Some((_, '\n')) => {}
                    Some((_, escaped)) => self.push(escaped),
                    None => self.push('\\'),
                },
                '$' => self.variable(false),
                '`' => self.unknown("the output of a command"),
                other => self.push(other),
            }
        }
        self.letters.next();
    }

    /// Takes `$NAME`, `${NAME}`, `${NAME:-default}` or `$(command)` behind its `$`.
    fn variable(&mut self, splits: bool) {
        match self.letters.peek() {
            Some((_, '(')) => {
                self.nested('(', ')');
                self.unknown("the output of a command");
            }
            Some((_, '{')) => {
                let inside = self.nested('{', '}');
                let length = name_length(inside);
                let (name, operator) = inside.split_at(length);
                let default = operator
                    .strip_prefix(":-")
                    .or_else(|| operator.strip_prefix('-'));
                if operator.is_empty() || default.is_some() {
                    self.expand(name, default, splits);
                } else {
                    self.unknown("an expression of the shell");
                }
            }
            Some((at, _)) => {
                let rest = &self.text[*at..];
                let name = &rest[..name_length(rest)];
                if name.is_empty() {
                    self.push('$');
                    return;
                }
                for _ in name.chars() {
                    self.letters.next();
                }
                self.expand(name, None, splits);
            }
            None => self.push('$'),
        }
    }

    /// Takes a bracketed stretch and returns what stands in it.
    fn nested(&mut self, open: char, close: char) -> &'a str {
        let start = self
            .letters
            .next()
            .map_or(self.text.len(), |(at, _)| at + 1);
        let mut depth = 1_usize;
        let mut end = self.text.len();
        for (at, letter) in self.letters.by_ref() {
            if letter == open {
                depth += 1;
            } else if letter == close {
                depth -= 1;
                if depth == 0 {
                    end = at;
                    break;
                }
            }
        }
        &self.text[start.min(end)..end]
    }

    fn expand(&mut self, name: &str, default: Option<&str>, splits: bool) {
        let name = name.to_owned();
        let text = match ((self.lookup)(&name), default) {
            (Some(Value::Known(value)), _) => value.expose().to_owned(),
            (Some(Value::Unknown(reason)), _) => return self.unknown(&reason),
            (None, Some(default)) if !default.contains('$') => default.to_owned(),
            (None, _) => {
                return self.unknown(&format!("taken from ${name}, which is not set here"));
            }
        };
        if !splits {
            self.push_text(&text);
            return;
        }
        // Without quotes, the shell splits what a variable holds into words.
        for (count, part) in text.split([' ', '\t', '\n']).enumerate() {
            if count > 0 {
                self.end_word();
            }
            if !part.is_empty() {
                self.push_text(part);
            }
        }
    }
}

fn name_length(text: &str) -> usize {
    let fits = |(at, letter): (usize, char)| {
        letter == '_' || letter.is_ascii_alphabetic() || (at > 0 && letter.is_ascii_digit())
    };
    text.char_indices()
        .find(|pair| !fits(*pair))
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::commands;
    use crate::facts::Value;

    fn lookup(name: &str) -> Option<Value> {
        match name {
            "PORT" => Some(Value::Known("10000".into())),
            "ARGS" => Some(Value::Known("-w 4  -k x".into())),
            "HIDDEN" => Some(Value::Unknown("hidden".to_owned())),
            _ => None,
        }
    }

    /// Shows commands with `|` between words and `?` for what is unknown.
    fn split(text: &str) -> Vec<String> {
        let word = |word: &super::Word| match &word.unknown {
            Some(_) => format!("{}?", word.text),
            None => word.text.clone(),
        };
        commands(text, &lookup)
            .iter()
            .map(|command| command.iter().map(word).collect::<Vec<_>>().join("|"))
            .collect()
    }

    #[test]
    fn words_and_commands_are_the_shell_s() {
        for (text, wanted) in [
            ("a b  c", vec!["a|b|c"]),
            ("a && b; c | d & e\nf", vec!["a", "b", "c", "d", "e", "f"]),
            ("a 'b c' \"d e\" f\\ g", vec!["a|b c|d e|f g"]),
            ("a ''", vec!["a|"]),
            ("a --bind=0.0.0.0:$PORT", vec!["a|--bind=0.0.0.0:10000"]),
            ("a ${PORT} \"${PORT}\" '$PORT'", vec!["a|10000|10000|$PORT"]),
            ("a ${X:-5} ${X-6} ${PORT:-7}", vec!["a|5|6|10000"]),
            ("a $X $HIDDEN $(nproc) `x`", vec!["a|?|?|?|?"]),
            ("a $ARGS b", vec!["a|-w|4|-k|x|b"]),
            ("a \"$ARGS\"", vec!["a|-w 4  -k x"]),
            ("a > log 2>&1 b", vec!["a|b"]),
            ("a # comment\nb", vec!["a", "b"]),
            ("a \\\n  b", vec!["a|b"]),
            ("(cd x && a)", vec!["cd|x", "a"]),
            ("a$", vec!["a$"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([ab'\"$\\{\\}()\\\\:\\-> |&;`#\n]|PORT|ARGS|\\PC){0,60}") {
            split(&text);
        }
    }
}
