//! A plugin as one file: its manifest, the component that carries it, and how a Rust plugin is
//! built. Used by the host and, to bundle the first-party plugins, by the host's build script.
//!
//! Deliberately absent: signatures, other languages, anything that runs a plugin.

pub mod build;
pub mod embed;
pub mod manifest;
pub mod nearest;
pub mod webhook;

pub use embed::Package;
pub use manifest::{Kind, Manifest};
