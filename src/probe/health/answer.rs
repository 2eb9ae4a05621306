//! Finds the numbers of pools in an answer: JSON, Prometheus' text, or `SQLAlchemy`'s status line.

use serde_json::Value;

use crate::facts::{METRIC_NAMES, Metric, PoolMetrics};
use crate::spec::MoreNames;

/// How deep the search goes into a JSON answer.
const DEEPEST: usize = 64;

/// The most pools that are kept.
const MOST: usize = 64;

/// Parts of a name by which another kind of pool is known.
const OTHER_POOLS: &[&str] = &[
    "redis", "cache", "http", "thread", "worker", "celery", "executor", "memory", "mongo", "amqp",
];

/// What an answer says.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    /// The pools that it reports.
    pub pools: Vec<PoolMetrics>,
    /// Where and how it says of itself that something is wrong.
    pub confession: Option<String>,
}

/// Reads an answer; `path` (`/database/pool` or `database.pool`) names the part of a JSON answer
/// that counts. Fails where the path leads nowhere.
pub fn read(body: &[u8], path: Option<&str>, more: &[MoreNames]) -> Result<Answer, String> {
    let text = String::from_utf8_lossy(body);
    let Ok(json) = serde_json::from_str::<Value>(&text) else {
        return Ok(Answer {
            pools: prometheus(&text, more),
            confession: None,
        });
    };
    let pointer = pointer(path.unwrap_or_default());
    let Some(part) = json.pointer(&pointer) else {
        return Err(pointer);
    };
    let mut answer = Answer {
        pools: Vec::new(),
        confession: confession(&json),
    };
    walk(part, &pointer, more, 0, &mut answer.pools);
    Ok(answer)
}

/// Returns a JSON pointer for a path in either spelling.
fn pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.trim_start_matches("$.").trim_start_matches('.');
    format!("/{}", path.replace('.', "/"))
}

/// Returns where the top of the answer says that something is wrong.
fn confession(json: &Value) -> Option<String> {
    const BAD: &[&str] = &[
        "unhealthy",
        "error",
        "down",
        "fail",
        "failed",
        "failing",
        "critical",
        "unavailable",
        "outage",
    ];
    let at = |pointer: &str| {
        let value = json.pointer(pointer)?;
        let bad = match value {
            Value::String(word) => BAD.contains(&word.to_ascii_lowercase().as_str()),
            Value::Bool(fine) => !fine,
            _ => false,
        };
        bad.then(|| format!("{pointer} is {value}"))
    };
    [
        "/status",
        "/healthy",
        "/ok",
        "/health",
        "/database/status",
        "/database/healthy",
        "/database/ok",
        "/db/status",
        "/database",
        "/db",
        "/checks/database/status",
        "/database/pool/status",
    ]
    .iter()
    .find_map(|pointer| at(pointer))
}

/// Collects every object that holds numbers of a pool.
fn walk(
    value: &Value,
    place: &str,
    more: &[MoreNames],
    depth: usize,
    pools: &mut Vec<PoolMetrics>,
) {
    if depth > DEEPEST || pools.len() >= MOST {
        return;
    }
    match value {
        Value::Object(members) => {
            let is_other = OTHER_POOLS
                .iter()
                .any(|other| place.to_ascii_lowercase().contains(other));
            if !is_other {
                let named: Vec<(&str, f64)> = members
                    .iter()
                    .filter_map(|(name, value)| Some((name.as_str(), number(value)?)))
                    .collect();
                pools.extend(pool(place, &named, more));
            }
            for (name, member) in members {
                walk(
                    member,
                    &format!("{place}/{}", escape(name)),
                    more,
                    depth + 1,
                    pools,
                );
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), more, depth + 1, pools);
            }
        }
        Value::String(text) => pools.extend(status_line(text, place)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Reads a number, also one in quotes or with its unit.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text
            .trim()
            .trim_end_matches('s')
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Makes a pool of the numbers of one object, where one of them can only be a pool's, or the object
/// is called one.
fn pool(place: &str, named: &[(&str, f64)], more: &[MoreNames]) -> Option<PoolMetrics> {
    let plain = |name: &str| {
        let name = name.to_ascii_lowercase();
        METRIC_NAMES
            .iter()
            .any(|metric| metric.plain.contains(&name.as_str()))
            || more.iter().any(|known| known.has(&name))
    };
    let called = place
        .rsplit('/')
        .next()
        .is_some_and(|last| last.to_ascii_lowercase().contains("pool"));
    if !called && !named.iter().any(|(name, _)| plain(name)) {
        return None;
    }
    let mut metrics = Vec::new();
    for known in METRIC_NAMES {
        let own = more.iter().filter(|more| more.name == known.name);
        let own = own.flat_map(|more| &more.names).map(String::as_str);
        let usual = known.plain.iter().chain(known.beside).copied();
        let mut spellings = own.chain(usual);
        let found = spellings.find_map(|spelling| {
            named
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(spelling))
        });
        if let Some((name, value)) = found {
            metrics.push(Metric {
                name: known.name,
                value: *value,
                source: format!("{place}/{}", escape(name)),
            });
        }
    }
    (!metrics.is_empty()).then(|| PoolMetrics {
        place: place.to_owned(),
        metrics,
    })
}

