//! Claims about every format at once: it parses back, hostile text stays text, no secret is in it.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use proptest::prelude::{ProptestConfig, proptest};
use quick_xml::events::Event;

use super::sample::{RULES, Sample};
use super::{Detail, Format, Gate, Options, Style, render};
use crate::value::Secret;

/// What a server, a file or a variable may say to who shows it.
const HOSTILE: &[&str] = &[
    "\u{1b}]0;title\u{7}\u{1b}[2J",
    "\u{9b}31m\u{90}x\u{9c}",
    "\u{202e}gnp.exe\u{2066}",
    "a\r\nb\n::error::pwned\n##[error]pwned\n::set-output name=x::y",
    "::error::pwned",
    " ::add-mask::x",
    "</failure></testcase><testcase name=\"x\"/>",
    "]]><!--\u{0}\u{b}\u{fffe}-->",
    "a | b | `c` | <img src=x onerror=y> | [l](https://e) | ![i](x) | @team",
    "[x](1) {0} %0A%0D",
    "\u{200b}\u{feff}\u{e0041}\u{2028}\u{2029}",
    "\"'\\&<>",
    "<script>alert(1)</script></details></summary>",
    "",
];

fn rendered(sample: &Sample, gate: &Gate, format: Format) -> String {
    let options = Options {
        detail: Detail::Verbose,
        explain: true,
        rules: RULES,
        style: Style::default(),
        ..Options::default()
    };
    let mut out = Vec::new();
    render(format, &sample.report().seal(gate), &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Returns the values of an attribute in order.
fn attributes(xml: &str, name: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut values = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return values,
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap();
                    if attribute.key.as_ref() == name {
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap();
                        values.push(value.into_owned());
                    }
                }
            }
            Event::GeneralRef(entity) => {
                assert!(["amp", "lt", "gt", "quot", "apos"].contains(&&*entity));
            }
            _ => {}
        }
    }
}

/// Holds what must be true of every format whatever the text.
fn holds(text: &str) {
    let sample = Sample::filled(text);
    let gate = Gate::new([]);
    for format in Format::ALL {
        let shown = rendered(&sample, &gate, *format);
        let obeyed = |character: char| character != '\n' && super::escape::is_hostile(character);
        assert!(!shown.contains(obeyed), "{}: {shown:?}", format.name());
        match format {
            Format::Human | Format::Markdown => {}
            Format::Json => {
                let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
                assert_eq!(value["entries"][0]["observed"], text);
                assert_eq!(value["engines"][0]["path"], text);
                assert_eq!(value["entries"].as_array().unwrap().len(), 5);
            }
            Format::Sarif => sarif_holds(&shown),
            Format::Junit => {
                assert_eq!(attributes(&shown, "classname").len(), 5);
                assert_eq!(attributes(&shown, "type").len(), 1);
            }
            Format::Github => github_holds(&shown),
        }
    }
}

/// Holds what SARIF and the services that read it demand.
fn sarif_holds(shown: &str) {
    let log: serde_json::Value = serde_json::from_str(shown).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    assert!(rules.iter().all(|rule| rule["help"]["text"].is_string()));
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let fingerprint = result["partialFingerprints"]["dbharden/v1"].as_str();
        assert_eq!(fingerprint.unwrap().len(), 32);
        let locations = result["locations"].as_array().unwrap();
        assert!(!locations.is_empty());
        for location in locations {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.contains([' ', '\\', '<']), "{uri}");
            assert!(physical["region"]["startLine"].as_u64().unwrap() > 0);
            assert!(physical["region"]["startColumn"].as_u64().unwrap() > 0);
        }
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert!(!notes.is_empty());
}

/// Holds that each line is one of our commands, or none.
fn github_holds(shown: &str) {
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[0].starts_with("::error "), "{shown}");
    assert!(lines[1].starts_with("::notice title=dbharden%3A 1 unknown::"));
    assert!(lines[2].starts_with("dbharden: "));
    assert!(!shown.contains("##["), "{shown}");
}

