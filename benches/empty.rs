//! An empty program: what the system takes to start and end a process, the measure of every start.

fn main() {}
