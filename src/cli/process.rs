//! What the process itself must and must not do: leave no core file, end quickly on Ctrl-C, and own
//! up to a panic.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use signal_hook::consts::SIGINT;

use crate::report::ExitStatus;

/// Readies the process before anything else runs.
///
/// Each step may be refused by the system (a sandbox); none of them is worth stopping for.
pub(super) fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let always = Arc::new(AtomicBool::new(true));
    let code = i32::from(ExitStatus::Interrupted.code());
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, code, always);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()));
        let version = env!("CARGO_PKG_VERSION");
        // The panic's own text may hold input, so it is not printed.
        let _ = writeln!(
            io::stderr(),
            "error: dbharden {version} has a bug{}: please report this line",
            place.unwrap_or_default()
        );
    }));
}
