//! A process that may open next to nothing.

use std::process::Command;

#[test]
fn a_lack_of_descriptors_is_named_and_never_a_bug() {
    let mut named = 0;
    for limit in 4..=9 {
        let output = Command::new("sh")
            .args(["-c", "ulimit -n \"$0\"; exec \"$@\""])
            .arg(limit.to_string())
            .arg(env!("CARGO_BIN_EXE_dbharden"))
            .args(["connect", "--format", "json"])
            .env_clear()
            .env("DATABASE_URL", "postgresql://app:x@127.0.0.1:1/app")
            .current_dir("/")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(!complaint.contains("bug"), "{limit}: {complaint}");
        // Some systems need more of them to load the program at all.
        if output.status.code() == Some(1) {
            let exhausted = said.contains("\"tcp-fd-exhausted\"");
            assert!(exhausted || said.contains("tcp-refused"), "{limit}: {said}");
            named += u32::from(exhausted);
        }
    }
    assert!(named > 0);
}
