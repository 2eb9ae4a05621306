//! Claims about whole projects: texts in, engines out.

use super::{Findings, ProjectSources, scan};
use crate::facts::{Engine, Environment, EnvironmentKind, Known, SettingFrom, Value, Variable};
use crate::inputs::progress::Progress;
use crate::value::{Origin, Secret};

fn environment(name: &str, variables: &[(&str, &str)]) -> Environment {
    Environment {
        name: name.to_owned(),
        kind: EnvironmentKind::Process,
        variables: variables
            .iter()
            .map(|(name, value)| {
                Variable::new(
                    *name,
                    Value::Known(Secret::from(*value)),
                    Origin::env(*name),
                )
            })
            .collect(),
        deployment: None,
    }
}

fn findings(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Findings {
    let sources = ProjectSources::from_texts(files.iter().copied());
    scan(sources).findings(&[environment("process", variables)], &Progress::default())
}

/// Returns `value (code value) from`, as one line per engine and environment.
fn setting(engine: &Engine, name: &str) -> String {
    let setting = engine.setting(name).unwrap();
    let shown = |value: &Option<Known>| match value {
        Some(Known::Int(number)) => number.to_string(),
        Some(Known::Float(number)) => number.to_string(),
        Some(Known::Bool(truth)) => truth.to_string(),
        Some(Known::Text(text)) => format!("'{text}'"),
        Some(Known::None) => "None".to_owned(),
        None => "?".to_owned(),
    };
    let from = match &setting.from {
        SettingFrom::Literal => "literal".to_owned(),
        SettingFrom::Constant => "constant".to_owned(),
        SettingFrom::Env(name) => format!("env:{name}"),
        SettingFrom::EnvDefault(name) => format!("env-default:{name}"),
        SettingFrom::LibraryDefault => "default".to_owned(),
        SettingFrom::NotApplicable => "n/a".to_owned(),
        SettingFrom::Unknown(reason) => format!("unknown {reason}"),
    };
    format!(
        "{} ({}) {from}",
        shown(&setting.value),
        shown(&setting.code_value)
    )
}

fn check(text: &str, name: &str, expected: &str) {
    let found = findings(&[("app/db.py", text)], &[]);
    let shown: Vec<String> = found
        .engines
        .iter()
        .map(|engine| setting(engine, name))
        .collect();
    assert_eq!(shown, [expected], "{text}");
}

const IMPORT: &str = "import os\nfrom sqlalchemy import create_engine\n";

#[test]
fn a_setting_is_followed_to_where_it_is_set() {
    for (text, expected) in [
        (
            "e = create_engine('postgresql://h/d', pool_size=20)",
            "20 (20) literal",
        ),
        ("e = create_engine('postgresql://h/d')", "5 (5) default"),
        (
            "N = 20\ne = create_engine('postgresql://h/d', pool_size=N)",
            "20 (20) constant",
        ),
        (
            "e = create_engine(os.environ['U'], pool_size=int(os.getenv('N', '7')))",
            "7 (7) env-default:N",
        ),
        (
            "e = create_engine(os.environ['U'], pool_size=int(os.getenv('N') or 7))",
            "7 (7) env-default:N",
        ),
        (
            "kw = {'pool_size': 9}\nif os.getenv('X'):\n    kw['pool_size'] = 3\ne = create_engine('postgresql://h/d', **kw)",
            "9 (9) constant",
        ),
        (
            "def f():\n    return create_engine(URL, pool_size=4)",
            "4 (4) literal",
        ),
        (
            "def f(n):\n    return create_engine(URL, pool_size=n)",
            "? (?) unknown `n` (app/db.py:3)",
        ),
        (
            "def f(n):\n    return create_engine(URL, pool_size=n)\nf(12)",
            "12 (12) constant",
        ),
        (
            "def f(**kw):\n    return create_engine(URL, **kw)\n",
            "? (?) unknown `**kw` (app/db.py:3)",
        ),
        (
            "from other import N\ne = create_engine(URL, pool_size=N)",
            "? (?) unknown `other.N`",
        ),
    ] {
        check(&format!("{IMPORT}{text}"), "pool_size", expected);
    }
}

/// Returns the pool size of the only engine of some files, by the code and in an environment.
fn pool_sizes(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Vec<String> {
    let found = findings(files, variables);
    found
        .engines
        .iter()
        .map(|engine| setting(engine, "pool_size"))
        .collect()
}

const ENGINE: &str = "import os\nfrom sqlalchemy import create_engine\n\
    engine = create_engine(os.environ['URL'], pool_size=int(os.getenv('SIZE', '5')))\n";

#[test]
fn a_variable_that_the_program_sets_itself_is_not_known() {
    for written in [
        "import os\nos.environ['SIZE'] = '20'\nfrom app.db import engine\n",
        "import os\ndef main():\n    os.environ['SIZE'] = '20'\n    from app.db import engine\n",
        "import os\nos.environ.update(SIZE='20')\nimport app.db\n",
        "import os\nos.environ.setdefault('SIZE', '20')\nimport app.db\n",
        "import os\nenv = os.environ\nenv['SIZE'] = '20'\nimport app.db\n",
        "import os\nKEY = 'SIZE'\nos.environ[KEY] = '20'\nimport app.db\n",
        "import os\nfor k, v in {'SIZE': '20'}.items():\n    os.environ[k] = v\nimport app.db\n",
        "import os\nos.environ |= {'SIZE': '20'}\nimport app.db\n",
    ] {
        let sizes = pool_sizes(&[("app/db.py", ENGINE), ("main.py", written)], &[]);
        assert!(
            sizes[0].starts_with("? (?) unknown"),
            "{written}: {sizes:?}"
        );
    }
    for other in [
        "import os\nos.environ['OTHER'] = '20'\nfrom app.db import engine\n",
        "import os\nprint(os.environ['SIZE'] == '20')\n",
        "def application(environ):\n    request.environ['SIZE'] = '20'\n",
    ] {
        let sizes = pool_sizes(&[("app/db.py", ENGINE), ("main.py", other)], &[]);
        assert_eq!(sizes, ["5 (5) env-default:SIZE"], "{other}");
    }
    for own in ["os.environ |= {'SIZE': '20'}", "os.environ.clear()"] {
        let text = ENGINE.replacen("import os\n", &format!("import os\n{own}\n"), 1);
        assert_ne!(text, ENGINE);
        let sizes = pool_sizes(&[("app/db.py", &text)], &[]);
        assert!(sizes[0].starts_with("? (?) unknown"), "{own}: {sizes:?}");
    }
    let tests = "import os\nos.environ['SIZE'] = '20'\n";
    let sizes = pool_sizes(&[("app/db.py", ENGINE), ("tests/conftest.py", tests)], &[]);
    assert_eq!(sizes, ["5 (5) env-default:SIZE"]);
}

#[test]
fn a_default_that_the_program_sets_leaves_a_variable_that_is_set() {
    let main = "import os\nos.environ.setdefault('SIZE', '20')\nimport app.db\n";
    let files = [("app/db.py", ENGINE), ("main.py", main)];
    let sizes = pool_sizes(&files, &[("SIZE", "7")]);
    assert_eq!(sizes[1], "7 (?) env:SIZE");
    let own = ENGINE.replace("engine =", "os.environ.setdefault('SIZE', '20')\nengine =");
    let sizes = pool_sizes(&[("app/db.py", &own)], &[("SIZE", "7")]);
    assert_eq!(sizes[1], "7 (?) env:SIZE");
}

#[test]
fn a_file_that_makes_no_engine_is_run_when_its_names_are_read() {
    let db = "from sqlalchemy import create_engine\nfrom app.settings import SIZE\n\
        from app import limits\nimport app.more as more\n\
        engine = create_engine('postgresql://h/d', pool_size=SIZE, \
        max_overflow=limits.OVERFLOW, pool_timeout=more.TIMEOUT)\n";
    let files = [
        ("app/__init__.py", ""),
        ("app/db.py", db),
        ("app/settings.py", "from app.base import SMALL as SIZE\n"),
        ("app/base.py", "SMALL = 3\n"),
        ("app/limits.py", "OVERFLOW = 4\n"),
        ("app/more.py", "TIMEOUT = 6\n"),
    ];
    let found = findings(&files, &[]);
    let engine = &found.engines[0];
    assert_eq!(setting(engine, "pool_size"), "3 (3) constant");
    assert_eq!(setting(engine, "max_overflow"), "4 (4) constant");
    assert_eq!(setting(engine, "pool_timeout"), "6 (6) constant");
}

#[test]
fn a_branch_that_reads_an_import_leaves_it_known() {
    let db = "import os\nfrom sqlalchemy import create_engine\nfrom app.settings import SIZE\n\
        if os.getenv('DEBUG'):\n    print(SIZE)\n\
        engine = create_engine('postgresql://h/d', pool_size=SIZE)\n";
    let files = [("app/db.py", db), ("app/settings.py", "SIZE = 3\n")];
    assert_eq!(pool_sizes(&files, &[]), ["3 (3) constant"]);
}

#[test]
fn what_another_file_does_to_a_dict_of_options_is_not_known() {
    let db = "from sqlalchemy import create_engine\nfrom app.settings import OPTIONS\n\
        engine = create_engine('postgresql://h/d', **OPTIONS)\n";
    for change in [
        "from app.settings import OPTIONS\nOPTIONS['pool_size'] = 9\n",
        "from app import settings\nsettings.OPTIONS.update(pool_size=9)\n",
    ] {
        let files = [
            ("app/__init__.py", ""),
            ("app/db.py", db),
            ("app/settings.py", "OPTIONS = {'pool_size': 3}\n"),
            ("main.py", change),
        ];
        let sizes = pool_sizes(&files, &[]);
        assert!(sizes[0].starts_with('?'), "{change}: {sizes:?}");
    }
}

#[test]
fn a_name_that_two_files_import_from_each_other_is_not_known() {
    let files = [
        (
            "app.py",
            "from sqlalchemy import create_engine\nfrom pkg.a import SIZE\n\
             e = create_engine('postgresql://h/d', pool_size=SIZE)\n",
        ),
        ("pkg/__init__.py", "from .a import *\n"),
        ("pkg/a.py", "from pkg import SIZE\n"),
    ];
    let sizes = pool_sizes(&files, &[]);
    assert!(sizes[0].starts_with("? (?) unknown `SIZE`"), "{sizes:?}");
}

#[test]
fn what_a_branch_writes_into_an_instance_s_options_is_not_lost() {
    let text = "class Database:
    def __init__(self, size=20, pooled=True):
        options = {'pool_pre_ping': True}
        if pooled:
            options['pool_size'] = size
        self.options = options
    def engine(self):
        return create_engine('postgresql://h/d', **self.options)
";
    for rest in ["", "database = Database(size=21)\n"] {
        check(
            &format!("{IMPORT}{text}{rest}"),
            "pool_size",
            "? (?) unknown `size` (app/db.py:4)",
        );
    }
}

#[test]
fn what_a_branch_writes_in_code_that_is_not_reached_is_not_lost() {
    let text = "if os.getenv('PRODUCTION'):
    options = {}
    if unknown():
        options['pool_size'] = 50
    engine = create_engine(os.environ['URL'], **options)
";
    check(
        &format!("{IMPORT}{text}"),
        "pool_size",
        "? (?) unknown `unknown()` (app/db.py:5)",
    );
}

#[test]
fn a_default_that_a_function_returns_is_the_one_beside_its_variable() {
    let text = "def number(name, default):
    raw = os.getenv(name)
    if raw is None:
        return default
    return int(raw)
engine = create_engine(os.environ['URL'], pool_size=number('DB_POOL_SIZE', 7))
";
    check(
        &format!("{IMPORT}{text}"),
        "pool_size",
        "7 (7) env-default:DB_POOL_SIZE",
    );
}

#[test]
fn a_variable_that_merely_decides_for_the_address_is_not_the_address() {
    for (text, expected) in [
        (
            "URL = config.get(os.getenv('ENV', 'dev'), 'url')",
            "unknown",
        ),
        ("URL = normal(os.getenv('DB_URL'))", "env:DB_URL"),
    ] {
        let text =
            format!("{IMPORT}from conf import config, normal\n{text}\ne = create_engine(URL)\n");
        let found = findings(&[("app/db.py", &text)], &[]);
        assert_eq!(found.engines[0].url_from, expected, "{text}");
    }
}

/// Returns the line, the environment and the dialect of each engine of a file.
fn dialects(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let text = format!("{IMPORT}{text}");
    findings(&[("app/db.py", &text)], variables)
        .engines
        .iter()
        .map(|engine| {
            format!(
                "{} {} {}",
                engine.line,
                engine.environment.as_deref().unwrap_or("code"),
                engine.details.dialect.as_deref().unwrap_or("?")
            )
        })
        .collect()
}

#[test]
fn a_branch_that_no_postgres_url_reaches_makes_no_postgres_engine() {
    let branches = "if URL.startswith('sqlite'):
    engine = create_engine(URL, connect_args={'check_same_thread': False})
else:
    engine = create_engine(URL, pool_size=5)
";
    let read = "URL = os.getenv('DATABASE_URL', 'postgresql://h/d')\n";
    assert_eq!(
        dialects(&format!("{read}{branches}"), &[]),
        ["5 code not PostgreSQL", "7 code postgresql"]
    );
    let unknown = "from conf import URL\n";
    assert_eq!(
        dialects(&format!("{unknown}{branches}"), &[]),
        ["5 code sqlite", "7 code ?"]
    );
    // Another variable decides: it may well be set where this is deployed.
    let other = "URL = os.getenv('DATABASE_URL', 'postgresql://h/d')
if os.getenv('PRODUCTION'):
    engine = create_engine(URL, pool_size=50)
";
    assert_eq!(dialects(other, &[]), ["5 code postgresql"]);
}

#[test]
fn an_engine_that_is_sqlite_by_default_is_also_seen_on_postgres() {
    let text = "URL = os.getenv('DATABASE_URL', 'sqlite:///dev.db')
options = {}
if URL.startswith('postgres'):
    options = {'pool_size': 20}
engine = create_engine(URL, **options)
";
    let name = "PostgreSQL ($DATABASE_URL)";
    assert_eq!(
        dialects(text, &[]),
        [format!("7 {name} ?"), "7 code sqlite".to_owned()]
    );
    let whole = format!("{IMPORT}{text}");
    let found = findings(&[("app/db.py", &whole)], &[]);
    assert_eq!(setting(&found.engines[0], "pool_size"), "20 (5) constant");
    assert!(found.engines[0].details.url.text.is_none());
    // What an environment says is enough, and so is that nothing speaks of PostgreSQL.
    assert_eq!(
        dialects(text, &[("DATABASE_URL", "sqlite:///x.db")]),
        ["7 code sqlite", "7 process sqlite"]
    );
    let alone =
        "URL = os.getenv('DATABASE_URL', 'sqlite:///dev.db')\nengine = create_engine(URL)\n";
    assert_eq!(dialects(alone, &[]), ["4 code sqlite"]);
}

#[test]
fn a_database_that_an_environment_alone_makes_is_found() {
    let text = "import os\nimport dj_database_url\nURL = os.getenv('DATABASE_URL')
if URL is not None:
    DATABASES = {'default': dj_database_url.parse(URL, conn_max_age=300)}
";
    let url = ("DATABASE_URL", "postgresql://h/d");
    let found = findings(&[("shop/settings.py", text)], &[url]);
    let engines: Vec<_> = found
        .engines
        .iter()
        .map(|engine| (engine.line, engine.environment.as_deref()))
        .collect();
    assert_eq!(engines, [(5, Some("process"))]);
}

#[test]
fn a_module_that_imports_a_key_of_flask_is_no_configuration() {
    let db = "from flask_sqlalchemy import SQLAlchemy\nfrom .limits import SQLALCHEMY_POOL_SIZE\n\
        db = SQLAlchemy(engine_options={'pool_size': int(SQLALCHEMY_POOL_SIZE)})\n";
    let found = findings(&[("app/db.py", db)], &[]);
    let engine = &found.engines[0];
    assert!(engine.details.argument("SQLALCHEMY_POOL_SIZE").is_none());
    let config = "SQLALCHEMY_POOL_SIZE = 3\n";
    let plain = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n";
    let found = findings(&[("app/db.py", plain), ("app/config.py", config)], &[]);
    let engine = &found.engines[0];
    assert!(engine.details.argument("SQLALCHEMY_POOL_SIZE").is_some());
}
