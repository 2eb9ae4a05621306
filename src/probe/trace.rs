//! How long each stage took.

use std::time::{Duration, Instant};

use super::diagnose::Broken;
use crate::facts::{Stage, StageName, StageReport};

const NAMES: [StageName; 5] = [
    StageName::Dns,
    StageName::Tcp,
    StageName::Tls,
    StageName::Auth,
    StageName::Query,
];

/// How long each stage took, all its tries together.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    took: [Option<Duration>; 5],
}

impl Trace {
    /// Adds what a stage took since a moment.
    pub(super) fn add(&mut self, stage: StageName, since: Instant) {
        let took = &mut self.took[index(stage)];
        *took = Some(took.unwrap_or_default() + since.elapsed());
    }

    /// Returns the five stages. Time that was spent beyond the stage that failed counts to it: the
    /// failure was only seen there.
    pub(super) fn reports(&self, broken: Option<&Broken>) -> Vec<StageReport> {
        let failed = broken.map_or(NAMES.len(), |b| index(b.stage));
        NAMES
            .iter()
            .enumerate()
            .map(|(i, &name)| {
                let beyond: Duration = self.took[i..].iter().flatten().sum();
                let (stage, took) = match broken {
                    Some(broken) if i == failed => {
                        (Stage::Failed(broken.failure.clone()), Some(beyond))
                    }
                    _ if i > failed => (Stage::NotRun, None),
                    _ => match self.took[i] {
                        Some(took) => (Stage::Done(()), Some(took)),
                        None => (Stage::NotRun, None),
                    },
                };
                StageReport { name, stage, took }
            })
            .collect()
    }
}

fn index(stage: StageName) -> usize {
    match stage {
        StageName::Dns => 0,
        StageName::Tcp => 1,
        StageName::Tls => 2,
        StageName::Auth => 3,
        StageName::Query => 4,
    }
}
