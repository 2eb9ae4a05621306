//! Modules put together at random from ways in which a value gets in, seeded so that they stay.

use std::collections::BTreeMap;

use crate::case::Case;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

/// Expressions for a number; `@` is the number, `%` the variable.
const NUMBERS: [&str; 22] = [
    "@",
    "(@)",
    "@ + 1",
    "2 * @",
    "@ * 60 // 3",
    "-(-@)",
    "int('@')",
    "int(os.getenv('%', '@'))",
    "int(os.getenv('%', @))",
    "int(os.environ.get('%', '@'))",
    "int(os.environ.get('%') or @)",
    "@ if os.getenv('FLAG') else @ + 2",
    "max(@, int(os.getenv('%', '3')))",
    "min(@, 40)",
    "CONST_@",
    "NUMBERS['n'] + @",
    "Config.number + @",
    "helper('%', @)",
    "clamp(@)",
    "int(os.environ['%']) if '%' in os.environ else @",
    "(lambda n: n + @)(1)",
    "NUMBERS.get('%', @)",
];

/// Ways to hand keywords over; `{k}` is the keywords, `{d}` the same as a dict display.
const DELIVERY: [&str; 14] = [
    "engine = create_engine(URL, {k})",
    "engine = create_engine(URL, **{d})",
    "options = {d}\nengine = create_engine(URL, **options)",
    "options = dict({k})\nengine = create_engine(URL, **options)",
    "options = {'echo': False}\noptions.update({d})\nengine = create_engine(URL, **options)",
    "options = {**{d}, 'echo': True}\nengine = create_engine(URL, **options)",
    "def make(**kw):\n    return create_engine(URL, **kw)\nengine = make({k})",
    "def make(url=URL, **kw):\n    kw.setdefault('pool_pre_ping', True)\n    return create_engine(url, **kw)\nengine = make({k})",
    "from functools import partial\nmake = partial(create_engine, URL, echo=False)\nengine = make({k})",
    "options = {d}\nif os.getenv('FLAG'):\n    options['max_overflow'] = 1\nengine = create_engine(URL, **options)",
    "options = {d}\nif os.getenv('FLAG') == 'x':\n    engine = create_engine(URL, **options)\nelse:\n    engine = create_engine(URL, echo=True, **options)",
    "class Maker:\n    def __init__(self, **kw):\n        self.kw = kw\n    def make(self):\n        return create_engine(URL, **self.kw)\nengine = Maker({k}).make()",
    "try:\n    engine = create_engine(URL, {k})\nexcept Exception:\n    engine = None",
    "options = {d}\nfor key in ('echo', 'echo_pool'):\n    options[key] = False\nengine = create_engine(URL, **options)",
];

const PRELUDE: &str = "\
import os
from sqlalchemy import create_engine
URL = os.getenv('DATABASE_URL', 'postgresql+psycopg2://u:p@h/d')
NUMBERS = {'n': 4, 'm': 6}
class Config:
    number = int(os.getenv('NUMBER', '11'))
def helper(name, default):
    value = os.getenv(name)
    if value is None or not value.strip():
        return default
    try:
        return int(value)
    except ValueError:
        return default
def clamp(n, low=1, high=50):
    return max(low, min(n, high))
";

const KEYS: [(&str, &str); 4] = [
    ("pool_size", "DB_POOL_SIZE"),
    ("max_overflow", "DB_MAX_OVERFLOW"),
    ("pool_recycle", "DB_POOL_RECYCLE"),
    ("pool_timeout", "DB_POOL_TIMEOUT"),
];

/// Makes cases.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random(seed);
    (0..count).map(|index| case(index, &mut random)).collect()
}

fn case(index: usize, random: &mut Random) -> Case {
    let mut constants = String::new();
    let mut pairs = Vec::new();
    for (key, variable) in KEYS {
        if random.below(4) == 0 {
            continue;
        }
        let number = 1 + random.below(30);
        let expression = random
            .pick(&NUMBERS)
            .replace('@', &number.to_string())
            .replace('%', variable);
        if expression.starts_with("CONST_") {
            constants = format!("{constants}{expression} = {number}\n");
        }
        pairs.push((key, expression));
    }
    if random.below(2) == 0 {
        pairs.push((
            "pool_pre_ping",
            random
                .pick(&[
                    "True",
                    "False",
                    "bool(1)",
                    "os.getenv('PING', 'true').lower() == 'true'",
                ])
                .to_owned(),
        ));
    }
    if pairs.is_empty() {
        pairs.push(("pool_size", "3".to_owned()));
    }
    let keywords: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let dict: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("'{key}': {value}"))
        .collect();
    let body = random
        .pick(&DELIVERY)
        .replace("{k}", &keywords.join(", "))
        .replace("{d}", &format!("{{{}}}", dict.join(", ")));
    let mut environments = vec![BTreeMap::new()];
    for _ in 0..3 {
        let mut variables = BTreeMap::new();
        for (name, values) in [
            ("DB_POOL_SIZE", ["7", "", "x"]),
            ("DB_MAX_OVERFLOW", ["12", " 8 ", "-1"]),
            ("DB_POOL_RECYCLE", ["1800", "1_000", "300"]),
            ("DB_POOL_TIMEOUT", ["30", "5", "0"]),
            ("FLAG", ["x", "1", ""]),
            ("NUMBER", ["2", "13", "21"]),
            ("PING", ["false", "TRUE", "1"]),
            (
                "DATABASE_URL",
                [
                    "postgresql+psycopg2://a@b/c",
                    "postgresql://x@y/z",
                    "postgresql+psycopg://q@r/s",
                ],
            ),
        ] {
            if random.below(2) == 0 {
                variables.insert(name.to_owned(), random.pick(&values).to_owned());
            }
        }
        environments.push(variables);
    }
    Case {
        name: format!("generated {index}: {body}"),
        files: vec![("db.py".to_owned(), format!("{PRELUDE}{constants}{body}\n"))],
        environments,
        call: String::new(),
        resolvable: true,
    }
}
