//! What a string resolves to in its surroundings, and which values are refused, as in libpq.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use dbharden::conninfo::keywords::{KEYWORDS, find};
use dbharden::conninfo::{Ambient, ConnInfo, parse, password_file_path, resolve};
use dbharden::value::{Origin, Secret, Sourced};
use serde_json::{Value, json};

use crate::judge;

/// A string with its surroundings; nobody listens where it leads.
struct Case {
    text: &'static str,
    variables: &'static [(&'static str, &'static str)],
    services: Option<&'static str>,
    passwords: Option<&'static str>,
}

const fn case(text: &'static str, variables: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        text,
        variables,
        services: None,
        passwords: None,
    }
}

const fn service(
    text: &'static str,
    variables: &'static [(&'static str, &'static str)],
    services: &'static str,
) -> Case {
    Case {
        services: Some(services),
        ..case(text, variables)
    }
}

const fn passwords(text: &'static str, passwords: &'static str) -> Case {
    Case {
        passwords: Some(passwords),
        ..case(text, &[])
    }
}

const SERVICES: &str = "# the services\n[other]\nhost=127.0.0.2\n\n  [app]  \n  host=127.0.0.1\n\
    port=1\nuser=svc\nsslmode=require\nuser=later\n# note\n[last]\nport=2\nuser=x y\n";

