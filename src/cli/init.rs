//! `dbharden init`: writes a commented `dbharden.toml`, fitted to what the project's files say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::args::InitArgs;
use super::failure::Failure;
use super::output::quietly_closed;
use super::plan::CONFIG;
use super::surroundings::Surroundings;
use crate::conninfo::parse_parts;
use crate::facts::{Environment, EnvironmentKind, Made, Value};
use crate::inputs::project;
use crate::provider::{self, Provider};
use crate::report::ExitStatus;

/// The spec's variables, with the endings by which a project's own names are known.
const VARIABLES: [(&str, &str, &[&str]); 5] = [
    (
        "database_url",
        "DATABASE_URL",
        &[
            "DATABASE_URL",
            "POSTGRES_URL",
            "DB_URL",
            "DATABASE_URI",
            "DATABASE_DSN",
            "POSTGRES_DSN",
            "POSTGRES_URI",
            "DB_DSN",
            "DB_URI",
        ],
    ),
    ("pool_size", "DB_POOL_SIZE", &["POOL_SIZE", "POOLSIZE"]),
    (
        "max_overflow",
        "DB_MAX_OVERFLOW",
        &["MAX_OVERFLOW", "POOL_OVERFLOW"],
    ),
    (
        "pool_recycle",
        "DB_POOL_RECYCLE",
        &["POOL_RECYCLE", "POOL_RECYCLE_SECONDS"],
    ),
    ("pool_timeout", "DB_POOL_TIMEOUT", &["POOL_TIMEOUT"]),
];

/// Parts of the names of connection strings that the application itself uses last, if at all.
const SECONDARY: &[&str] = &[
    "SHADOW", "MIGRAT", "ALEMBIC", "DIRECT", "NON_POOL", "UNPOOLED", "REPLICA", "READ", "ADMIN",
];

pub(super) fn run(args: &InitArgs, surroundings: &Surroundings) -> Result<ExitStatus, Failure> {
    let root = surroundings.directory.join(&args.path);
    let path = root.join(CONFIG);
    let shown = args.path.join(CONFIG).display().to_string();
    let found = project::discover(&root);
    let text = config(&found.environments);
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let mut file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            format!("write {shown}"),
            anyhow::anyhow!("it is there already"),
        )
        .hint("remove it first, or edit it: dbharden never overwrites it"),
        _ => Failure::new(format!("write {shown}"), error),
    })?;
    if let Err(error) = file.write_all(text.as_bytes()) {
        // What is half written would be a broken configuration, and the next run would not replace it.
        let _ = std::fs::remove_file(&path);
        return Err(Failure::new(format!("write {shown}"), error));
    }
    let mut next = String::from("dbharden check");
    if args.path != Path::new(".") {
        let _ = write!(next, " {}", args.path.display());
    }
    quietly_closed(writeln!(
        io::stdout().lock(),
        "wrote {shown}; now run: {next}"
    ))?;
    Ok(ExitStatus::Pass)
}

