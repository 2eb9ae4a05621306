//! Shortens each start of the program on Linux, where linking is what it waits for:
//!
//! - At a fixed address its tables hold some seventeen thousand addresses that nobody has to relocate;
//!   that took as long as `dbharden --version` itself.
//! - The unwinder comes along in the program instead of from a library of its own.
//! - The code that a start runs lies side by side (`benches/start.ld`), so that it comes in by a few
//!   page faults instead of some fifty.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=benches/start.ld");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let value = |name: &str| env::var(name).unwrap_or_default();
    let is_gnu_linux =
        value("CARGO_CFG_TARGET_OS") == "linux" && value("CARGO_CFG_TARGET_ENV") == "gnu";
    if !is_gnu_linux {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // Tests and the debugger do without the rest.
    if value("PROFILE") != "release" {
        return;
    }
    println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    // Of the linkers that somebody may have chosen, not all read a script.
    let flags = value("CARGO_ENCODED_RUSTFLAGS");
    let is_own_linker = value("RUSTC_LINKER").is_empty() && !flags.contains("link");
    if value("CARGO_CFG_TARGET_ARCH") == "x86_64" && is_own_linker {
        let folder = value("CARGO_MANIFEST_DIR");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/benches/start.ld");
    }
}