const CASES: &[Case] = &[
    case("postgresql://u:p@127.0.0.1:1/db", &[]),
    case("host=127.0.0.1 port=1", &[]),
    case(
        "host=127.0.0.1 port=1",
        &[("PGUSER", "v"), ("PGPASSWORD", "w"), ("PGDATABASE", "d")],
    ),
    case(
        "host=127.0.0.1 port=1 user=u",
        &[("PGUSER", "v"), ("PGSSLMODE", "require")],
    ),
    case("user=u", &[("PGHOST", "127.0.0.1"), ("PGPORT", "1")]),
    case("user=u", &[("PGHOST", "/nowhere"), ("PGPORT", "1")]),
    case("user=u host=/nowhere", &[]),
    case("user=u host=@nowhere", &[]),
    case("user=u port=1", &[]),
    case("user=u host='' port=1", &[("PGHOST", "127.0.0.1")]),
    case("postgresql://u@/db?port=1", &[("PGHOST", "/nowhere")]),
    case("user=u host=name.invalid hostaddr=127.0.0.1 port=1", &[]),
    case("user=u hostaddr=127.0.0.1 port=1", &[]),
    case(
        "user=u port=1",
        &[("PGHOSTADDR", "127.0.0.1"), ("PGHOST", "name.invalid")],
    ),
    case("user=u host=127.0.0.1,127.0.0.2 port=1", &[]),
    case("user=u host=127.0.0.1,127.0.0.2 port=1,2", &[]),
    case("user=u host=127.0.0.1,127.0.0.2 port=1,2,3", &[]),
    case("user=u host=127.0.0.1 port=1,2", &[]),
    case("user=u host=127.0.0.1,,/nowhere port=1", &[]),
    case(
        "user=u host=127.0.0.1,127.0.0.2 hostaddr=127.0.0.1 port=1",
        &[],
    ),
    case(
        "user=u host=127.0.0.1 hostaddr=127.0.0.1,127.0.0.2 port=1",
        &[],
    ),
    case("postgresql://u@127.0.0.1,127.0.0.2:2/db", &[]),
    case("dbname= user= host=127.0.0.1 port=1", &[("PGUSER", "v")]),
    case(
        "host=127.0.0.1 port=1 dbname=",
        &[("PGDATABASE", "d"), ("PGUSER", "v")],
    ),
    case("host=127.0.0.1 port=1 password=", &[("PGPASSWORD", "w")]),
    // TLS.
    case("host=127.0.0.1 port=1", &[("PGREQUIRESSL", "1")]),
    case("host=127.0.0.1 port=1", &[("PGREQUIRESSL", "0")]),
    case(
        "host=127.0.0.1 port=1",
        &[("PGREQUIRESSL", "1"), ("PGSSLMODE", "disable")],
    ),
    case("host=127.0.0.1 port=1 sslrootcert=system", &[]),
    case("host=127.0.0.1 port=1", &[("PGSSLROOTCERT", "system")]),
    case(
        "host=127.0.0.1 port=1",
        &[("PGSSLROOTCERT", "system"), ("PGSSLMODE", "require")],
    ),
    case(
        "host=127.0.0.1 port=1 sslrootcert=system sslmode=verify-full",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 sslrootcert=system sslmode=verify-ca",
        &[],
    ),
    case("host=127.0.0.1 port=1 sslmode=", &[]),
    case("host=127.0.0.1 port=1 sslmode=Require", &[]),
    case("host=127.0.0.1 port=1", &[("PGSSLMODE", "")]),
    case("host=127.0.0.1 port=1 sslnegotiation=direct", &[]),
    case(
        "host=127.0.0.1 port=1 sslnegotiation=direct sslmode=require",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 sslnegotiation=direct sslrootcert=system",
        &[],
    ),
    case("host=127.0.0.1 port=1 sslnegotiation=none", &[]),
    case("host=127.0.0.1 port=1 sslnegotiation=", &[]),
    case(
        "host=127.0.0.1 port=1 ssl_min_protocol_version=TLSv1.4",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 ssl_min_protocol_version=tlsv1.3",
        &[],
    ),
    case("host=127.0.0.1 port=1 ssl_min_protocol_version=", &[]),
    case(
        "host=127.0.0.1 port=1 ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 ssl_max_protocol_version=TLSv1.1",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 ssl_min_protocol_version= ssl_max_protocol_version=TLSv1.1",
        &[],
    ),
    case("host=127.0.0.1 port=1 sslcertmode=maybe", &[]),
    case("host=127.0.0.1 port=1 sslcertmode=allow", &[]),
    // Other closed lists.
    case("host=127.0.0.1 port=1 channel_binding=require", &[]),
    case("host=127.0.0.1 port=1 channel_binding=on", &[]),
    case("host=127.0.0.1 port=1 gssencmode=never", &[]),
    case("host=127.0.0.1 port=1 target_session_attrs=master", &[]),
    case(
        "host=127.0.0.1 port=1 target_session_attrs=prefer-standby",
        &[],
    ),
    case("host=127.0.0.1 port=1 target_session_attrs=", &[]),
    case("host=127.0.0.1 port=1 load_balance_hosts=yes", &[]),
    case("host=127.0.0.1 port=1 load_balance_hosts=random", &[]),
    case("host=127.0.0.1 port=1 require_auth=scram-sha-256", &[]),
    case(
        "host=127.0.0.1 port=1 require_auth=scram-sha-256,md5,none",
        &[],
    ),
    case("host=127.0.0.1 port=1 require_auth=!none,!md5", &[]),
    case("host=127.0.0.1 port=1 require_auth=!none,md5", &[]),
    case("host=127.0.0.1 port=1 require_auth=md5,!none", &[]),
    case("host=127.0.0.1 port=1 require_auth=md5,md5", &[]),
    case("host=127.0.0.1 port=1 require_auth=none,none", &[]),
    case("host=127.0.0.1 port=1 require_auth=md5,", &[]),
    case("host=127.0.0.1 port=1 require_auth=SCRAM", &[]),
    case("host=127.0.0.1 port=1 require_auth=oauth", &[]),
    case("host=127.0.0.1 port=1 require_auth=", &[]),
    case(
        "host=127.0.0.1 port=1 min_protocol_version=3.2 max_protocol_version=3.0",
        &[],
    ),
    case("host=127.0.0.1 port=1 min_protocol_version=3.2", &[]),
    case("host=127.0.0.1 port=1 min_protocol_version=latest", &[]),
    case("host=127.0.0.1 port=1 max_protocol_version=3.0", &[]),
    case("host=127.0.0.1 port=1 max_protocol_version=3.1", &[]),
    case("host=127.0.0.1 port=1 max_protocol_version=3.3", &[]),
    case("host=127.0.0.1 port=1 max_protocol_version=4", &[]),
    case("host=127.0.0.1 port=1 max_protocol_version=", &[]),
    case("host=127.0.0.1 port=1 scram_client_key=AAAA", &[]),
    case(
        "host=127.0.0.1 port=1 scram_client_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        &[],
    ),
    case(
        "host=127.0.0.1 port=1 scram_server_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        &[],
    ),
    case("host=127.0.0.1 port=1 scram_server_key=", &[]),
    case("host=127.0.0.1 port=1 scram_client_key=!", &[]),
    // Numbers.
    case("host=127.0.0.1 port=0", &[]),
    case("host=127.0.0.1 port=65536", &[]),
    case("host=127.0.0.1 port=-1", &[]),
    case("host=127.0.0.1 port=x", &[]),
    case("host=127.0.0.1 port=1x", &[]),
    case("host=127.0.0.1 port=' 1 '", &[]),
    case("host=127.0.0.1 port=+1", &[]),
    case("host=127.0.0.1 port=0001", &[]),
    case("host=127.0.0.1 port=99999999999", &[]),
    case("host=127.0.0.1", &[("PGPORT", "abc")]),
    case("host=/nowhere port=0", &[]),
    case("host=127.0.0.1 port=1 connect_timeout=3", &[]),
    case("host=127.0.0.1 port=1 connect_timeout=2.5", &[]),
    case("host=127.0.0.1 port=1 connect_timeout=abc", &[]),
    case("host=127.0.0.1 port=1 connect_timeout=-1", &[]),
    case("host=127.0.0.1 port=1 connect_timeout=", &[]),
    case("host=127.0.0.1 port=1 keepalives=x", &[]),
    case("host=127.0.0.1 port=1 keepalives=", &[]),
    case("host=127.0.0.1 port=1 keepalives=0 keepalives_idle=x", &[]),
    case("host=127.0.0.1 port=1 keepalives_idle=x", &[]),
    case("host=127.0.0.1 port=1 keepalives_interval=", &[]),
    case("host=127.0.0.1 port=1 keepalives_count=3", &[]),
    case("host=127.0.0.1 port=1 tcp_user_timeout=x", &[]),
    case("host=/nowhere port=1 keepalives_idle=x", &[]),
    // Services.
    service("service=app", &[], SERVICES),
    service("service=app user=u", &[("PGSSLMODE", "disable")], SERVICES),
    service("postgresql://u@/db?service=app", &[], SERVICES),
    service("host=127.0.0.1", &[("PGSERVICE", "last")], SERVICES),
    service(
        "host=127.0.0.1",
        &[("PGSERVICE", "last"), ("PGUSER", "v"), ("PGPORT", "9")],
        SERVICES,
    ),
    service("service=nosuch", &[], SERVICES),
    service("service=ap", &[], SERVICES),
    service("service=app", &[("PGSERVICE", "nosuch")], SERVICES),
    service("host=127.0.0.1 port=1", &[("PGSERVICE", "")], SERVICES),
    service(
        "service=app",
        &[("PGSERVICEFILE", "/nowhere/pg_service.conf")],
        SERVICES,
    ),
    service("service=a", &[], "[a]\nhost 127.0.0.1\n"),
    service("service=a", &[], "[a]\nservice=b\n"),
    service("service=a", &[], "[a]\nbogus=b\n"),
    service("service=a", &[], "[a]\nrequiressl=1\n"),
    service("service=a", &[], "[a]\nhost = 127.0.0.1\n"),
    service("service=a", &[], "[a]\r\nhost=127.0.0.1\r\nport=1\r\n"),
    service(
        "service=a",
        &[],
        "[b]\nbogus\n[a] trailing\nhost=127.0.0.1\nport=1",
    ),
    service("service=a", &[], "[a]\nhost=127.0.0.1\nport=1\n[b]\nbogus"),
    service(
        "service=a",
        &[],
        "[a]\nhost=127.0.0.1\nport=1\npassword=a=b 'c'\n",
    ),
    case("service=app", &[]),
    // Password files.
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:pw",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:pw\n127.0.0.1:1:d:u:later\n",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "# c\n\n127.0.0.1:1:d:v:no\n*:*:*:*:star\n",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:a\\:b\\\\c:rest",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:pw\r\n",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:pw ",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        " 127.0.0.1:1:d:u:pw",
    ),
    passwords("user=u host=127.0.0.1 port=1 dbname=d", "127.0.0.1:1:d:u:"),
    passwords("user=u host=127.0.0.1 port=1 dbname=d", "127.0.0.1:1:d:u"),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:trailing\\",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d password=p",
        "*:*:*:*:star",
    ),
    passwords(
        "user=u host=127.0.0.1 port=1 dbname=d password=",
        "*:*:*:*:star",
    ),
    passwords("user=a:b host=127.0.0.1 port=1 dbname=d", "*:*:*:a\\:b:pw"),
    passwords("user=a:b host=127.0.0.1 port=1 dbname=d", "*:*:*:a:b:pw"),
    passwords(
        "user=a\\\\b host=127.0.0.1 port=1 dbname=d",
        "*:*:*:a\\\\b:pw",
    ),
    passwords("user=u host=::1 port=1 dbname=d", "::1:1:d:u:pw"),
    passwords("user=u host=::1 port=1 dbname=d", "\\:\\:1:1:d:u:pw"),
    passwords("user=u port=1 dbname=d", "localhost:1:d:u:pw"),
    passwords(
        "user=u port=1 dbname=d host=/nowhere",
        "localhost:1:d:u:no\n/nowhere:1:d:u:pw",
    ),
    passwords(
        "user=u port=1 dbname=d host=/var/run/postgresql",
        "localhost:1:d:u:pw",
    ),
    passwords(
        "user=u hostaddr=127.0.0.1 port=1 dbname=d",
        "127.0.0.1:1:d:u:pw",
    ),
    passwords(
        "user=u host=name.invalid hostaddr=127.0.0.1 port=1 dbname=d",
        "name.invalid:1:d:u:pw",
    ),
    passwords(
        "user=u host=127.0.0.1,127.0.0.2 port=1 dbname=d",
        "127.0.0.2:1:d:u:second",
    ),
    passwords("user=ü host=127.0.0.1 port=1 dbname=d", "*:*:*:ü:pw"),
    passwords("host=127.0.0.1 port=1 user=u", "*:*:u:u:pw"),
    passwords(
        "host=127.0.0.1 port=1 user=u passfile=/nowhere",
        "*:*:*:*:pw",
    ),
    passwords("host=127.0.0.1 port=1 user=u passfile=", "*:*:*:*:pw"),
];

