//! The manifest travels inside the component, as a custom section of the binary (WebAssembly core
//! specification, "custom section"; the component format has the same). One file is one plugin.

use crate::manifest::{Manifest, ManifestError};
use sha2::{Digest, Sha256};
use wasm_encoder::ComponentSection;

/// Name of the custom section that holds the text of `plugin.toml`.
pub const SECTION: &str = "rapport:plugin.toml";

/// Largest component that is read, in bytes.
pub const COMPONENT_MAX_BYTES: usize = 64 * 1024 * 1024;

/// A plugin as one file: the bytes of the component and the manifest found in them.
#[derive(Debug, Clone)]
pub struct Package {
    pub manifest: Manifest,
    pub component: Vec<u8>,
    /// SHA-256 of `component`, lower-case hexadecimal: the identity of this very build.
    pub digest: String,
}

/// Why a file is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("{0} bytes; at most {COMPONENT_MAX_BYTES} are read")]
    TooLarge(usize),
    #[error("not a WebAssembly component: {0}; build it with `rapport plugin build DIR`")]
    NotAComponent(String),
    #[error("a component without a manifest; build it with `rapport plugin build DIR`")]
    NoManifest,
    #[error("more than one manifest in the component")]
    TwoManifests,
    #[error("the manifest is not UTF-8 text")]
    NotText,
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl Package {
    /// Reads a plugin file.
    pub fn read(component: Vec<u8>) -> Result<Self, PackageError> {
        let sections = manifest_sections(&component)?;
        let text = match sections.as_slice() {
            [] => return Err(PackageError::NoManifest),
            [one] => one,
            _ => return Err(PackageError::TwoManifests),
        };
        let text = std::str::from_utf8(text).map_err(|_| PackageError::NotText)?;
        let manifest = Manifest::parse(text)?;
        let digest = hex::encode(Sha256::digest(&component));
        Ok(Self {
            manifest,
            component,
            digest,
        })
    }
}

/// Adds the manifest to a component that has none.
pub fn embed(component: &[u8], manifest_text: &str) -> Result<Vec<u8>, PackageError> {
    Manifest::parse(manifest_text)?;
    if !manifest_sections(component)?.is_empty() {
        return Err(PackageError::TwoManifests);
    }
    let section = wasm_encoder::CustomSection {
        name: SECTION.into(),
        data: manifest_text.as_bytes().into(),
    };
    let mut whole = component.to_vec();
    section.append_to_component(&mut whole);
    Ok(whole)
}

/// The manifest sections at the outermost level of the component.
fn manifest_sections(component: &[u8]) -> Result<Vec<Vec<u8>>, PackageError> {
    if component.len() > COMPONENT_MAX_BYTES {
        return Err(PackageError::TooLarge(component.len()));
    }
    if !wasmparser::Parser::is_component(component) {
        return Err(PackageError::NotAComponent("wrong header".into()));
    }
    let mut found = Vec::new();
    let mut depth = 0u32;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|e| PackageError::NotAComponent(e.to_string()))?;
        match payload {
            wasmparser::Payload::ModuleSection { .. }
            | wasmparser::Payload::ComponentSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth = depth.saturating_sub(1),
            wasmparser::Payload::CustomSection(section)
                if depth == 0 && section.name() == SECTION =>
            {
                found.push(section.data().to_vec());
            }
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        id = "x"
        name = "X"
        version = "0.1.0"
        kind = "classifier"
        publisher = "P"
        licence = "Apache-2.0"
        contract = "1.0.0"
        description = "d"
    "#;

    fn empty_component() -> Vec<u8> {
        wasm_encoder::Component::new().finish()
    }

    #[test]
    fn a_manifest_goes_in_and_comes_out() {
        let whole = embed(&empty_component(), MANIFEST).unwrap();
        let package = Package::read(whole).unwrap();
        assert_eq!(package.manifest.id, "x");
        assert_eq!(package.digest.len(), 64);
    }

    #[test]
    fn refuses_what_is_no_plugin() {
        assert!(matches!(
            Package::read(empty_component()),
            Err(PackageError::NoManifest)
        ));
        assert!(matches!(
            Package::read(b"MZ".to_vec()),
            Err(PackageError::NotAComponent(_))
        ));
        let whole = embed(&empty_component(), MANIFEST).unwrap();
        assert!(matches!(
            embed(&whole, MANIFEST),
            Err(PackageError::TwoManifests)
        ));
        let cut = whole[..whole.len() - 5].to_vec();
        assert!(matches!(
            Package::read(cut),
            Err(PackageError::NotAComponent(_))
        ));
    }
}