/// Returns the text of a configuration for a project with these environments.
fn config(environments: &[Environment]) -> String {
    let mut text = String::from(
        "# What `dbharden check` expects of this project. Every key may be left out.\n\n\
         # \"enterprise\": SQLAlchemy on Render with Neon. \"essential\": only what breaks or leaks.\n\
         profile = \"enterprise\"\n\
         # The least severity that makes a run fail: error, warning, note or never.\n\
         fail_on = \"error\"\n\n[spec]\n\
         # The name that the application's sessions carry in pg_stat_activity.\n",
    );
    match services(environments).as_slice() {
        [service] => {
            // A string of JSON is one of TOML.
            let name = serde_json::Value::from(*service);
            text = format!("{text}application_name = {name}\n");
        }
        [] => text += "# application_name = \"my-application\"\n",
        several => {
            let several = several.join(", ").escape_debug().to_string();
            let _ = writeln!(
                text,
                "# One name for all: leave it out where each service has its own ({several}).\n\
                 # application_name = \"my-application\""
            );
        }
    }
    text += "# pool_size = { min = 1, max = 5 }\n# max_overflow = { min = 0, max = 10 }\n\
             # pool_recycle = { equals = 1800 }\n# pool_timeout = { min = 1, max = 30 }\n\
             # pool_pre_ping = true\n# port = \"explicit\"       # or \"any\"\n\
             # tls = \"require\"         # or \"verify-ca\", \"verify-full\", \"any\"\n\n\
             [variables]\n# What the project calls them; the first one that is set counts.\n";
    for (key, usual, endings) in VARIABLES {
        let names = names(environments, key, endings);
        text = if names.iter().all(|name| name == usual) {
            format!("{text}# {key} = [{usual:?}]\n")
        } else {
            format!("{text}{key} = {names:?}\n")
        };
    }
    text += "\n[deployment]\n# What no file says.\n# instances = 1\n# workers = 1            # per instance\n";
    text += &plan(environments);
    text += "\n[severity]\n# \"url-connect-timeout\" = \"error\"   # error, warning, note or off\n\n\
             # What the health endpoint calls the numbers of its pool, beside the usual names:\n\
             # [health]\n# checked_out = [\"leased\"]\n\n\
             # What the log says, beside the usual texts:\n\
             # [logs]\n# engine_started = [\"database pool is up\"]\n# pool_size = [\"maxConnections\"]\n\n\
             # A finding that is known and accepted until a day:\n# [[waive]]\n# rule = \"pool-recycle\"\n\
             # subject = \"DB_POOL_RECYCLE\"      # a glob; left out: every subject\n\
             # until = 2026-12-31               # the last day on which it counts\n\
             # reason = \"rolled back after incident 123\"\n";
    text
}

