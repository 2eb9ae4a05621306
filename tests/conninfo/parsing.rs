//! Same acceptance and same values as libpq, over strings of our own and random ones.

use std::collections::BTreeMap;

use dbharden::conninfo::{Form, parse, print};
use serde_json::Value;

use crate::cases::CASES;
use crate::generate::{Dice, key_value, noise, uri};
use crate::judge;

/// What our parser makes of a text: the values that count, or nothing.
fn ours(text: &str) -> Option<BTreeMap<String, String>> {
    let parsed = parse(text).ok()?;
    Some(
        parsed
            .parameters
            .iter()
            .map(|parameter| {
                (
                    parameter.keyword.clone(),
                    parameter.value.expose().to_owned(),
                )
            })
            .collect(),
    )
}

fn theirs(answer: &Value) -> Option<BTreeMap<String, String>> {
    let values = answer.get("values")?.as_object()?;
    Some(
        values
            .iter()
            .map(|(keyword, value)| (keyword.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
    )
}

fn compare(texts: &[String]) {
    let cases: Vec<Value> = texts
        .iter()
        .map(|text| Value::String(text.clone()))
        .collect();
    let answers = judge::ask("parse", &cases);
    let differences: Vec<String> = texts
        .iter()
        .zip(&answers)
        .filter(|(text, answer)| ours(text) != theirs(answer))
        .map(|(text, answer)| format!("{text:?}\n  ours: {:?}\n  libpq: {answer}", parse(text)))
        .collect();
    let accepted = answers.iter().filter(|answer| answer["accepts"] == true);
    println!(
        "{} strings, {} accepted by libpq",
        texts.len(),
        accepted.count()
    );
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..differences.len().min(10)].join("\n")
    );
}

#[test]
fn every_string_of_our_own_reads_as_in_libpq() {
    assert!(CASES.len() >= 150, "{} cases", CASES.len());
    compare(
        &CASES
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn random_strings_read_as_in_libpq() {
    let mut dice = Dice::new(20_261_123);
    let texts: Vec<String> = (0..6000)
        .map(|index| match index % 3 {
            0 => uri(&mut dice),
            1 => key_value(&mut dice),
            _ => noise(&mut dice),
        })
        .collect();
    compare(&texts);
}

#[test]
fn what_is_printed_reads_back_in_libpq() {
    let mut dice = Dice::new(7);
    let mut wanted = Vec::new();
    let mut texts = Vec::new();
    while wanted.len() < 1500 {
        let text = if wanted.len() % 2 == 0 {
            uri(&mut dice)
        } else {
            key_value(&mut dice)
        };
        let Some(values) = ours(&text) else {
            continue;
        };
        let pairs: Vec<(&str, &str)> = values
            .iter()
            .map(|(keyword, value)| (keyword.as_str(), value.as_str()))
            .collect();
        for form in [Form::Uri, Form::KeyValue] {
            let printed = print(form, &pairs);
            assert_eq!(ours(printed.expose()).as_ref(), Some(&values), "{text:?}");
            texts.push(Value::String(printed.expose().to_owned()));
            wanted.push(values.clone());
        }
    }
    for ((values, answer), text) in wanted.iter().zip(judge::ask("parse", &texts)).zip(&texts) {
        assert_eq!(theirs(&answer).as_ref(), Some(values), "{text}");
    }
}
