//! What can go wrong between host and registry: what, where, what to do. No credentials, tokens or
//! query strings in any message.

use super::credentials::CredentialsError;
use super::reference::{Digest, ReferenceError};

/// Why a push or pull failed.
#[derive(Debug, thiserror::Error)]
pub enum OciError {
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error("no HTTP client: {0}; check the system's certificate store")]
    Client(String),
    #[error("{host}: {why}; check the name, the network and that the registry runs")]
    Unreachable { host: String, why: String },
    #[error("{registry} did not finish within {seconds} s; try again, or allow more time")]
    Deadline { registry: String, seconds: f32 },
    #[error("{registry} is busy ({status}) after {tries} tries; try again later")]
    Busy {
        registry: String,
        status: u16,
        tries: u32,
    },
    #[error(
        "{registry} wants credentials for {repository}; set RAPPORT_OCI_USERNAME and RAPPORT_OCI_PASSWORD"
    )]
    CredentialsNeeded {
        registry: String,
        repository: String,
    },
    #[error("{registry} refused the credentials for {repository}; check them and what they allow")]
    Denied {
        registry: String,
        repository: String,
    },
    #[error(
        "{registry} asks for a kind of login that is not spoken here ({what}); ask its operator for basic or token login"
    )]
    Login { registry: String, what: String },
    #[error("{0} is not there; check repository and tag")]
    NotFound(String),
    #[error("{host} answered {status} to {doing}{said}")]
    Status {
        host: String,
        status: u16,
        doing: &'static str,
        /// The registry's own error codes, shortened; empty or ` (…)`.
        said: String,
    },
    #[error("{host} does not answer like a registry ({what}); check the address")]
    NotARegistry { host: String, what: String },
    #[error(
        "{what} from {host} has another digest than it should ({expected}); someone or something altered it: do not use it"
    )]
    DigestMismatch {
        host: String,
        what: &'static str,
        expected: Digest,
    },
    #[error("{what} is larger than {limit_bytes} bytes; if it has to be, raise the limit")]
    TooLarge {
        what: &'static str,
        limit_bytes: u64,
    },
    #[error("{reference} is no WebAssembly plugin: {why}; push it with `rapport plugin push`")]
    NotAPlugin { reference: String, why: String },
    #[error(
        "the signatures under {tag} on {host} can't be used: {why}; ask the publisher to push them again"
    )]
    NotSignatures {
        host: String,
        tag: String,
        why: String,
    },
    #[error(
        "{host} redirects more than {} times; ask its operator",
        super::REDIRECTS_MAX
    )]
    RedirectLoop { host: String },
    #[error("{from} leads to {to}: {why}")]
    Forbidden {
        from: String,
        to: String,
        why: &'static str,
    },
    #[error(
        "{reference} holds another plugin file already; choose another tag, or replace it on purpose"
    )]
    TagTaken { reference: String },
    #[error("a push needs a tag, {0} has a digest; write oci://registry/repository:tag")]
    TagNeeded(String),
    #[error("not a WebAssembly component ({0}); build it with `rapport plugin build DIR`")]
    NotAComponent(String),
    #[error("signature {number} of those to be pushed: {source}")]
    Signature {
        number: usize,
        source: crate::sign::Malformed,
    },
    #[error("there is no signature to push; sign the file first with `rapport plugin sign`")]
    NoSignature,
    #[error("{0} has {max} signatures already; none was added", max = crate::sign::SIGNATURES_MAX)]
    TooManySignatures(String),
}
