//! One file is one plugin: manifest, licence, changelog and fixtures travel inside the component, as
//! custom sections of the binary (WebAssembly core specification, "custom section"; the component
//! format has the same), after everything else and in one order.
//!
//! Reading takes the file for a stranger's. A section counts only at the top level and only once.
//! Deliberately absent: signatures.

use crate::component::{self, ComponentError, Outline};
use crate::digest::sha256_hex;
use crate::fixtures::{self, FixtureError, Fixtures};
use crate::imports::{self, ImportError, Report};
use crate::limits;
use crate::manifest::{Manifest, ManifestError};
use crate::world::{self, WorldError};
use wasm_encoder::ComponentSection;

/// A custom section of ours: its name, and the most bytes it may have.
#[derive(Debug, Clone, Copy)]
struct Part {
    section: &'static str,
    limit: usize,
}

const MANIFEST: Part = Part {
    section: "rapport:plugin.toml",
    limit: limits::MANIFEST_BYTES,
};
const LICENCE: Part = Part {
    section: "rapport:licence",
    limit: limits::LICENCE_BYTES,
};
const CHANGELOG: Part = Part {
    section: "rapport:changelog",
    limit: limits::CHANGELOG_BYTES,
};
const FIXTURES: Part = Part {
    section: "rapport:fixtures.json",
    limit: limits::FIXTURES_SECTION_BYTES,
};

/// What goes into a component to make it a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The text of `plugin.toml`.
    pub manifest: String,
    pub licence: Option<String>,
    /// What is new in this version.
    pub changelog: Option<String>,
    pub fixtures: Fixtures,
}

/// A plugin as one file: the bytes of the component and what was found in them.
#[derive(Debug, Clone)]
pub struct Package {
    pub manifest: Manifest,
    pub licence: Option<String>,
    /// What is new in this version.
    pub changelog: Option<String>,
    pub fixtures: Fixtures,
    /// What the component imports and exports.
    pub outline: Outline,
    /// The whole file.
    pub component: Vec<u8>,
    /// SHA-256 of `component`, lower-case hexadecimal: the identity of this very build.
    pub digest: String,
}

/// Why a file is no plugin. The text says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error(transparent)]
    Component(#[from] ComponentError),
    #[error("a component without a manifest; build it with `rapport plugin build DIR`")]
    NoManifest,
    #[error("a plugin already; build it from the component without sections `rapport:…`")]
    AlreadyAPlugin,
    #[error(
        "a second section `{section}` at byte {offset}; build it with `rapport plugin build DIR`"
    )]
    Twice {
        section: &'static str,
        offset: usize,
    },
    #[error("section `{section}` at byte {offset}: {found} bytes, at most {limit}; shorten it")]
    SectionTooLarge {
        section: &'static str,
        offset: usize,
        found: usize,
        limit: usize,
    },
    #[error(
        "section `{section}`: not UTF-8 text at byte {offset}; save its file as UTF-8 and build \
         again"
    )]
    NotText {
        section: &'static str,
        offset: usize,
    },
    #[error(transparent)]
    Fixtures(#[from] FixtureError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Why a plugin is not what its manifest says. The text says what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    #[error(transparent)]
    Component(#[from] ComponentError),
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Imports(#[from] ImportError),
}

impl Package {
    /// Reads a plugin file. The code of its functions is not looked at; see [`Package::inspect`].
    pub fn read(component: Vec<u8>) -> Result<Self, PackageError> {
        let outline = component::outline(&component)?;
        let text = |part: Part| part.text(&component, &outline);
        let manifest = text(MANIFEST)?.ok_or(PackageError::NoManifest)?;
        let manifest = Manifest::parse(manifest)?;
        let fixtures = text(FIXTURES)?.map(fixtures::decode).transpose()?;
        Ok(Self {
            manifest,
            licence: text(LICENCE)?.map(str::to_owned),
            changelog: text(CHANGELOG)?.map(str::to_owned),
            fixtures: fixtures.unwrap_or_default(),
            digest: sha256_hex(&component),
            outline,
            component,
        })
    }

    /// Size of the file in bytes.
    pub fn size_bytes(&self) -> usize {
        self.component.len()
    }

    /// Checks what the component exports and imports against its manifest, and validates the code of
    /// its functions. Takes up to a second for a large plugin: for a build or an installation.
    pub fn inspect(&self) -> Result<Report, InspectError> {
        world::check(self.manifest.kind, &self.outline.exports)?;
        let report = imports::check(&self.manifest, &self.outline.imports)?;
        component::validate(&self.component)?;
        Ok(report)
    }
}

impl Part {
    /// The section's text, if the component has one.
    fn text<'a>(
        self,
        component: &'a [u8],
        outline: &Outline,
    ) -> Result<Option<&'a str>, PackageError> {
        let section = self.section;
        let mut found = outline.sections.iter().filter(|s| s.name == section);
        let Some(range) = found.next().map(|section| section.range.clone()) else {
            return Ok(None);
        };
        let offset = range.start;
        if let Some(second) = found.next() {
            let offset = second.range.start;
            return Err(PackageError::Twice { section, offset });
        }
        let bytes = &component[range];
        self.check_size(bytes.len(), offset)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(PackageError::NotText {
                section,
                offset: offset + error.valid_up_to(),
            }),
        }
    }

    fn check_size(self, found: usize, offset: usize) -> Result<(), PackageError> {
        if found <= self.limit {
            return Ok(());
        }
        Err(PackageError::SectionTooLarge {
            section: self.section,
            offset,
            found,
            limit: self.limit,
        })
    }

    fn append_to(self, component: &mut Vec<u8>, text: &str) -> Result<(), PackageError> {
        self.check_size(text.len(), component.len())?;
        let section = wasm_encoder::CustomSection {
            name: self.section.into(),
            data: text.as_bytes().into(),
        };
        section.append_to_component(component);
        Ok(())
    }
}

/// Makes a component a plugin. The same input gives the same bytes.
pub fn embed(component: &[u8], contents: &Contents) -> Result<Vec<u8>, PackageError> {
    Manifest::parse(&contents.manifest)?;
    let outline = component::outline(component)?;
    if !outline.sections.is_empty() {
        return Err(PackageError::AlreadyAPlugin);
    }
    let mut whole = component.to_vec();
    MANIFEST.append_to(&mut whole, &contents.manifest)?;
    if let Some(text) = &contents.licence {
        LICENCE.append_to(&mut whole, text)?;
    }
    if let Some(text) = &contents.changelog {
        CHANGELOG.append_to(&mut whole, text)?;
    }
    if !contents.fixtures.is_empty() {
        FIXTURES.append_to(&mut whole, &fixtures::encode(&contents.fixtures)?)?;
    }
    if whole.len() > limits::FILE_BYTES {
        return Err(ComponentError::FileTooLarge { found: whole.len() }.into());
    }
    Ok(whole)
}

#[cfg(test)]
#[path = "embed_tests.rs"]
mod tests;
