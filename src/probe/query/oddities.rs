//! What a session's answers tell that nobody asked for: a version that cannot be, a setting that
//! somebody else left behind, two clocks that do not agree.

use crate::facts::{Observation, ServerFacts};
use crate::probe::auth::notes::Notes;

/// How far two clocks may be apart before anything that compares dates goes wrong.
const CLOCKS_APART_S: u64 = 60;
/// The first and the last major version that is taken for one of PostgreSQL's. One comes out a year.
const MAJORS: std::ops::RangeInclusive<u32> = 7..=40;

/// Notes what is odd about a session that works.
pub(super) fn oddities(server: &ServerFacts, notes: &Notes) -> Vec<Observation> {
    let observation = |cause, message| Observation { cause, message };
    let all = [
        clock(server).map(|message| observation("clock-skew", message)),
        version(server, notes).map(|message| observation("version-lie", message)),
        left_behind(server).map(|message| observation("pgb-set-leak", message)),
    ];
    all.into_iter().flatten().collect()
}

/// Tells that the two clocks do not agree.
fn clock(server: &ServerFacts) -> Option<String> {
    let ahead = server.clock_ahead_s?;
    (ahead.unsigned_abs() >= CLOCKS_APART_S).then(|| {
        format!(
            "this machine's clock is {} s {} the server's: certificates and tokens are judged by it",
            ahead.unsigned_abs(),
            if ahead > 0 { "behind" } else { "ahead of" }
        )
    })
}

/// Tells that the server's version is not one that PostgreSQL has, or not the same twice.
fn version(server: &ServerFacts, notes: &Notes) -> Option<String> {
    let answered = server.version.as_str();
    if answered.is_empty() {
        return None;
    }
    let Some(number) = numbered(answered) else {
        return Some(format!(
            "the server calls its version {answered:?}, which is none of PostgreSQL's"
        ));
    };
    match server.version_num {
        Some(other) if other != number => {
            return Some(format!(
                "the server gives two versions, {answered} and {other} (server_version_num)"
            ));
        }
        _ => {}
    }
    // A pooler may repeat what it heard before an upgrade.
    let announced = notes
        .parameter("server_version")
        .filter(|_| server.pooler.is_none())?;
    let announced = announced.split(' ').next().unwrap_or_default();
    (announced != answered).then(|| {
        format!("the server gives two versions: {announced:?} at the login, {answered} when asked")
    })
}

/// Reads a version as `server_version_num` writes it: `16.4` is 160004, `9.6.24` is 90624.
fn numbered(version: &str) -> Option<u32> {
    let end = version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(version.len());
    let (digits, suffix) = version.split_at(end);
    let suffix_fits = suffix.is_empty()
        || ["alpha", "beta", "rc", "devel", "-", "+"]
            .iter()
            .any(|known| suffix.starts_with(known));
    if !suffix_fits || suffix.contains(|c: char| c.is_control() || !c.is_ascii()) {
        return None;
    }
    let mut parts = digits.split('.').map(str::parse::<u32>);
    let major = parts.next()?.ok().filter(|major| MAJORS.contains(major))?;
    let mut next = || {
        parts
            .next()
            .map_or(Some(0), Result::ok)
            .filter(|n| *n < 100)
    };
    if major < 10 {
        Some(major * 10_000 + next()? * 100 + next()?)
    } else {
        Some(major * 10_000 + next()?)
    }
}

/// Tells of a setting that a `SET` put in force, which nobody here has sent: behind a pooler, another
/// client did.
fn left_behind(server: &ServerFacts) -> Option<String> {
    server.pooler.as_ref()?;
    let foreign: Vec<String> = server
        .settings
        .iter()
        .filter(|setting| setting.source == "session")
        // A pooler that follows this one sets it to its default for each client.
        .filter(|setting| (setting.name.as_str(), setting.value.as_str()) != READ_WRITE)
        .map(|setting| {
            let unit = setting.unit.as_deref().unwrap_or_default();
            format!("{} = {} {unit}", setting.name, setting.value)
                .trim_end()
                .to_owned()
        })
        .collect();
    (!foreign.is_empty()).then(|| {
        format!(
            "a SET that this session did not send is in force here ({}): another client's, which \
             outlived its transaction in the pooler, or the pooler's own (connect_query)",
            foreign.join(", ")
        )
    })
}

