//! `dbharden init` in projects of several kinds, and where it cannot write.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use tempfile::TempDir;

use super::program::Program;

/// Returns what `init` wrote, and that nothing in it is wrong.
fn written(program: &Program, arguments: &[&str], path: &str) -> String {
    let said = program.run(arguments);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    let text = std::fs::read_to_string(program.folder().join(path)).unwrap();
    assert!(!text.contains("s3cr3tpw"), "{text}");
    text
}

#[test]
fn the_name_of_a_service_is_the_applications_and_not_its_databases() {
    let compose = "services:\n  shop:\n    build: .\n    environment: {PG_URL: 'postgres://a:s3cr3tpw@db/shop'}\n  \
        db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: s3cr3tpw}}\n  cache: {image: 'redis:7'}\n";
    let program = Program::new().file("compose.yaml", compose);
    let text = written(&program, &["init"], "dbharden.toml");
    assert!(text.contains("\napplication_name = \"shop\"\n"), "{text}");
    assert!(text.contains("\ndatabase_url = [\"PG_URL\"]\n"), "{text}");
    // Somebody else's image that gets a connection string is one that connects.
    let program = Program::new().file(
        "compose.yaml",
        compose.replace("build: .", "image: me/shop"),
    );
    let text = written(&program, &["init"], "dbharden.toml");
    assert!(text.contains("\napplication_name = \"shop\"\n"), "{text}");
}

#[test]
fn it_says_how_to_check_the_project_that_it_was_given() {
    let program = Program::new().file("services/api/.env", "SQLALCHEMY_POOL_SIZE=5\n");
    let said = program.run(&["init", "services/api"]);
    assert_eq!(
        said.stdout,
        "wrote services/api/dbharden.toml; now run: dbharden check services/api\n"
    );
    let said = program.run(&["init"]);
    assert_eq!(
        said.stdout,
        "wrote ./dbharden.toml; now run: dbharden check\n"
    );
}

#[test]
fn what_is_there_is_never_overwritten() {
    let program = Program::new().file("dbharden.toml", "fail_on = \"never\"\n");
    let said = program.run(&["init"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.contains("dbharden never overwrites it"),
        "{}",
        said.stderr
    );
    let kept = std::fs::read_to_string(program.folder().join("dbharden.toml")).unwrap();
    assert_eq!(kept, "fail_on = \"never\"\n");
    // Neither is the file behind a link, though there be none yet.
    let program = Program::new();
    let link = program.folder().join("dbharden.toml");
    std::os::unix::fs::symlink("elsewhere.toml", link).unwrap();
    assert_eq!(program.run(&["init"]).status, 2);
    assert!(!program.folder().join("elsewhere.toml").exists());
}

#[test]
fn a_folder_that_cannot_be_written_gets_a_message_and_no_file() {
    let program = Program::new().file(".env", "DATABASE_URL=postgres://a:s3cr3tpw@h/d\n");
    let folder = program.folder().to_owned();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o555)).unwrap();
    // Another user may not reach the folder in which the program was built.
    let place = TempDir::new().unwrap();
    std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let binary = place.path().join("dbharden");
    std::fs::copy(env!("CARGO_BIN_EXE_dbharden"), &binary).unwrap();
    for arguments in [
        &["init"][..],
        &["check", "--offline", "--write-baseline", "known.json"],
    ] {
        let mut command = Command::new(&binary);
        command.args(arguments).current_dir(&folder).env_clear();
        // Root may write anywhere.
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty());
        assert!(
            said.contains("error: failed to write ") && said.contains("Permission denied"),
            "{said}"
        );
        assert!(!said.contains("s3cr3tpw"), "{said}");
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(files, 1);
}

#[test]
fn what_could_not_be_written_whole_is_not_left_behind() {
    let program = Program::new();
    let binary = env!("CARGO_BIN_EXE_dbharden");
    // No file may grow, and the signal that says so is ignored: what is left is the error.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" init", binary])
        .current_dir(program.folder())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("error: failed to write ./dbharden.toml"),
        "{said}"
    );
    assert!(!program.folder().join("dbharden.toml").exists());
}