/// Reads `pool.status()`: `Pool size: 5  Connections in pool: 1 Current Overflow: -4 Current
/// Checked out connections: 0`.
fn status_line(text: &str, place: &str) -> Option<PoolMetrics> {
    let after = |label: &str| -> Option<f64> {
        let rest = text[text.find(label)? + label.len()..].trim_start();
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit() && letter != '-')
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    };
    let size = after("Pool size:")?;
    let others = [
        ("checked_in", "Connections in pool:"),
        ("overflow", "Current Overflow:"),
        ("checked_out", "Current Checked out connections:"),
    ];
    let found = others
        .iter()
        .filter_map(|(name, label)| Some((*name, after(label)?)));
    let metrics = std::iter::once(("pool_size", size))
        .chain(found)
        .map(|(name, value)| Metric {
            name,
            value,
            source: place.to_owned(),
        })
        .collect();
    Some(PoolMetrics {
        place: place.to_owned(),
        metrics,
    })
}

/// Reads Prometheus' text format: one pool for each set of labels.
fn prometheus(text: &str, more: &[MoreNames]) -> Vec<PoolMetrics> {
    let mut pools: Vec<PoolMetrics> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, labels, value)) = sample(line) else {
            continue;
        };
        let lower = name.to_ascii_lowercase();
        if OTHER_POOLS.iter().any(|other| lower.contains(other)) {
            continue;
        }
        let own = more.iter().find(|more| more.has(&lower));
        let own = own.map(|more| more.name);
        let Some(known) = own.or_else(|| prometheus_name(&lower)) else {
            continue;
        };
        let index = pools.iter().position(|pool| pool.place == labels);
        let index = match index {
            Some(index) => index,
            None if pools.len() < MOST => {
                pools.push(PoolMetrics {
                    place: labels.to_owned(),
                    metrics: Vec::new(),
                });
                pools.len() - 1
            }
            None => continue,
        };
        if pools[index].get(known).is_none() {
            pools[index].metrics.push(Metric {
                name: known,
                value,
                source: name.to_owned(),
            });
        }
    }
    pools
}

/// Splits `name{labels} value time`.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let end = line.find([' ', '{'])?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => inside.rsplit_once('}')?,
        None => ("", rest),
    };
    let value: f64 = rest.split_whitespace().next()?.parse().ok()?;
    (value.is_finite() && !name.is_empty()).then_some((name, labels, value))
}

