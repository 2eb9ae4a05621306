//! Reads every Python file below a folder and does nothing with it: what a scan is measured by.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(root) = env::args_os().nth(1) else {
        return ExitCode::FAILURE;
    };
    match read(Path::new(&root)) {
        Ok(1..) => ExitCode::SUCCESS,
        Ok(0) | Err(_) => ExitCode::FAILURE,
    }
}

/// Returns how many bytes the Python files below a folder hold.
fn read(folder: &Path) -> io::Result<usize> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            bytes += read(&path)?;
        } else if path.extension().is_some_and(|end| end == "py") {
            bytes += fs::read(&path)?.len();
        }
    }
    Ok(bytes)
}
