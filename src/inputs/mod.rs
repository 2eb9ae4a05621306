//! Reads what a project and its machine say: environments, deploy files, source code.
//!
//! Each format has a pure `parse`; [`mod@file`] is the one place that opens files.

pub mod ambient;
pub mod compose;
pub mod deploy;
pub mod dotenv;
pub mod file;
pub mod fly;
pub mod git;
pub mod github;
pub mod heroku;
mod ignored;
pub mod json;
pub mod kubernetes;
pub mod logs;
pub mod process;
pub mod progress;
pub mod project;
pub mod python;
pub mod render;
pub mod services;
pub mod start_command;
mod text;
pub mod vercel;
pub mod yaml;
