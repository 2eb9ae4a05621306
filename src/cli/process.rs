//! What the process itself must and must not do: leave no core file, end quickly on Ctrl-C, and own
//! up to a panic.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::report::ExitStatus;

/// Whether Ctrl-C ends the process on the spot, as it does unless a terminal must be restored first.
static INTERRUPT_ENDS: LazyLock<Arc<AtomicBool>> =
    LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// Lets the caller end the process on Ctrl-C, on SIGTERM and when the terminal goes away; returns
/// what is set then. The caller must look at it several times a second.
pub(super) fn notice_interrupts() -> io::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    INTERRUPT_ENDS.store(false, Ordering::SeqCst);
    Ok(interrupted)
}

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
    let code = i32::from(ExitStatus::Interrupted.code());
    let ends = Arc::clone(&INTERRUPT_ENDS);
    let _ = signal_hook::flag::register_conditional_shutdown(SIGINT, code, ends);
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
