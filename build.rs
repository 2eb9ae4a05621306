//! Shortens each start of the program on Linux, where linking is what it waits for:
//!
//! - At a fixed address its tables hold some seventeen thousand addresses that nobody has to relocate;
//!   that took as long as `dbharden --version` itself.
//! - The unwinder comes along in the program instead of from a library of its own.
//! - The code that a start runs lies side by side (`benches/start.ld`), so that it comes in by a few
//!   page faults instead of some fifty.

use std::env;
use std::path::Path;
use std::process::Command;

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
    // What follows is for the toolchain's own linker; another may be chosen, or be all there is.
    let is_chosen =
        !value("RUSTC_LINKER").is_empty() || value("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if value("CARGO_CFG_TARGET_ARCH") == "x86_64" && !is_chosen && has_lld() {
        let folder = value("CARGO_MANIFEST_DIR");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/benches/start.ld");
        // Version 22 then writes the program in one piece instead of mapping it, whatever the name says:
        // it lies in the page cache in larger pieces, as an installed copy does.
        println!("cargo::rustc-link-arg-bins=-Wl,--mmap-output-file");
    }
}

/// Returns whether the toolchain brings LLD along; a distribution's may not.
fn has_lld() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir"])
        .output();
    output.is_ok_and(|output| {
        let libraries = String::from_utf8_lossy(&output.stdout);
        Path::new(libraries.trim())
            .with_file_name("bin")
            .join("gcc-ld/ld.lld")
            .exists()
    })
}