/// Writes a case's files below a home of its own and returns what surrounds its string.
fn surroundings(case: &Case, home: &Path) -> Ambient {
    let path = |name: &str| home.join(name).to_str().unwrap().to_owned();
    let mut ambient = Ambient {
        home: Some(home.to_str().unwrap().to_owned()),
        ..Ambient::default()
    };
    for (name, value) in case.variables {
        ambient.variables.insert(
            (*name).to_owned(),
            Sourced::new(Secret::from(*value), Origin::env(*name)),
        );
    }
    if let Some(text) = case.services {
        fs::write(path(".pg_service.conf"), text).unwrap();
        if !ambient.variables.contains_key("PGSERVICEFILE") {
            ambient.service_file = Some((path(".pg_service.conf"), text.to_owned()));
        }
    }
    if let Some(text) = case.passwords {
        fs::write(path(".pgpass"), text).unwrap();
        fs::set_permissions(path(".pgpass"), fs::Permissions::from_mode(0o600)).unwrap();
        let used = parse(case.text)
            .ok()
            .and_then(|parsed| password_file_path(&parsed, &origin(), &ambient))
            .is_some_and(|used| used.value == path(".pgpass"));
        if used {
            ambient.password_file = Some((path(".pgpass"), Secret::from(text)));
        }
    }
    ambient
}

