//! Activities as JSON lines, from a webhook's body to the contract's records. [`line`] reads one line
//! ([`format`] has its parts), [`receive`] answers a request.
//!
//! Deliberately absent: proof of who posts (the host's, see `[webhook]` in the manifests).

mod format;
mod line;
mod receive;

pub use receive::{empty_page, receive};
