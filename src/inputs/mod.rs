//! What is read from files and from the process: each input is a pure `parse` with a thin `read`.

pub mod python;
