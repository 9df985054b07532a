//! Versions of a plugin that differ in their manifest alone: made from a built one, without building.

use rapport_package::embed::{Contents, embed};
use rapport_package::{Manifest, Package};

/// The same component with another manifest.
pub fn variant(package: &Package, change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let mut manifest = package.manifest.clone();
    change(&mut manifest);
    let contents = Contents {
        manifest: toml::to_string(&manifest).expect("a manifest is TOML"),
        licence: package.licence.clone(),
        changelog: Some(format!("Version {}.", manifest.version)),
        fixtures: package.fixtures.clone(),
    };
    embed(bare(package), &contents).expect("a plugin")
}

/// The component before anything was put into it: what was put in stands at its end.
fn bare(package: &Package) -> &[u8] {
    let sections = package.outline.sections.iter();
    let first = sections.min_by_key(|section| section.range.start);
    let first = first.expect("a manifest");
    // Before the data: id, size, the name's length, the name (WebAssembly binary format 5.5.3).
    let name = leb_bytes(first.name.len()) + first.name.len();
    let size = name + first.range.len();
    &package.component[..first.range.start - name - leb_bytes(size) - 1]
}

/// Bytes that a number takes as unsigned LEB128.
fn leb_bytes(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    bits.max(1).div_ceil(7) as usize
}