const READ_WRITE: (&str, &str) = ("default_transaction_read_only", "off");

#[cfg(test)]
mod tests {
    use super::{numbered, oddities};
    use crate::facts::{ServerFacts, ServerSetting};
    use crate::probe::auth::notes::Notes;

    fn seen(server: &ServerFacts, announced: Option<&str>) -> Vec<&'static str> {
        let mut notes = Notes::default();
        notes
            .parameters
            .extend(announced.map(|version| ("server_version".to_owned(), version.to_owned())));
        oddities(server, &notes).iter().map(|o| o.cause).collect()
    }

    fn of(version: &str, number: u32) -> ServerFacts {
        ServerFacts {
            version: version.to_owned(),
            version_num: Some(number),
            ..ServerFacts::default()
        }
    }

    #[test]
    fn a_version_is_read_as_the_server_numbers_it() {
        for (version, number) in [
            ("16.4", Some(160_004)),
            ("18beta1", Some(180_000)),
            ("19devel", Some(190_000)),
            ("17rc1", Some(170_000)),
            ("9.6.24", Some(90_624)),
            ("11.2-YB-2.18.0.0-b0", Some(110_002)),
            ("16.4.0", Some(160_004)),
            ("8.0.2", Some(80_002)),
            ("99.9", None),
            ("16.4\u{1b}[31m", None),
            ("CockroachDB", None),
            ("", None),
            ("16.400", None),
            ("99999999999", None),
        ] {
            assert_eq!(numbered(version), number, "{version:?}");
        }
    }

    #[test]
    fn a_version_that_cannot_be_or_is_not_the_same_twice_is_odd() {
        let odd = ["version-lie"];
        assert!(seen(&of("16.4", 160_004), Some("16.4 (Debian 16.4-1)")).is_empty());
        assert!(seen(&of("16.4", 160_004), None).is_empty());
        assert_eq!(seen(&of("16.4", 150_004), None), odd);
        assert_eq!(seen(&of("99.9", 990_009), None), odd);
        assert_eq!(seen(&of("16.4", 160_004), Some("16.3")), odd);
        // A pooler may not have heard of the upgrade yet.
        let pooled = ServerFacts {
            pooler: Some("pgbouncer".to_owned()),
            ..of("16.4", 160_004)
        };
        assert!(seen(&pooled, Some("16.3")).is_empty());
    }

    #[test]
    fn a_setting_that_nobody_here_made_is_another_clients() {
        let with = |source: &str, name: &str, value: &str, pooler: Option<&str>| {
            let setting = ServerSetting {
                name: name.to_owned(),
                value: value.to_owned(),
                unit: Some("ms".to_owned()),
                source: source.to_owned(),
                place: None,
            };
            let server = ServerFacts {
                pooler: pooler.map(str::to_owned),
                settings: vec![setting],
                ..of("16.4", 160_004)
            };
            seen(&server, None)
        };
        let (pooler, name) = (Some("pgbouncer"), "statement_timeout");
        assert_eq!(with("session", name, "1234", pooler), ["pgb-set-leak"]);
        assert!(with("client", name, "1234", pooler).is_empty());
        assert!(with("session", name, "1234", None).is_empty());
        let read_only = "default_transaction_read_only";
        assert!(with("session", read_only, "off", pooler).is_empty());
        assert_eq!(with("session", read_only, "on", pooler), ["pgb-set-leak"]);
    }

    #[test]
    fn clocks_may_be_a_minute_apart() {
        let ahead = |seconds| {
            let server = ServerFacts {
                clock_ahead_s: Some(seconds),
                ..of("16.4", 160_004)
            };
            seen(&server, None)
        };
        assert!(ahead(59).is_empty());
        assert_eq!(ahead(60), ["clock-skew"]);
        assert_eq!(ahead(-60), ["clock-skew"]);
        let said = |seconds| {
            super::clock(&ServerFacts {
                clock_ahead_s: Some(seconds),
                ..ServerFacts::default()
            })
        };
        assert!(said(60).is_some_and(|text| text.contains("60 s behind")));
        assert!(said(-60).is_some_and(|text| text.contains("60 s ahead of")));
    }
}
