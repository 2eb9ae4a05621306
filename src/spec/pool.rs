//! The four numbers of a pool, and what a spec says of each.

use super::{Bound, Spec, VariableNames};

/// The four numbers of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolSetting {
    /// `pool_size`
    Size,
    /// `max_overflow`
    MaxOverflow,
    /// `pool_recycle`
    Recycle,
    /// `pool_timeout`
    Timeout,
}

impl PoolSetting {
    /// All of them, in the order of SQLAlchemy's documentation.
    pub const ALL: [Self; 4] = [Self::Size, Self::MaxOverflow, Self::Recycle, Self::Timeout];

    /// Returns the engine's argument.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Size => "pool_size",
            Self::MaxOverflow => "max_overflow",
            Self::Recycle => "pool_recycle",
            Self::Timeout => "pool_timeout",
        }
    }
}

impl VariableNames {
    /// Returns every name.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.database_url.iter().chain(
            PoolSetting::ALL
                .into_iter()
                .flat_map(|setting| self.pool(setting)),
        )
    }

    /// Returns what the project calls a pool setting's variable.
    pub fn pool(&self, setting: PoolSetting) -> &[String] {
        match setting {
            PoolSetting::Size => &self.pool_size,
            PoolSetting::MaxOverflow => &self.max_overflow,
            PoolSetting::Recycle => &self.pool_recycle,
            PoolSetting::Timeout => &self.pool_timeout,
        }
    }
}

impl Spec {
    /// Returns what a pool setting must be.
    pub fn pool(&self, setting: PoolSetting) -> Bound {
        match setting {
            PoolSetting::Size => self.pool_size,
            PoolSetting::MaxOverflow => self.max_overflow,
            PoolSetting::Recycle => self.pool_recycle,
            PoolSetting::Timeout => self.pool_timeout,
        }
    }
}
