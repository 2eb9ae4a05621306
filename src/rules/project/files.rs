//! `project-files`: every discovered file was read and parsed.

use crate::facts::{Missing, ProjectFile};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "project-files",
    severity: Severity::Warning,
    summary: "a file of the project could not be read",
    rationale: "What a file says that could not be read or parsed is not known, so nothing that depends \
        on it can pass. The platform that deploys the project may refuse the same file.",
    fix: "make the file readable and valid, or remove it",
    symptoms: &[],
    references: &["https://render.com/docs/blueprint-spec"],
    check: Check::File(check),
};

fn check(file: &ProjectFile, _context: Context<'_>) -> Outcome {
    match &file.problem {
        None => Seen::new(format!("{} was read", file.path)).pass(),
        Some(problem) => {
            let place = problem
                .line
                .map(|line| format!(":{line}:{}", problem.column.unwrap_or(1)));
            Err(Missing::new(format!(
                "{}{}, which {}",
                file.path,
                place.unwrap_or_default(),
                problem.message
            )))
        }
    }
}
