//! Which waiver covers a finding, and which one no longer does.

use jiff::civil::Date;

use super::{Spec, Waiver};

impl Waiver {
    /// Returns whether it is about this rule and this subject, whatever the day.
    pub fn covers(&self, rule: &str, subject: &str) -> bool {
        self.rule == rule
            && self
                .subject
                .as_deref()
                .is_none_or(|pattern| matches(pattern, subject))
    }

    /// Returns whether its last day is over.
    pub fn has_expired(&self, today: Date) -> bool {
        self.until < today
    }
}

impl Spec {
    /// Returns the waiver that counts today for a rule's finding on a subject.
    pub fn waiver(&self, rule: &str, subject: &str, today: Date) -> Option<&Waiver> {
        self.waivers
            .iter()
            .find(|waiver| waiver.covers(rule, subject) && !waiver.has_expired(today))
    }

    /// Returns the waiver that would cover a finding, had its last day not passed; `None` where
    /// another one still counts.
    pub fn expired_waiver(&self, rule: &str, subject: &str, today: Date) -> Option<&Waiver> {
        if self.waiver(rule, subject, today).is_some() {
            return None;
        }
        self.waivers
            .iter()
            .filter(|waiver| waiver.covers(rule, subject))
            .max_by_key(|waiver| waiver.until)
    }
}

/// Returns whether a glob matches a whole text: `*` is any stretch, `/` and all, `?` one character.
///
/// Goes back to the last `*` only, so the time is at most the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&letter) if letter == '?' || letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    p = *at + 1;
                    t = *from;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use jiff::civil::date;

    use super::matches;
    use crate::spec::{Spec, Waiver};

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("app/database.py:*", "app/database.py:383", true),
            ("app/database.py:*", "app/other.py:383", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("app/*", "app/deep/er/x.py:1", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*.py:4?", "app/x.py:41", true),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbx", false),
            ("DATABASE_URL", "DATABASE_URL_2", false),
            ("ü*", "üa", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        let long = "a".repeat(5_000);
        assert!(!matches(&format!("{}b", "*a".repeat(200)), &long));
    }

    fn spec(subject: Option<&str>) -> Spec {
        let mut spec = Spec::profile("enterprise").unwrap();
        spec.waivers.push(Waiver {
            rule: "engine-recycle".into(),
            subject: subject.map(Into::into),
            until: date(2026, 12, 31),
            reason: "rolled back".into(),
        });
        spec
    }

    #[test]
    fn a_waiver_counts_on_its_last_day_and_not_after_it() {
        let spec = spec(Some("app/*"));
        let of = |day| spec.waiver("engine-recycle", "app/x.py:1", day).is_some();
        assert!(of(date(2026, 12, 31)));
        assert!(!of(date(2027, 1, 1)));
        assert!(
            spec.expired_waiver("engine-recycle", "app/x.py:1", date(2027, 1, 1))
                .is_some()
        );
        assert!(
            spec.expired_waiver("engine-recycle", "app/x.py:1", date(2026, 12, 31))
                .is_none()
        );
    }

    #[test]
    fn a_waiver_is_for_its_rule_and_its_subject_alone() {
        let today = date(2026, 1, 1);
        let narrow = spec(Some("app/*"));
        assert!(
            narrow
                .waiver("engine-timeout", "app/x.py:1", today)
                .is_none()
        );
        assert!(
            narrow
                .waiver("engine-recycle", "api/x.py:1", today)
                .is_none()
        );
        assert!(
            spec(None)
                .waiver("engine-recycle", "anything", today)
                .is_some()
        );
    }
}
