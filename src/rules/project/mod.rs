//! What concerns the project's files as such.

mod files;

use super::Rule;

/// The rules, in report order.
pub(super) static RULES: &[&Rule] = &[&files::RULE];
