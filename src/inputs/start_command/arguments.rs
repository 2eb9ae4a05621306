//! The words behind a program's name: its options and what stands between them.

use super::options::Options;
use super::shell::Word;
use super::{Around, Count, Target};

/// The words behind a program's name.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'w> {
    pub(super) words: &'w [Word],
    pub(super) around: Around<'w>,
}

impl<'w> Arguments<'w> {
    /// Returns the last value of an option, in any of its spellings: `-w 4`, `-w4`, `--workers=4`.
    pub(super) fn option(&self, names: &[&str]) -> Option<(&'w str, Option<&'w str>)> {
        let mut found = None;
        for (at, word) in self.words.iter().enumerate() {
            for name in names {
                let attached = word.text.strip_prefix(name).map(|tail| {
                    if name.starts_with("--") {
                        tail.strip_prefix('=')
                    } else {
                        Some(tail)
                    }
                });
                let value = match attached {
                    Some(Some("") | None) if word.text == *name => self.words.get(at + 1),
                    Some(Some(tail)) if !tail.is_empty() => {
                        found = Some((tail, word.unknown.as_deref()));
                        None
                    }
                    _ => None,
                };
                if let Some(value) = value {
                    found = Some((value.text.as_str(), value.unknown.as_deref()));
                }
            }
        }
        found
    }

    pub(super) fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word.text == flag)
    }

    /// Returns the words that are neither options nor their values.
    pub(super) fn positional(&self, options: &Options) -> Vec<&'w Word> {
        let mut found = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let name = word.text.as_str();
            if options.take_value(name) {
                words.next();
            } else if !name.starts_with('-') {
                found.push(word);
            }
        }
        found
    }

    /// Returns `module:attribute` among the positional words.
    pub(super) fn target(&self, options: &Options, default: Option<&str>) -> Option<Target> {
        let positional = self.positional(options);
        let word = positional
            .iter()
            .find(|word| word.text.contains(':'))
            .or(positional.first())?;
        if word.unknown.is_some() {
            return None;
        }
        module(&word.text, default)
    }

    /// Returns `package.module.Class` as a module with its attribute.
    pub(super) fn dotted_target(&self) -> Option<Target> {
        let word = self.words.iter().find(|word| !word.text.starts_with('-'))?;
        let (module, attribute) = word.text.rsplit_once('.')?;
        Some(Target::Module {
            module: module.to_owned(),
            attribute: Some(attribute.to_owned()),
        })
    }

    /// Returns the number that an option gives, and how it is written.
    pub(super) fn count(&self, names: &[&str]) -> Option<(Count, String)> {
        let (text, unknown) = self.option(names)?;
        let name = names.last().copied().unwrap_or_default();
        let count = match (unknown, text.parse::<u32>()) {
            (Some(why), _) => Count::Unknown(why.to_owned()),
            (None, Ok(count)) => Count::Known(count),
            (None, Err(_)) => Count::Unknown(format!("not known: `{name}` is given no number")),
        };
        let from = match &count {
            Count::Known(count) => format!("{name} {count}"),
            Count::Unknown(_) => name.to_owned(),
        };
        Some((count, from))
    }
}

/// Splits `module:attribute`, `module:factory()` or a path.
pub(super) fn module(text: &str, default: Option<&str>) -> Option<Target> {
    let (module, attribute) = match text.split_once(':') {
        Some((module, attribute)) => (module, Some(attribute)),
        None => (text, default),
    };
    let fits = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    if module.is_empty() || !module.chars().all(fits) {
        return None;
    }
    let attribute =
        attribute.map(|text| text.split(['(', '.']).next().unwrap_or_default().to_owned());
    Some(Target::Module {
        module: module.to_owned(),
        attribute: attribute.filter(|name| !name.is_empty()),
    })
}
