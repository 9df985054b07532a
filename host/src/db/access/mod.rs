//! Agents, teams, roles, rights, sessions, API tokens, log-ins. Secrets come in and go out as digests.
//!
//! Deliberately absent: who may change what; the `access` module decides, and records it in the same
//! transaction.

pub mod agent;
pub mod login;
pub(super) mod maker;
pub mod right;
pub mod role;
pub mod scope;
pub mod session;
pub mod team;
pub mod token;
