//! What the operator sees of a running host: log, metrics, traces, heartbeats.
//!
//! Every layer may use it and it uses none of them. Nothing here may hold what customers wrote or who
//! they are: labels and attributes are ids of plugins, names of inboxes, route templates and counts,
//! and the number of different label values is bounded.

pub mod export;
pub mod heart;
pub mod log;
pub mod metrics;
pub mod shown;
pub mod trace;
