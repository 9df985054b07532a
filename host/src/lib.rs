//! The library behind the `rapport` binary. The module map is in DESIGN.md section 4; a test
//! (`tests/layers.rs`) checks who may use whom.
// They panic when nothing can be written; `cli::out` has what doesn't.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod pipeline;
pub mod plugin;
pub mod telemetry;
pub mod worker;