/// Returns our name for a metric whose own name ends with a plain one, or with `pool_` and one
/// that other things have too.
fn prometheus_name(name: &str) -> Option<&'static str> {
    let ends = |with: &str| {
        name == with
            || name
                .strip_suffix(with)
                .is_some_and(|rest| rest.ends_with('_'))
    };
    let spelled = |known: &crate::facts::MetricName| -> Option<usize> {
        let plain = known.plain.iter().filter(|plain| ends(plain));
        let beside = known
            .beside
            .iter()
            .map(|beside| format!("pool_{beside}"))
            .filter(|beside| ends(beside));
        let longest = plain.map(|plain| plain.len());
        longest.chain(beside.map(|beside| beside.len())).max()
    };
    // The longest wins: `pool_max_overflow` ends with `overflow` too.
    METRIC_NAMES
        .iter()
        .filter_map(|known| Some((spelled(known)?, known.name)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MoreNames, pointer, read};

    #[test]
    fn a_project_s_own_names_count_in_json_and_in_prometheus_text() {
        let more = [MoreNames {
            name: "checked_out",
            names: vec!["leased".to_owned()],
        }];
        for body in ["{\"db\":{\"Leased\":3}}", "leased{db=\"a\"} 3\n"] {
            let answer = read(body.as_bytes(), None, &more).unwrap_or_default();
            let value = answer
                .pools
                .first()
                .and_then(|pool| pool.value("checked_out"));
            assert_eq!(value, Some(3.0), "{body}");
            let answer = read(body.as_bytes(), None, &[]).unwrap_or_default();
            assert!(answer.pools.is_empty(), "{body}");
        }
    }

    fn numbers(body: &str) -> Vec<(String, &'static str, f64)> {
        let answer = read(body.as_bytes(), None, &[]).unwrap_or_default();
        answer
            .pools
            .into_iter()
            .flat_map(|pool| {
                let place = pool.place;
                pool.metrics
                    .into_iter()
                    .map(move |metric| (place.clone(), metric.name, metric.value))
            })
            .collect()
    }

    fn check(body: &str, expected: &[(&str, &'static str, f64)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(place, name, value)| (place.to_owned(), name, value))
            .collect();
        assert_eq!(numbers(body), expected, "{body}");
    }

    #[test]
    fn the_numbers_are_found_wherever_they_stand() {
        check(
            r#"{"status":"healthy","database":{"response_time_ms":3,"pool":{"pool_size":5,"checked_in":1,"checked_out":0,"overflow":-4,"invalid":0,"max_overflow":10,"pool_recycle_seconds":1800,"connect_timeout_seconds":5,"status":"available"}}}"#,
            &[
                ("/database/pool", "pool_size", 5.0),
                ("/database/pool", "checked_out", 0.0),
                ("/database/pool", "checked_in", 1.0),
                ("/database/pool", "overflow", -4.0),
                ("/database/pool", "max_overflow", 10.0),
                ("/database/pool", "pool_recycle", 1800.0),
            ],
        );
        check(
            r#"{"pool_size":"5","recycle":"1800s"}"#,
            &[("", "pool_size", 5.0), ("", "pool_recycle", 1800.0)],
        );
        check(
            r#"[{"pools":{"main_pool":{"size":5,"in_use":2}}}]"#,
            &[
                ("/0/pools/main_pool", "pool_size", 5.0),
                ("/0/pools/main_pool", "checked_out", 2.0),
            ],
        );
        check(
            r#"{"db":"Pool size: 5  Connections in pool: 1 Current Overflow: -4 Current Checked out connections: 0"}"#,
            &[
                ("/db", "pool_size", 5.0),
                ("/db", "checked_in", 1.0),
                ("/db", "overflow", -4.0),
                ("/db", "checked_out", 0.0),
            ],
        );
    }

    #[test]
    fn what_is_no_database_pool_is_left_out() {
        for body in [
            r#"{"cache":{"size":500},"disk":{"used":3,"size":9}}"#,
            r#"{"redis":{"pool_size":50}}"#,
            r#"{"redis_pool":{"size":50}}"#,
            r#"{"status":"ok"}"#,
            r#"{"pool":{"size":null,"in_use":"many"}}"#,
            "\"ok\"",
            "ok",
            "",
            "{",
        ] {
            check(body, &[]);
        }
    }

    #[test]
    fn prometheus_text_is_read_per_set_of_labels() {
        check(
            "# TYPE x gauge\nsqlalchemy_pool_size{db=\"a\"} 5\nsqlalchemy_pool_checked_out{db=\"a\"} 3 171234\n\
             app_db_pool_max_overflow 10\napp_db_pool_overflow -2\nredis_pool_size 9\nhttp_requests_total 3\npool_size NaN\n",
            &[
                ("db=\"a\"", "pool_size", 5.0),
                ("db=\"a\"", "checked_out", 3.0),
                ("", "max_overflow", 10.0),
                ("", "overflow", -2.0),
            ],
        );
    }

    #[test]
    fn a_path_chooses_the_part_and_one_that_leads_nowhere_is_an_error() {
        let body = br#"{"a":{"pool_size":1},"b":{"pool_size":2}}"#;
        for path in ["/b", "b", "$.b", ".b"] {
            let pools = read(body, Some(path), &[]).unwrap_or_default().pools;
            assert_eq!(pools.len(), 1, "{path}");
            assert_eq!(pools[0].metrics[0].source, "/b/pool_size");
        }
        assert_eq!(read(body, Some("c.d"), &[]), Err("/c/d".to_owned()));
        assert_eq!(pointer(""), "");
    }

    #[test]
    fn an_answer_that_says_that_it_is_unwell_is_heard() {
        let heard = |body: &str| {
            read(body.as_bytes(), None, &[])
                .unwrap_or_default()
                .confession
        };
        assert_eq!(
            heard(r#"{"status":"unhealthy"}"#).as_deref(),
            Some("/status is \"unhealthy\"")
        );
        assert_eq!(
            heard(r#"{"database":{"status":"DOWN"}}"#).as_deref(),
            Some("/database/status is \"DOWN\"")
        );
        assert_eq!(heard(r#"{"ok":false}"#).as_deref(), Some("/ok is false"));
        assert_eq!(heard(r#"{"status":"ok","database":true}"#), None);
    }

    #[test]
    fn a_deep_answer_ends_and_does_not_overflow() {
        let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
        check(&deep, &[]);
        let too_deep = "[".repeat(100_000);
        check(&too_deep, &[]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_answer_makes_the_reader_fail(
            body in prop_oneof![
                any::<Vec<u8>>(),
                "[a-z_]{0,9}(pool_size|overflow|checked_out)(\\{[^\\n]{0,9}\\})? ?-?[0-9.e]{0,5}\\n?".prop_map(String::into_bytes),
                "\\{\"pool\":\\{\"(size|overflow|recycle)\":\"?-?[0-9]{0,4}s?\"?\\}\\}".prop_map(String::into_bytes),
            ],
            path in prop::option::of("[a-z./~0-9]{0,9}"),
        ) {
            let answer = read(&body, path.as_deref(), &[]).unwrap_or_default();
            let metrics = answer.pools.iter().flat_map(|pool| &pool.metrics);
            prop_assert!(metrics.into_iter().all(|metric| metric.value.is_finite()));
        }
    }
}