fn origin() -> Origin {
    Origin::env("DATABASE_URL")
}

#[test]
fn every_string_resolves_as_in_libpq() {
    let homes: Vec<tempfile::TempDir> =
        CASES.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let mut ambients: Vec<Ambient> = CASES
        .iter()
        .zip(&homes)
        .map(|(case, home)| surroundings(case, home.path()))
        .collect();
    let questions: Vec<Value> = CASES
        .iter()
        .zip(&homes)
        .map(|(case, home)| {
            let mut environment: BTreeMap<&str, &str> = case.variables.iter().copied().collect();
            environment.insert("HOME", home.path().to_str().unwrap());
            environment.insert("PGSYSCONFDIR", "/nowhere");
            json!({"text": case.text, "environment": environment})
        })
        .collect();
    let answers = judge::ask("connect", &questions);
    let mut differences = Vec::new();
    for ((case, ambient), answer) in CASES.iter().zip(&mut ambients).zip(&answers) {
        ambient.os_user = answer["os_user"].as_str().map(str::to_owned);
        let what = format!("{:?} with {:?}: {answer}", case.text, case.variables);
        let resolved = parse(case.text)
            .map_err(|error| error.message)
            .and_then(|parsed| resolve(&parsed, &origin(), ambient).map_err(|error| error.message));
        let problem = match resolved {
            Ok(_) if answer["dialled"] == false => Some("libpq refuses it".to_owned()),
            Ok(resolved) => difference(&resolved, answer),
            Err(message) => (answer["dialled"] == true).then_some(message),
        };
        differences.extend(problem.map(|problem| format!("{problem}: {what}")));
    }
    assert!(
        differences.is_empty(),
        "{} of {} differ\n{}",
        differences.len(),
        CASES.len(),
        differences.join("\n")
    );
}