/// Returns the names of the services that deploy files describe, but for those of others: the
/// database itself, a cache.
fn services(environments: &[Environment]) -> Vec<&str> {
    let services = environments
        .iter()
        .filter(|one| one.kind == EnvironmentKind::Service && is_application(one));
    let mut names: Vec<&str> = services
        .filter_map(|one| one.name.rsplit_once(':'))
        .map(|(_, service)| service)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a service may be the project's own: somebody else's image is where it gets a
/// connection string.
fn is_application(service: &Environment) -> bool {
    let made = service.deployment.as_ref().map(|one| &one.made);
    let (key, _, endings) = VARIABLES[0];
    made != Some(&Made::Elsewhere) || !names(std::slice::from_ref(service), key, endings).is_empty()
}

/// Returns the variables that are named like one of the spec's, the most usual name first; a value
/// that is another database's URL does not count, and one that is Postgres' counts under any name.
fn names(environments: &[Environment], key: &str, endings: &[&str]) -> Vec<String> {
    let ending = |name: &str| endings.iter().position(|ending| name.ends_with(ending));
    let is_url = key == "database_url";
    let variables = environments.iter().flat_map(|one| &one.variables);
    let like: BTreeSet<&String> = variables
        .filter(|variable| match scheme(&variable.value) {
            Some(scheme) => is_url && scheme.starts_with("postgres"),
            None => ending(&variable.name).is_some(),
        })
        .map(|variable| &variable.name)
        .filter(|name| {
            !name
                .split('_')
                .any(|part| matches!(part, "TEST" | "TESTS" | "TESTING"))
        })
        .collect();
    let mut names: Vec<_> = like.into_iter().cloned().collect();
    names.sort_by_key(|name| {
        let secondary = SECONDARY.iter().any(|part| name.contains(part));
        let usual = endings.contains(&name.as_str());
        (secondary, ending(name).unwrap_or(usize::MAX), !usual)
    });
    names
}

/// Returns the scheme of a value that is a URL.
fn scheme(value: &Value) -> Option<&str> {
    match value {
        Value::Known(text) => Some(text.expose().split_once("://")?.0),
        Value::Unknown(_) => None,
    }
}

/// Returns the lines about the database's limit, with the provider where a connection string tells.
fn plan(environments: &[Environment]) -> String {
    let mut text = String::from("# plan_connections = 100 # the database's connection limit\n");
    let mut providers: Vec<&Provider> = Vec::new();
    for variable in environments.iter().flat_map(|one| &one.variables) {
        let Value::Known(value) = &variable.value else {
            continue;
        };
        let host = parse_parts(value.expose())
            .ok()
            .and_then(|parts| parts.hosts().into_iter().next()?.host);
        if let Some(found) = host.and_then(|host| provider::detect(&host, None))
            && !providers.iter().any(|known| known.id == found.provider.id)
        {
            providers.push(found.provider);
        }
    }
    for provider in providers {
        let _ = writeln!(
            text,
            "# The database is {}'s: take its limit from the plan's page.",
            provider.name
        );
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::config;
    use crate::facts::{Environment, EnvironmentKind, Value, Variable};
    use crate::spec::Spec;
    use crate::value::Origin;

    fn service(names: &[&str]) -> Environment {
        let variable =
            |name: &&str| Variable::new(*name, Value::Known("5".into()), Origin::env(*name));
        Environment {
            name: "render.yaml:shop".to_owned(),
            kind: EnvironmentKind::Service,
            variables: names.iter().map(variable).collect(),
            deployment: None,
        }
    }

    #[test]
    fn what_it_writes_can_be_read_back() {
        for environments in [
            vec![],
            vec![service(&["DATABASE_URL", "SQLALCHEMY_POOL_SIZE"])],
        ] {
            let text = config(&environments);
            Spec::load("dbharden.toml", &text, None, &[])
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }

    fn fitted(variables: &[(&str, &str)], services: &[&str]) -> Spec {
        let environments: Vec<Environment> = services
            .iter()
            .map(|name| Environment {
                name: format!("compose.yaml:{name}"),
                kind: EnvironmentKind::Service,
                variables: variables
                    .iter()
                    .map(|(name, value)| {
                        Variable::new(*name, Value::Known((*value).into()), Origin::env(*name))
                    })
                    .collect(),
                deployment: None,
            })
            .collect();
        let text = config(&environments);
        Spec::load("dbharden.toml", &text, None, &[]).unwrap().spec
    }

    #[test]
    fn the_variable_that_the_application_reads_is_first() {
        let postgres = "postgres://app@h/d";
        let check = |names: &[&str], expected: &[&str]| {
            let variables: Vec<_> = names.iter().map(|name| (*name, postgres)).collect();
            assert_eq!(fitted(&variables, &["a"]).variables.database_url, expected);
        };
        check(
            &["CI_DATABASE_URL", "DATABASE_URL", "TEST_DATABASE_URL"],
            &["DATABASE_URL", "CI_DATABASE_URL"],
        );
        check(
            &["ALEMBIC_DATABASE_URL", "APP_DATABASE_URL"],
            &["APP_DATABASE_URL", "ALEMBIC_DATABASE_URL"],
        );
        check(
            &["POSTGRES_PRISMA_URL", "POSTGRES_URL_NON_POOLING"],
            &["POSTGRES_PRISMA_URL", "POSTGRES_URL_NON_POOLING"],
        );
        check(&["DB_DSN"], &["DB_DSN"]);
        let mixed = [("MYSQL_DATABASE_URL", "mysql://h/d"), ("ORDERS", postgres)];
        let spec = fitted(&mixed, &["a"]);
        assert_eq!(spec.variables.database_url, ["ORDERS"]);
    }

    #[test]
    fn several_services_have_no_one_name() {
        assert_eq!(fitted(&[], &["api", "worker"]).application_name, None);
        let name = fitted(&[], &["api"]).application_name;
        assert_eq!(name.as_deref(), Some("api"));
        let quoted = fitted(&[], &["a\"b"]).application_name;
        assert_eq!(quoted.as_deref(), Some("a\"b"));
        let odd = fitted(&[], &["a\u{1b}\nb"]).application_name;
        assert_eq!(odd.as_deref(), Some("a\u{1b}\nb"));
        assert_eq!(fitted(&[], &["a\nb = 1", "c"]).application_name, None);
    }

    #[test]
    fn it_is_fitted_to_the_project() {
        let text = config(&[service(&["DATABASE_URL", "SQLALCHEMY_POOL_SIZE"])]);
        let spec = Spec::load("dbharden.toml", &text, None, &[]).unwrap().spec;
        assert_eq!(spec.variables.pool_size, ["SQLALCHEMY_POOL_SIZE"]);
        assert_eq!(spec.application_name.as_deref(), Some("shop"));
    }
}
