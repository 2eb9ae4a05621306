//! Processes and folders that do not outlive the test process.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Starts its arguments and ends them, with the signal that it reads or its first argument, when its
/// standard input ends: on request, when the value is dropped, or when the test process is gone for
/// whatever reason.
const WRAPPER: &str = r#"
END=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
( read -r signal <&3; kill -"${signal:-$END}" "$child" 2>/dev/null ) &
watcher=$!
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// Removes the lab's folder when its standard input ends, that is: with the test process.
const JANITOR: &str = r#"
read -r nothing
tries=0
until rm -rf "$1" 2>/dev/null || [ "$tries" -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
"#;

/// How a server is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `SIGINT`: PostgreSQL's fast shutdown, which tells its clients.
    Interrupt,
    /// `SIGQUIT`: PostgreSQL's immediate shutdown.
    Quit,
    /// `SIGTERM`: PostgreSQL's smart shutdown, which waits for its clients.
    Terminate,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
            Self::Terminate => "TERM",
        }
    }
}

/// A process that ends with this value or with the test process, whichever is first.
#[derive(Debug)]
pub struct Guarded {
    wrapper: Child,
    end: Signal,
}

impl Guarded {
    /// Starts a command line, with both outputs in `log`; in the end it gets the signal `end`.
    pub fn spawn(
        command: &[&OsStr],
        environment: &[(&str, &OsStr)],
        log: &Path,
        end: Signal,
    ) -> Self {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be opened");
        let wrapper = Command::new("sh")
            .args(["-c", WRAPPER, "sh", end.name()])
            .args(command)
            .env_clear()
            .env("PATH", path_variable())
            .env("LC_ALL", "C.UTF-8")
            .envs(environment.iter().copied())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file handle can be cloned"))
            .stderr(log)
            .process_group(0) // Ctrl-C reaches the test alone, which then ends this one in order.
            .spawn()
            .expect("sh can be started");
        Self { wrapper, end }
    }

    /// Returns the exit status where the process has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.wrapper.try_wait().expect("a child can be waited for")
    }

    /// Stops the process and waits until it is gone.
    pub fn stop(&mut self, signal: Signal) {
        if let Some(mut input) = self.wrapper.stdin.take() {
            let _ = writeln!(input, "{}", signal.name()); // The process may have ended by itself.
        }
        let _ = self.wrapper.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.stop(self.end);
    }
}

/// A temporary folder that every user may enter; removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let path = lab_folder().join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&path).expect("a folder can be made in the lab's folder");
        open_to_all(&path);
        Self(path)
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it and returns the file's path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file can be written in the lab's folder");
        path
    }

    /// Writes a file that its owner alone may read, as libpq wants a key or a password file.
    pub fn write_private(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .expect("permissions can be set in the lab's folder");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // What stays, the janitor removes.
    }
}

/// Returns the folder of this process; a janitor process removes it in the end.
fn lab_folder() -> &'static Path {
    static ROOT: OnceLock<(PathBuf, Child)> = OnceLock::new();
    let (path, _) = ROOT.get_or_init(|| {
        let path = tempfile::Builder::new()
            .prefix("dbharden-lab-")
            .tempdir()
            .expect("a temporary folder can be made")
            .keep();
        open_to_all(&path);
        let janitor = Command::new("sh")
            .args(["-c", JANITOR, "sh"])
            .arg(&path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("sh can be started");
        (path, janitor)
    });
    path
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .expect("permissions can be set in the lab's folder");
}

/// The user that servers run as, where this process is root.
#[derive(Clone, Debug)]
pub struct ServerUser {
    name: String,
    uid: u32,
    gid: u32,
}

impl ServerUser {
    /// Returns the user, or `None` where this process is not root and runs servers itself.
    pub fn current() -> Option<&'static Self> {
        static USER: OnceLock<Option<ServerUser>> = OnceLock::new();
        USER.get_or_init(|| {
            rustix::process::geteuid().is_root().then(|| {
                let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
                ["postgres", "nobody"]
                    .iter()
                    .find_map(|name| Self::in_accounts(&accounts, name))
                    .expect("there is a user postgres or nobody")
            })
        })
        .as_ref()
    }

    fn in_accounts(accounts: &str, name: &str) -> Option<Self> {
        let fields: Vec<&str> = accounts
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields[0] == name)?;
        Some(Self {
            name: name.to_owned(),
            uid: fields.get(2)?.parse().ok()?,
            gid: fields.get(3)?.parse().ok()?,
        })
    }

    /// Gives a path to the user, with all that is in it.
    pub fn own(&self, path: &Path) {
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid)).expect("root can chown");
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(path).expect("root can read a folder") {
                self.own(&entry.expect("root can read a folder").path());
            }
        }
    }
}

/// Returns the words to put before a command that must run as the server's user.
pub fn as_server_user() -> Vec<String> {
    ServerUser::current().map_or_else(Vec::new, |user| {
        vec![
            "setpriv".to_owned(),
            format!("--reuid={}", user.uid),
            format!("--regid={}", user.gid),
            "--clear-groups".to_owned(),
            "--".to_owned(),
        ]
    })
}

/// Gives a path to the server's user, where that is another one.
pub fn own_by_server_user(path: &Path) {
    if let Some(user) = ServerUser::current() {
        user.own(path);
    }
}

/// Runs a command line to its end and returns its standard output; panics with its error output.
pub fn run(command: &[&OsStr], environment: &[(&str, &OsStr)], input: &str) -> String {
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .env_clear()
        .env("PATH", path_variable())
        .env("LC_ALL", "C.UTF-8")
        .envs(environment.iter().copied())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} can be started: {error}", command[0].display()));
    let mut standard_input = child.stdin.take().expect("the input is piped");
    let _ = standard_input.write_all(input.as_bytes()); // A program that ends early says why itself.
    drop(standard_input);
    let output = child.wait_with_output().expect("a child can be waited for");
    assert!(
        output.status.success(),
        "{} failed ({}): {}",
        command[0].display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

fn path_variable() -> String {
    std::env::var("PATH").unwrap_or_default() + ":/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
}

/// Returns a port on 127.0.0.1 that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("loopback has a free port")
        .port()
}

/// Waits until `ready` gives a value; `None` after a minute.
pub fn wait_for<T>(mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
