//! A password that a hostile server sends back, in every spelling and at every place of an error,
//! shows in none of ten thousand outputs.

use std::sync::Arc;
use std::time::Duration;

use dbharden::facts::{Connection, Facts};
use dbharden::report::{Detail, FailOn, Format, Gate, Options, Report, Sheet, render};
use dbharden::rules::{Context, RULES, judge};
use dbharden::spec::Spec;
use dbharden::value::Secret;

use crate::case::{PASSWORD, spellings};
use crate::dial::{last, request};
use crate::peer::Peer;

/// SQLSTATE and routine of each kind of refusal.
const REFUSALS: [(&str, &str); 31] = [
    ("28P01", "auth_failed"),
    ("28P01", ""),
    ("28000", "ClientAuthentication"),
    ("28000", "auth_failed"),
    ("28000", "InitializeSessionUserId"),
    ("28000", ""),
    ("3D000", "InitPostgres"),
    ("3D000", ""),
    ("42501", "CheckMyDatabase"),
    ("42501", "InitPostgres"),
    ("42501", "set_config_option_ext"),
    ("42501", ""),
    ("55000", "CheckMyDatabase"),
    ("53300", "InitProcess"),
    ("53300", "InitPostgres"),
    ("53300", "CheckMyDatabase"),
    ("53300", "InitializeSessionUserId"),
    ("53300", ""),
    ("57P03", "ProcessStartupPacket"),
    ("57P01", "ProcessInterrupts"),
    ("57P02", "quickdie"),
    ("57P04", "CheckMyDatabase"),
    ("57014", "ProcessInterrupts"),
    ("0A000", "ProcessStartupPacket"),
    ("0A000", "InitializeClientEncoding"),
    ("F0000", "ClientAuthentication"),
    ("42704", "find_option"),
    ("42601", "process_postgres_switches"),
    ("55P02", "set_config_option_ext"),
    ("22023", "parse_and_validate_value"),
    ("08P01", ""),
];

/// What stands around the password, by where the error carries it.
const PLACES: [(&str, &str); 3] = [
    ("Mwrong password: ", ""),
    ("Mno\0DYour password was <", ">."),
    ("Mno such user \"", "\" (retry with https://u:"),
];

/// Returns every error that the peer sends.
fn errors() -> Vec<String> {
    let mut errors = Vec::new();
    for (code, routine) in REFUSALS {
        let routine = if routine.is_empty() {
            String::new()
        } else {
            format!("R{routine}\0")
        };
        for (before, behind) in PLACES {
            for spelling in spellings() {
                let text = format!("{before}{spelling}{behind}");
                errors.push(format!("SFATAL\0VFATAL\0C{code}\0{text}\0{routine}\0"));
            }
        }
    }
    errors
}

/// Judges a connection as `dbharden connect` does.
fn sheet(connection: Connection) -> Sheet {
    let facts = Facts {
        connections: vec![connection],
        ..Facts::default()
    };
    let spec = Spec::profile("enterprise").unwrap();
    let families = ["connect", "tls", "server"];
    let chosen = RULES
        .iter()
        .filter(|rule| families.contains(&rule.family()));
    let context = Context {
        spec: &spec,
        facts: &facts,
        today: jiff::civil::date(2026, 1, 1),
    };
    let judgements = judge(chosen, context);
    let report = Report {
        command: "connect",
        profile: "enterprise",
        judgements,
        facts: &facts,
        fail_on: FailOn {
            least: None,
            strict: false,
        },
        took: Duration::ZERO,
    };
    report.seal(&Gate::new([Secret::new(PASSWORD)]))
}

fn outputs(sheet: &Sheet) -> Vec<String> {
    let shown = |format, detail, explain| {
        let options = Options {
            detail,
            explain,
            rules: &RULES,
            ..Options::default()
        };
        let mut out = Vec::new();
        render(format, sheet, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let mut all: Vec<String> = Format::ALL
        .iter()
        .map(|format| shown(*format, Detail::Normal, false))
        .collect();
    for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
        all.push(shown(Format::Human, detail, true));
    }
    all
}

#[test]
fn a_password_that_comes_back_shows_in_none_of_ten_thousand_outputs() {
    let errors = Arc::new(errors());
    let sent = Arc::clone(&errors);
    let peer = Peer::start(move |c| {
        c.startup()?;
        let number = usize::try_from(c.number()).unwrap();
        c.send(b'E', sent[number - 1].as_bytes())
    });
    let request = request(&format!(
        "host=127.0.0.1 port={} user=app dbname=app password={PASSWORD} sslmode=disable",
        peer.port()
    ));
    let spellings = spellings();
    let (mut seen, mut carried) = (0, 0);
    for error in errors.iter() {
        let connection = last(&request);
        for output in outputs(&sheet(connection)) {
            seen += 1;
            carried += u32::from(output.contains("wrong password"));
            for spelling in &spellings {
                assert!(!output.contains(spelling), "{error:?}: {output}");
            }
        }
    }
    assert!(seen >= 10_000, "{seen}");
    // The text around it is shown, or the test would see nothing.
    assert!(carried > 1_000, "{carried}");
}
