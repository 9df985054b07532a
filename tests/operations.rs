//! What an operator relies on, through the binary: health and metrics, a log without personal data,
//! traces, limits that hold, a configuration that can be checked before it is used.

pub mod support;

#[path = "operations/configuration.rs"]
mod configuration;
#[path = "operations/crowd.rs"]
mod crowd;
#[path = "operations/framing.rs"]
mod framing;
#[path = "operations/health.rs"]
mod health;
#[path = "operations/limits.rs"]
mod limits;
#[path = "operations/log.rs"]
mod log;
#[path = "operations/output.rs"]
mod output;
#[path = "support/sample.rs"]
mod sample;
#[path = "operations/secret_key.rs"]
mod secret_key;
#[path = "operations/traces.rs"]
mod traces;

use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
