//! Plugins for tests and benchmarks of the host: built once a run, loaded with the settings that a
//! test wants, and messages to give them.
//!
//! Compiled components are kept under cargo's directory for tests, so a second run is quick.

use rapport_host::domain::social::{Actor, ActorKind, SourceMessage};
use rapport_host::plugin::pure::PurePlugin;
use rapport_host::plugin::{Engines, Freeze, PrepareError, resolve_settings};
use rapport_package::{Package, build};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Where cargo lets tests keep files.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Builds the plugins in these directories of the workspace, for example `plugins/classify-topic`.
pub fn build_packages(dirs: &[&str]) -> Vec<Package> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dirs: Vec<PathBuf> = dirs.iter().map(|dir| root.join(dir)).collect();
    build::build_all(&dirs, Some(&scratch().join("guests")))
        .expect("the plugins build")
        .into_iter()
        .map(|(_, bytes)| Package::read(bytes).expect("what was built is a plugin"))
        .collect()
}

/// The engines that all tests of a process share.
pub fn engines() -> &'static Arc<Engines> {
    static ENGINES: OnceLock<Arc<Engines>> = OnceLock::new();
    ENGINES.get_or_init(|| {
        Arc::new(Engines::new(&scratch().join("compiled")).expect("the engines start"))
    })
}

/// Loads a classifier with settings that pass its schema.
pub async fn load_pure(
    package: &Package,
    settings: &Value,
    freeze: Freeze,
) -> Result<PurePlugin, PrepareError> {
    let settings = resolve_settings(&package.manifest.settings, settings).expect("settings pass");
    PurePlugin::load(engines(), package, settings, &[], freeze).await
}

/// A public message with this text.
pub fn message(content: &str) -> SourceMessage {
    SourceMessage {
        attributed_to: Actor {
            external_id: "a-1".into(),
            kind: ActorKind::Person,
            ..Actor::unknown()
        },
        published: 1_700_000_000_000,
        ..SourceMessage::plain("m-1", content)
    }
}

/// Messages with these texts.
pub fn messages(texts: &[&str]) -> Vec<SourceMessage> {
    texts.iter().map(|text| message(text)).collect()
}
