//! Running plugins: the only place that knows wasmtime.
//!
//! `engine` has the two engines, `prepare` turns a file and settings into something callable, `pure`
//! and `connector` call it, `fault` names what goes wrong, `egress`, `grant`, `quota` and `secrets`
//! guard the way out, `signed` the way in, `convert` and `sanitize` check what comes back, `stand_in` plays the
//! world to a connector under test, `recorder` writes the real one down. A trap, loop, flood or lie ends one call
//! and nothing else. Deliberately absent: storage (what a connector remembers is handed in and out).

mod breaker;
mod budget;
mod call;
mod convert;
mod convert_policy;
mod egress;
mod engine;
mod fault;
mod grant;
mod journal;
mod native;
mod places;
mod prepare;
mod quota;
mod reach;
mod recorder;
mod sanitize;
mod schema;
mod secrets;
mod settings;
mod signed;
mod stand_in;
mod state;
mod traffic;

#[cfg(test)]
mod outputs_tests;
#[cfg(test)]
pub mod random_outputs;

pub mod connector;
pub mod limits;
pub mod outward;
pub mod pure;

/// The contract's records.
use rapport_bindings as wire;

pub use breaker::Health;
pub use engine::Engines;
pub use fault::{CallError, HostFault, PluginError};
pub use journal::JournalLine;
pub use places::CallKind;
pub use prepare::{Freeze, PrepareError, compile_apart, compiler, try_settings};
pub use reach::Reach;
pub use recorder::{Recorded, Recorder};
pub use secrets::forms as secret_forms;
pub use settings::{Settings, resolve as resolve_settings};
pub use signed::{Admitted, Refused};
pub use stand_in::{MEANT, StandIn};
