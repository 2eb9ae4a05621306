//! What libpq finds around a connection string: `PG*` variables, the service file, the password file.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::conninfo::{Ambient, Parsed, password_file_path, secrets as secrets_of_text};
use crate::facts::{Environment, Value};
use crate::inputs::file;
use crate::value::{Origin, Secret, Sourced};

/// Where Debian's libpq looks for the system's service file.
const SYSTEM_FOLDER: &str = "/etc/postgresql-common";

/// Returns the places of the user's and of the system's service file.
fn service_places(environment: &Environment) -> (Option<PathBuf>, PathBuf) {
    let home = text_of(environment, "HOME");
    let own = match text_of(environment, "PGSERVICEFILE") {
        Some(path) => Some(PathBuf::from(path)),
        None => home.map(|home| Path::new(home).join(".pg_service.conf")),
    };
    let system = text_of(environment, "PGSYSCONFDIR").unwrap_or(SYSTEM_FOLDER);
    (own, Path::new(system).join("pg_service.conf"))
}

/// Returns the paths and texts of the service files that libpq would read, in their order.
pub fn service_files(environment: &Environment) -> Vec<(String, Secret)> {
    let (own, system) = service_places(environment);
    own.into_iter()
        .chain([system])
        .filter_map(|path| read_file(&path))
        .map(|(path, text)| (path, Secret::new(text)))
        .collect()
}

/// Reads what libpq would find for a connection string of this origin in an environment.
pub fn read(environment: &Environment, parts: &Parsed, origin: &Origin) -> Ambient {
    let home = text_of(environment, "HOME");
    let (service_file, system_service_file) = service_places(environment);
    let mut ambient = Ambient {
        variables: postgres_variables(environment),
        service_file: service_file.and_then(|path| read_file(&path)),
        system_service_file: read_file(&system_service_file),
        password_file: None,
        os_user: os_user(environment),
        home: home.map(str::to_owned),
        socket_folder: None,
    };
    let password_file =
        password_file_path(parts, origin, &ambient).map(|path| PathBuf::from(path.value));
    ambient.password_file = password_file
        .filter(|path| is_private(path))
        .and_then(|path| read_file(&path))
        .map(|(path, text)| (path, Secret::new(text)));
    ambient
}

fn postgres_variables(environment: &Environment) -> BTreeMap<String, Sourced<Secret>> {
    let variables = environment
        .variables
        .iter()
        .filter(|variable| variable.name.starts_with("PG"));
    variables
        .filter_map(|variable| match &variable.value {
            Value::Known(text) => Some((
                variable.name.clone(),
                Sourced::new(text.clone(), variable.origin.clone()),
            )),
            Value::Unknown(_) => None,
        })
        .collect()
}

/// Returns a file's path and text, where there is one that can be read.
fn read_file(path: &Path) -> Option<(String, String)> {
    Some((path.display().to_string(), file::read_text(path).ok()?))
}

/// Returns the passwords that an environment holds beside its connection string.
pub fn secrets(environment: &Environment) -> Vec<Secret> {
    let names = ["PGPASSWORD", "PGSSLPASSWORD"];
    let passwords = names.iter().filter_map(|name| text_of(environment, name));
    // A URL without its scheme that somebody took for a host; `@name` is an abstract socket.
    let places = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"];
    let misplaced = places
        .iter()
        .filter_map(|name| text_of(environment, name))
        .filter(|text| text.find('@').is_some_and(|at| at > 0))
        .flat_map(secrets_of_text);
    passwords.map(Secret::from).chain(misplaced).collect()
}

fn text_of<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    match &environment.get(name)?.value {
        Value::Known(text) if !text.is_empty() => Some(text.expose()),
        _ => None,
    }
}

/// Returns whether libpq would use a password file: it ignores one that group or others may read.
fn is_private(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| {
        metadata.is_file() && metadata.permissions().mode().trailing_zeros() >= 6
    })
}

/// Returns the operating system's name of the user that runs the process.
fn os_user(environment: &Environment) -> Option<String> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let passwd = file::read_text(Path::new("/etc/passwd")).unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    named.or_else(|| text_of(environment, "USER").map(str::to_owned))
}
