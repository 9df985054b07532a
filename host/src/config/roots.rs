//! `extra-ca`: certification authorities, such as a company's own, that are trusted beside the
//! system's by all that goes out.

use super::{Config, ConfigError};
use chrono::DateTime;
use reqwest::Certificate;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Largest file, in bytes; a system's whole list has about 250 kB.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

impl Config {
    /// The certificates of all files of `extra-ca`. Errors when one can't be read, holds none, or
    /// holds one that is malformed or expired.
    pub fn extra_roots(&self) -> Result<Vec<Certificate>, ConfigError> {
        let files = self.extra_ca.0.iter();
        let read: Result<Vec<_>, _> = files.map(|file| read_roots(file)).collect();
        Ok(read?.into_iter().flatten().collect())
    }
}

/// The certificates of one PEM file.
pub fn read_roots(file: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let place = format!("extra-ca: {}", file.display());
    let wrong = |problem: String| ConfigError::Wrong(format!("{place}: {problem}"));
    let mut pem = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(FILE_MAX_BYTES + 1).read_to_end(&mut pem))
        .map_err(|error| wrong(format!("{error}; name a PEM file that this user can read")))?;
    if pem.len() as u64 > FILE_MAX_BYTES {
        return Err(wrong(format!(
            "more than {FILE_MAX_BYTES} bytes; give the authority's certificate alone"
        )));
    }
    let mut roots = Vec::new();
    for (index, found) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let number = index + 1;
        let der = found.map_err(|error| {
            wrong(format!(
                "certificate {number} is no PEM ({error}); export it anew as PEM"
            ))
        })?;
        usable(&der).map_err(|problem| wrong(format!("certificate {number} {problem}")))?;
        roots.push(Certificate::from_der(&der).map_err(|error| wrong(error.to_string()))?);
    }
    if roots.is_empty() {
        return Err(wrong(
            "no certificate in it; it needs at least one -----BEGIN CERTIFICATE----- (PEM, not DER)"
                .into(),
        ));
    }
    Ok(roots)
}

/// Whether it can be an authority now. Whoever verifies servers does not look at an authority's own
/// dates; so it is verified here as if it were a server's, of which the dates are looked at first.
fn usable(der: &CertificateDer) -> Result<(), String> {
    let mut store = RootCertStore::empty();
    let malformed =
        |error: &dyn std::fmt::Display| format!("is malformed ({error}); export it anew as PEM");
    store
        .add(der.clone().into_owned())
        .map_err(|error| malformed(&error))?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), ring)
        .build()
        .map_err(|error| malformed(&error))?;
    let name = ServerName::try_from("authority.invalid").map_err(|error| malformed(&error))?;
    match verifier.verify_server_cert(der, &[], &name, &[], UnixTime::now()) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            let seconds = i64::try_from(not_after.as_secs()).unwrap_or(i64::MAX);
            let day = DateTime::from_timestamp(seconds, 0)
                .map_or_else(String::new, |at| format!(" on {}", at.date_naive()));
            Err(format!(
                "expired{day}; put the current one in its place, or take it out"
            ))
        }
        Err(Error::InvalidCertificate(CertificateError::BadEncoding)) => {
            Err(malformed(&"its dates or extensions"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "roots_tests.rs"]
mod tests;
