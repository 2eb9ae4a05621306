//! A fact with what it rests on.

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// General knowledge: never makes an error.
    Low,
    /// Official but old, or a sample of a third party.
    Medium,
    /// Read in the provider's documentation or source.
    High,
}

/// Something that a provider promises, with how sure that is, where it was read and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// What is promised.
    pub value: T,
    /// How sure it is.
    pub certainty: Certainty,
    /// Where it was read: a page, or a file in a public repository.
    pub source: &'static str,
    /// As of when: the page's date, else the day on which it was read.
    pub date: &'static str,
}

impl<T: Copy> Fact<T> {
    /// Returns the value where it is sure enough for a rule to call something an error.
    pub fn sure(&self) -> Option<T> {
        (self.certainty >= Certainty::Medium).then_some(self.value)
    }
}

/// Read in the provider's documentation or source.
pub(super) const fn high<T: Copy>(value: T, source: &'static str, date: &'static str) -> Fact<T> {
    Fact {
        value,
        certainty: Certainty::High,
        source,
        date,
    }
}

/// Official but old, or a sample of a third party.
pub(super) const fn medium<T: Copy>(value: T, source: &'static str, date: &'static str) -> Fact<T> {
    Fact {
        value,
        certainty: Certainty::Medium,
        source,
        date,
    }
}

/// General knowledge.
pub(super) const fn low<T: Copy>(value: T) -> Fact<T> {
    Fact {
        value,
        certainty: Certainty::Low,
        source: "general knowledge",
        date: "2026-11-23",
    }
}
