//! Activities as JSON, from a webhook's body to the contract's records. [`body`] finds the activities,
//! [`line`] reads one ([`format`] has its parts), [`receive`] answers a request.
//!
//! Deliberately absent: proof of who posts (the host's, see `[webhook]` in the manifests).

mod body;
mod format;
mod line;
mod receive;

pub use receive::{empty_page, receive};
