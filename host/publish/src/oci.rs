//! Plugins in OCI registries: push and pull by the OCI distribution specification 1.1, laid out as
//! the WebAssembly artifact of the CNCF's TAG Runtime, so that other tools can carry them.
//!
//! | what | media type |
//! |---|---|
//! | manifest | `application/vnd.oci.image.manifest.v1+json` |
//! | config | `application/vnd.wasm.config.v0+json` |
//! | the one layer: the plugin file | `application/wasm` |
//! | signatures: manifest under the tag `sha256-<manifest digest>.minisig`, a layer each | `application/vnd.rapport.minisig.v1` |
//!
//! Signatures hang on a tag because many registries lack the referrers interface; the manifest has a
//! `subject` too, for those that have it.
//!
//! Invariants: every manifest and blob is checked against its digest; every body has a limit and is
//! cut off there, whatever its header said; one deadline covers a whole push or pull; plain HTTP only
//! to loopback or when asked; credentials go to the registry and the token server that it names, over
//! a safe connection, and into no message. A registry can't lead the host to an address inside its
//! network: only hosts named in [`Options::local_hosts`] may be there, each at the port that is named, and
//! the registry itself where [`Options::local_registry`] says so.
//!
//! Deliberately absent: indexes of several platforms, resumed or chunked uploads, credential helpers,
//! proxies, deletion, and judging signatures ([`crate::trust`]).

mod address;
mod answer;
mod auth;
mod credentials;
mod error;
mod manifest;
mod pull;
mod push;
mod reference;
mod registry;
mod retry;
mod signatures;
mod wasm;

pub use credentials::Credentials;
pub use error::OciError;
pub use pull::{Pulled, pull};
pub use push::{About, Pushed, push};
pub use reference::{Digest, Reference, ReferenceError, Target};
pub use signatures::{pull_signatures, push_signatures};

use std::time::Duration;

/// Largest plugin file that is pulled or pushed unless said otherwise, in bytes.
pub const FILE_MAX_BYTES: u64 = rapport_package::limits::FILE_BYTES as u64;
/// Largest manifest, in bytes (the specification's advice is 4 MiB; ours have a few hundred bytes).
pub const MANIFEST_MAX_BYTES: u64 = 1024 * 1024;
/// Largest answer of a token server, in bytes.
const TOKEN_MAX_BYTES: u64 = 64 * 1024;
/// Time for a whole push or pull unless said otherwise.
pub const DEADLINE: Duration = Duration::from_secs(120);
/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Most redirects that are followed for one request.
const REDIRECTS_MAX: usize = 5;

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const WASM_CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
const WASM_TYPE: &str = "application/wasm";
const SIGNATURE_TYPE: &str = "application/vnd.rapport.minisig.v1";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// How to talk to a registry.
#[derive(Debug, Clone)]
pub struct Options {
    pub credentials: Credentials,
    /// Plain HTTP to any host. Loopback has it anyway (and no TLS).
    pub plain_http: bool,
    /// Largest plugin file, in bytes.
    pub file_max_bytes: u64,
    /// Time for the whole push or pull.
    pub deadline: Duration,
    /// Hosts that may be inside the network, as `host:port` (without a port: at any): a registry's token
    /// server, its storage, and itself unless `local_registry`.
    pub local_hosts: Vec<String>,
    /// The registry that the reference names may be inside the network too, at its own port. For references
    /// of the one whose machine this is.
    pub local_registry: bool,
    /// Authorities that are trusted beside the system's.
    pub roots: Vec<reqwest::Certificate>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            credentials: Credentials::Anonymous,
            plain_http: false,
            file_max_bytes: FILE_MAX_BYTES,
            deadline: DEADLINE,
            local_hosts: Vec::new(),
            local_registry: true,
            roots: Vec::new(),
        }
    }
}

/// Runs one push or pull under its deadline.
async fn within<T>(
    options: &Options,
    registry: &str,
    work: impl Future<Output = Result<T, OciError>>,
) -> Result<T, OciError> {
    match tokio::time::timeout(options.deadline, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(OciError::Deadline {
            registry: registry.to_owned(),
            seconds: options.deadline.as_secs_f32(),
        }),
    }
}
