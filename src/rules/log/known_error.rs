//! The log holds a failure that `explain` knows.

use super::{log, origin};
use crate::facts::{LogError, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;
use crate::value::plural;

pub(super) static RULE: Rule = Rule {
    id: "log-known-error",
    severity: Severity::Error,
    summary: "the log holds a database failure that is known",
    rationale: "The texts of drivers, servers and poolers name their cause only to those who know them; each one found here has a page that says what happened and what to do.",
    fix: "dbharden explain ID says what each one means and how to mend it",
    symptoms: &[],
    references: &["https://www.postgresql.org/docs/current/errcodes-appendix.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let log = log(context)?;
    if log.lines == 0 && log.errors.is_empty() {
        return Err(Missing::new("a line of the log: it is empty"));
    }
    let Some(first) = log.errors.first() else {
        let lines = usize::try_from(log.lines).unwrap_or(usize::MAX);
        return Seen::new(format!("no known failure in {}", plural(lines, "line"))).pass();
    };
    let lines: u64 = log.errors.iter().map(|error| error.count).sum();
    let each: Vec<String> = log.errors.iter().map(describe).collect();
    let mut seen = Seen::new(format!(
        "{} in {} of the log: {}",
        plural(log.errors.len(), "known failure"),
        plural(usize::try_from(lines).unwrap_or(usize::MAX), "line"),
        each.join("; ")
    ));
    for error in &log.errors {
        seen = seen.at(origin(log, error.first_line));
    }
    let fix = if log.errors.len() == 1 && first.others == 0 {
        first.fix.to_owned()
    } else {
        let ids = log.errors.iter().map(|error| error.id);
        let commands: Vec<String> = ids.map(|id| format!("dbharden explain {id}")).collect();
        format!("read what each one means: {}", commands.join("; "))
    };
    seen.fail(fix).into()
}

/// Writes `too-many-clients, the server has no connection slot left: line 12, 3 times`.
fn describe(error: &LogError) -> String {
    let others = match error.others {
        0 => String::new(),
        others => format!(" or {}", plural(others, "other cause")),
    };
    let times = match error.count {
        1 => String::new(),
        count => format!(", {count} times"),
    };
    format!(
        "{}, {}{others}: line {}{times}",
        error.id, error.title, error.first_line
    )
}
