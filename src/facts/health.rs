//! What an application's health endpoint says about its pools.

use std::time::Duration;

use super::Metric;
use crate::value::Secret;

/// The numbers of a pool that are understood, and the names under which applications report them.
/// A name that other things have too counts only beside a plain one, or below a `pool`.
pub static METRIC_NAMES: &[MetricName] = &[
    MetricName {
        name: "pool_size",
        plain: &["pool_size", "poolsize", "pool_max_size", "db_pool_size"],
        beside: &["size", "max_size", "configured_size"],
    },
    MetricName {
        name: "checked_out",
        plain: &[
            "checked_out",
            "checkedout",
            "checked_out_connections",
            "connections_in_use",
            "pool_checked_out",
            "pool_in_use",
            "checkedout_connections",
        ],
        beside: &["in_use", "used", "active", "busy", "active_connections"],
    },
    MetricName {
        name: "checked_in",
        plain: &[
            "checked_in",
            "checkedin",
            "checked_in_connections",
            "in_pool",
            "pool_checked_in",
        ],
        beside: &["idle", "available", "free", "idle_connections"],
    },
    MetricName {
        name: "overflow",
        plain: &["pool_overflow", "current_overflow", "overflow_connections"],
        beside: &["overflow"],
    },
    MetricName {
        name: "max_overflow",
        plain: &["max_overflow", "pool_max_overflow", "overflow_max"],
        beside: &["overflow_limit"],
    },
    MetricName {
        name: "pool_recycle",
        plain: &[
            "pool_recycle_seconds",
            "pool_recycle",
            "recycle_seconds",
            "pool_recycle_s",
        ],
        beside: &["recycle"],
    },
    MetricName {
        name: "pool_timeout",
        plain: &["pool_timeout_seconds", "pool_timeout", "pool_timeout_s"],
        beside: &["timeout"],
    },
];

/// One number of a pool, with the names in use for it.
#[derive(Debug)]
pub struct MetricName {
    /// Our name.
    pub name: &'static str,
    /// Names that mean nothing else.
    pub plain: &'static [&'static str],
    /// Names that mean it only inside a pool's own object.
    pub beside: &'static [&'static str],
}

/// What one pool reports of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolMetrics {
    /// Where it stands in the answer: a JSON pointer, or a metric's labels; empty for the top.
    pub place: String,
    /// Its numbers, each name once.
    pub metrics: Vec<Metric>,
}

impl PoolMetrics {
    /// Returns a number by our name for it.
    pub fn get(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// Returns a number's value by our name for it.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.get(name).map(|metric| metric.value)
    }
}

/// Why no answer of use came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthFailure {
    /// What happened, in one line.
    pub message: String,
    /// The one thing to do.
    pub fix: String,
}

/// What a health endpoint said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthFacts {
    /// The URL that was asked, without anything that may be secret.
    pub url: String,
    /// What was sent and must not come back: the values of headers and of the URL's query.
    pub secrets: Vec<Secret>,
    /// The HTTP status of the last answer.
    pub status: Option<u16>,
    /// How long the answer took, redirects and the body included.
    pub took: Duration,
    /// Why it is of no use, where it is not.
    pub failure: Option<HealthFailure>,
    /// What the answer says of itself where that is bad: `"status": "unhealthy"`.
    pub confession: Option<String>,
    /// The pools that it reports.
    pub pools: Vec<PoolMetrics>,
}
