//! The **budget** family: how many connections the deployed processes may open, and whether the
//! database takes them.

mod arithmetic;
mod connections;
mod limit;
mod pool;
mod processes;

pub(super) use arithmetic::{Budget, budgets};
pub(super) use limit::is_dialled;

use super::Rule;
use crate::facts::Service;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[&connections::RULE];

/// Returns the services of each deploy file, in the order of the files; one empty group where no
/// file starts anything, so that the project is judged by itself.
pub(super) fn by_file(services: &[Service]) -> Vec<Vec<&Service>> {
    let mut groups: Vec<Vec<&Service>> = Vec::new();
    let starting = services
        .iter()
        .filter(|service| !service.processes.is_empty() || service.unknown.is_some());
    for service in starting {
        match groups
            .iter_mut()
            .find(|group| group[0].file == service.file)
        {
            Some(group) => group.push(service),
            None => groups.push(vec![service]),
        }
    }
    if groups.is_empty() {
        groups.push(Vec::new());
    }
    groups
}