/// Compares the host that libpq came to last, and every value that is not a compiled default.
fn difference(resolved: &ConnInfo, answer: &Value) -> Option<String> {
    let host = resolved.hosts.last().unwrap();
    let shown = match &host.hostaddr {
        Some(address) if host.host.is_empty() => address,
        _ => &host.host,
    };
    let port = answer["port"].as_str().unwrap().trim();
    let port = if port.is_empty() { "5432" } else { port };
    let password = host
        .password
        .as_ref()
        .map_or("", |found| found.value.expose());
    let theirs = &answer["values"];
    let pairs = [
        ("host", &answer["host"], shown.as_str()),
        ("user", &answer["user"], resolved.user.value.as_str()),
        ("dbname", &answer["dbname"], resolved.dbname.value.as_str()),
        ("password", &answer["password"], password),
        (
            "sslmode",
            &theirs["sslmode"],
            resolved.sslmode.value.keyword(),
        ),
    ];
    let set = resolved
        .parameters
        .iter()
        .filter(|(keyword, _)| keyword.as_str() != "passfile")
        .map(|(keyword, value)| (keyword.as_str(), &theirs[keyword], value.value.expose()));
    for (keyword, theirs, ours) in pairs.into_iter().chain(set) {
        if *theirs != *ours {
            return Some(format!("{keyword} is {ours:?}"));
        }
    }
    if port.parse() != Ok(host.port) {
        return Some(format!("port is {}", host.port));
    }
    // libpq writes its own choice into these two: the last comes from a build without GSSAPI.
    let own = [
        "host",
        "hostaddr",
        "port",
        "user",
        "dbname",
        "password",
        "sslmode",
        "passfile",
        "sslcertmode",
        "gssencmode",
    ];
    theirs
        .as_object()
        .unwrap()
        .iter()
        .find(|(keyword, value)| {
            !own.contains(&keyword.as_str())
                && **value != *find(keyword).unwrap().default.unwrap_or_default()
                && !resolved.parameters.contains_key(*keyword)
        })
        .map(|(keyword, _)| format!("{keyword} is not set"))
}

#[test]
fn the_keywords_are_those_of_libpq() {
    let answer = &judge::ask("defaults", &[json!(null)])[0];
    let theirs: Vec<(&str, Option<&str>, Option<&str>)> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|option| {
            (
                option[0].as_str().unwrap(),
                option[1].as_str(),
                option[2].as_str(),
            )
        })
        .collect();
    let ours: Vec<(&str, Option<&str>, Option<&str>)> = KEYWORDS
        .iter()
        .map(|keyword| {
            let default = match keyword.name {
                "gssencmode" => Some("disable"),
                _ => keyword.default,
            };
            (keyword.name, keyword.variable, default)
        })
        .collect();
    assert_eq!(ours, theirs);
}
