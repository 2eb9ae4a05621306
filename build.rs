//! Links the program at a fixed address on Linux: its tables hold some seventeen thousand addresses,
//! and to relocate them at each start took as long as `dbharden --version` itself.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
