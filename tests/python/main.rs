//! The resolver judged by reality: each case is imported in the real SQLAlchemy with the functions
//! that make engines recorded, under several environments, and every argument is compared.
//!
//! A value that is claimed and differs fails the test; one that is unknown to us is counted.
#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
#![expect(clippy::print_stdout, reason = "the counts are the test's report")]

mod case;
mod compare;
mod generate;

use case::{Case, parse};
use compare::Score;

const HAND_WRITTEN: [&str; 5] = [
    include_str!("cases/values.txt"),
    include_str!("cases/delivery.txt"),
    include_str!("cases/control.txt"),
    include_str!("cases/settings.txt"),
    include_str!("cases/libraries.txt"),
];

fn judge(cases: &[Case]) -> Score {
    let score = compare::run(cases);
    println!("{score}");
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
    score
}

#[test]
fn hand_written_modules_get_what_they_really_get() {
    let cases: Vec<Case> = HAND_WRITTEN.iter().flat_map(|text| parse(text)).collect();
    let score = judge(&cases);
    assert!(cases.len() >= 150, "{} cases", cases.len());
    assert!(
        score.unknown * 20 <= score.values,
        "{}",
        score.unresolved.join("\n")
    );
}

#[test]
fn generated_modules_get_what_they_really_get() {
    let cases = generate::cases(0x5eed, 250);
    let score = judge(&cases);
    assert!(
        score.unknown * 20 <= score.values,
        "{}",
        score.unresolved.join("\n")
    );
}
