//! Builds the bundled plugins and writes them where `bundled.rs` includes them. Cargo decides what
//! has changed: this runs only when a plugin, the SDK or the contract did.

use rapport_package::{Package, build};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BUNDLED: &[&str] = &[
    "channel-bluesky",
    "channel-feed",
    "channel-sample",
    "channel-webhook",
    "classify-language",
    "classify-sentiment",
    "classify-topic",
    "policy-service",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in BUNDLED {
        // The whole directory: a part that is new counts too.
        let dir = root.join("plugins").join(name);
        println!("cargo::rerun-if-changed={}", dir.display());
    }
    for part in [
        "plugins/sdk/src",
        "plugins/sdk/Cargo.toml",
        "wit",
        "host/migrations",
        "LICENSE",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(part).display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let dirs: Vec<PathBuf> = BUNDLED
        .iter()
        .map(|name| root.join("plugins").join(name))
        .collect();
    let target_dir = guests_dir(&out);
    let built = match build::build_all(&dirs, Some(&target_dir)) {
        Ok(built) => built,
        Err(error) => {
            println!("cargo::error={error}");
            std::process::exit(1);
        }
    };
    let mut list = String::from("&[\n");
    for (manifest, component) in built {
        let file = out.join(format!("{}.wasm", manifest.id));
        if let Err(error) = inspected(&component) {
            println!("cargo::error={}: {error}", manifest.id);
            std::process::exit(1);
        }
        std::fs::write(&file, component).expect("writing into OUT_DIR");
        writeln!(
            list,
            "    (\"{}\", include_bytes!({:?})),",
            manifest.id, file
        )
        .expect("writing to a String");
    }
    list.push_str("]\n");
    std::fs::write(out.join("bundled.rs"), list).expect("writing into OUT_DIR");
}

/// Bundled plugins keep to the rules that all keep to.
fn inspected(component: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let report = Package::read(component.to_vec())?.inspect()?;
    match report.warnings.first() {
        Some(warning) => Err(warning.to_string().into()),
        None => Ok(()),
    }
}

/// A folder for guests that every profile of the host shares: `target/guests`. A folder of its own,
/// because the outer cargo holds the lock on `target`.
fn guests_dir(out: &Path) -> PathBuf {
    // OUT_DIR is target/<profile>/build/<package>/out.
    out.ancestors()
        .nth(4)
        .map_or_else(|| out.join("guests"), |target| target.join("guests"))
}
