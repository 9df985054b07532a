//! A plugin as one file: the component, what travels inside it, and what the file shows of it before
//! anything is compiled; and how a plugin is begun and built. Used by the host and, to bundle the
//! first-party plugins, by the host's build script.
//!
//! [`Package::read`] takes a stranger's file and says what it is; [`Package::inspect`] says whether it
//! is what its manifest claims. Deliberately absent: signatures, anything that runs a plugin.

pub mod address;
mod bounds;
pub mod build;
pub mod change;
pub mod component;
pub mod digest;
pub mod embed;
pub mod fixture;
pub mod fixtures;
pub mod grant;
pub mod imports;
pub mod limits;
pub mod manifest;
pub mod nearest;
pub mod new;
#[cfg(test)]
mod samples;
pub mod source;
mod types;
pub mod webhook;
pub mod world;

pub use bounds::Bound;
pub use embed::Package;
pub use manifest::{Kind, Manifest};
