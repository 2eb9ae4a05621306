//! Where PostgreSQL's programs are, and a fresh data folder for each major.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use super::process::{Folder, as_server_user, own_by_server_user, run};

/// Raise it when the arguments of `initdb` below change: it names the cached data folder.
const TEMPLATE_VERSION: u32 = 1;

/// PostgreSQL's programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Installation {
    bin: PathBuf,
    /// The folder of its shared libraries, where it brings its own.
    libraries: Option<PathBuf>,
}

impl Installation {
    /// Returns the installation that `$DBHARDEN_PG_BIN` names, or Debian's newest.
    pub fn newest() -> Self {
        match std::env::var_os("DBHARDEN_PG_BIN") {
            Some(bin) if !bin.is_empty() => Self::at(PathBuf::from(bin)),
            _ => debian_folders().pop().map_or_else(
                || panic!("no /usr/lib/postgresql/*/bin: install PostgreSQL, set DBHARDEN_PG_BIN, or run tests/run.sh"),
                Self::at,
            ),
        }
    }

    /// Returns the installation whose `bin` folder the variable names, as `DBHARDEN_PG18_BIN`.
    ///
    /// Panics where it is not set: a test that needs it belongs behind the `lab` feature, and
    /// `tests/run.sh` sets it.
    pub fn from_env(variable: &str) -> Self {
        let bin = std::env::var_os(variable)
            .unwrap_or_else(|| panic!("{variable} is not set: run the tests with tests/run.sh"));
        Self::at(PathBuf::from(bin))
    }

    fn at(bin: PathBuf) -> Self {
        assert!(
            bin.join("postgres").exists(),
            "no postgres in {}",
            bin.display()
        );
        let bin = reachable(bin);
        let libraries = bin.with_file_name("lib");
        let libraries = libraries.join("libpq.so.5").exists().then_some(libraries);
        Self { bin, libraries }
    }

    /// Returns the major version.
    pub fn major(&self) -> u32 {
        let version = self.version();
        version
            .split(['.', 'b', 'r', 'd'])
            .next()
            .and_then(|major| major.parse().ok())
            .unwrap_or_else(|| panic!("{version} starts with a number"))
    }

    /// Returns the version as the program says it, `15.18`.
    pub fn version(&self) -> String {
        let text = run(
            &[self.program("postgres").as_os_str(), "--version".as_ref()],
            &self.environment(),
            "",
        );
        text.split_whitespace()
            .nth(2)
            .expect("postgres (PostgreSQL) VERSION")
            .to_owned()
    }

    /// Returns the path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Returns psql: the one here, or the newest of Debian (the npm packages bring none).
    ///
    /// Never `/usr/bin/psql`, a Perl wrapper on Debian that takes as long again as psql itself.
    pub fn psql(&self) -> PathBuf {
        let own = self.program("psql");
        if own.exists() {
            return own;
        }
        debian_folders()
            .into_iter()
            .map(|bin| bin.join("psql"))
            .rfind(|path| path.exists())
            .unwrap_or_else(|| PathBuf::from("psql"))
    }

    /// Returns the environment that its programs need.
    pub fn environment(&self) -> Vec<(&'static str, &OsStr)> {
        self.libraries
            .iter()
            .map(|folder| ("LD_LIBRARY_PATH", folder.as_os_str()))
            .collect()
    }

    /// Copies a freshly initialised data folder to `data`, owned by the server's user.
    ///
    /// Its superuser is `postgres`. `initdb` runs once per version: the result is kept below
    /// `target/tmp`.
    pub(super) fn new_data_folder(&self, data: &Path) {
        copy_tree(&self.template(), data);
        own_by_server_user(data);
    }

    fn template(&self) -> PathBuf {
        static TEMPLATES: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
        let name = format!("postgresql-{}-{TEMPLATE_VERSION}", self.version());
        let mut templates = TEMPLATES
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        templates
            .get_or_insert_default()
            .entry(name.clone())
            .or_insert_with(|| {
                let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
                if !kept.exists() {
                    self.initdb(&kept);
                }
                kept
            })
            .clone()
    }

    fn initdb(&self, kept: &Path) {
        let folder = Folder::new();
        own_by_server_user(folder.path());
        let data = folder.path().join("data");
        let initdb = self.program("initdb");
        let prefix = as_server_user();
        let mut command: Vec<&OsStr> = prefix.iter().map(OsStr::new).collect();
        command.extend([
            initdb.as_os_str(),
            "--username=postgres".as_ref(),
            "--auth=trust".as_ref(),
            "--encoding=UTF8".as_ref(),
            "--locale=C".as_ref(),
            "--no-sync".as_ref(),
            "--wal-segsize=1".as_ref(),
            "-D".as_ref(),
            data.as_os_str(),
        ]);
        run(&command, &self.environment(), "");
        // Another test process may do the same: the first rename wins, the others are the same.
        let own = kept.with_extension(std::process::id().to_string());
        fs::create_dir_all(kept.parent().expect("the cache has a parent"))
            .expect("target/tmp can be made");
        copy_tree(&data, &own);
        if fs::rename(&own, kept).is_err() {
            fs::remove_dir_all(&own).expect("a folder that we made can be removed");
        }
    }
}

/// Returns the `bin` folders of Debian's packages, oldest major first.
fn debian_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let major = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("postgres").exists().then_some((major, bin))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, bin)| bin).collect()
}

/// Returns the folder, or that of a copy where the server's user may not enter it (below `/root`).
fn reachable(bin: PathBuf) -> PathBuf {
    static COPIES: Mutex<Vec<(PathBuf, Folder)>> = Mutex::new(Vec::new());
    let prefix = as_server_user();
    if prefix.is_empty() {
        return bin;
    }
    let entered = Command::new(&prefix[0])
        .args(&prefix[1..])
        .args(["test", "-x"])
        .arg(bin.join("postgres"))
        .current_dir("/")
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if entered {
        return bin;
    }
    let mut copies = COPIES
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if !copies.iter().any(|(source, _)| *source == bin) {
        let folder = Folder::new();
        let source = bin.parent().expect("bin has a parent");
        copy_tree(source, &folder.path().join("copy"));
        copies.push((bin.clone(), folder));
    }
    let (_, folder) = copies
        .iter()
        .find(|(source, _)| *source == bin)
        .expect("it was added above");
    folder
        .path()
        .join("copy")
        .join(bin.file_name().expect("bin has a name"))
}

fn copy_tree(from: &Path, to: &Path) {
    run(
        &[
            "cp".as_ref(),
            "-a".as_ref(),
            from.as_os_str(),
            to.as_os_str(),
        ],
        &[],
        "",
    );
}