#[test]
fn hostile_text_stays_text_in_every_format() {
    for text in HOSTILE {
        holds(text);
    }
}

#[test]
fn markdown_has_no_cell_link_or_element_that_is_not_ours() {
    for text in HOSTILE {
        let shown = rendered(&Sample::filled(text), &Gate::new([]), Format::Markdown);
        for row in shown.lines().filter(|line| line.starts_with("| ")) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
        let unescaped = shown.replace("\\]", "");
        for theirs in ["<img", "<script", "</details></summary>", "](", "@team"] {
            assert!(!unescaped.contains(theirs), "{shown}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_parses_back(text in "\\PC{0,40}|[\\x00-\\u{ff}\\u{2000}-\\u{2070}:#\\[<>|`&%]{0,40}") {
        holds(&text);
    }
}

/// Ways in which a password comes back from a driver, a server or a file.
fn spellings(password: &str) -> Vec<String> {
    let percent = |upper: bool| -> String {
        let encode = |byte: u8| match (byte.is_ascii_alphanumeric(), upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        };
        password.bytes().map(encode).collect()
    };
    let encode = |byte: u8| format!("%{byte:02X}");
    let all: Vec<String> = password.bytes().map(encode).collect();
    let json = serde_json::to_string(password).unwrap();
    let mut escaped = String::new();
    for character in password.chars() {
        if !character.is_ascii_alphanumeric() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    let unicode = password.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    let unicode: Vec<String> = unicode.collect();
    vec![
        password.to_owned(),
        percent(true),
        percent(false),
        percent(true).replace("%20", "+"),
        percent(true).replace('%', "%25"),
        all.concat(),
        json.trim_matches('"').to_owned(),
        unicode.concat(),
        super::escape::xml(password),
        super::escape::markdown(password),
        escaped,
        password.replace('\'', "'\\''"),
        password.to_ascii_lowercase(),
        // The pieces into which a wrong reading cuts it.
        password.split('/').next().unwrap().to_owned(),
        password.rsplit('@').next().unwrap().to_owned(),
    ]
}

/// The one secret test: whatever field the password gets into, in whatever spelling, no format shows it.
#[test]
fn no_format_shows_a_password_in_any_spelling() {
    let password = "S3nTinel/w0rD:T0p s@Z9cret'\"<&|*";
    // Each piece between the characters at which parsers split.
    let tells = ["s3ntinel", "w0rd", "z9cret"];
    let mut base64 = Vec::new();
    for shift in ["", "u", "us"] {
        let core = super::spelling::base64_cores(password.as_bytes());
        base64.extend(
            core.into_iter()
                .map(|core| format!("{shift}{}", String::from_utf8(core).unwrap())),
        );
    }
    let open = rendered(&Sample::filled(password), &Gate::new([]), Format::Human);
    assert!(
        open.to_ascii_lowercase().contains(tells[0]),
        "nothing to hide"
    );
    let gate = Gate::new([Secret::from(password)]);
    for spelled in spellings(password).iter().chain(&base64) {
        for text in [
            spelled.clone(),
            format!("FATAL: cannot use \"{spelled}\" (see postgresql://u:{spelled}@h/db)"),
        ] {
            let sample = Sample::filled(&text);
            for format in Format::ALL {
                let shown = rendered(&sample, &gate, *format).to_ascii_lowercase();
                for tell in tells.iter().copied().chain(["uznuvgluzw", "m051gluzw"]) {
                    assert!(
                        !shown.contains(tell),
                        "{} {spelled}: {shown}",
                        format.name()
                    );
                }
                let hex = tells[0].bytes().map(|byte| format!("%{byte:02x}"));
                let hex: Vec<String> = hex.collect();
                assert!(
                    !shown.contains(&hex.concat()),
                    "{} {spelled}",
                    format.name()
                );
            }
        }
    }
}
