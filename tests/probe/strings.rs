//! A string that libpq would not dial is not dialled.

use std::process::Command;

#[test]
fn the_systems_roots_need_full_verification() {
    let output = Command::new(env!("CARGO_BIN_EXE_dbharden"))
        .args(["connect", "--format", "json"])
        .env_clear()
        .env(
            "DATABASE_URL",
            "postgresql://app:x@127.0.0.1:1/app?sslmode=require&sslrootcert=system",
        )
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let connection = &report["connections"][0];
    assert_eq!(connection["cause"], "rootcert-system", "{connection}");
    let stages = connection["stages"].as_array().unwrap();
    let results: Vec<_> = stages.iter().map(|stage| &stage["result"]).collect();
    assert_eq!(
        results,
        ["not-run", "not-run", "fail", "not-run", "not-run"]
    );
}
