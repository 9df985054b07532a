//! Loads the plugin under test, as often as a check wants it, with the settings it wants.
//!
//! Compiled code goes into a directory of this run, which only this user can enter and which is gone
//! afterwards: machine code of an earlier run, or of somebody else, is never run.

use crate::domain::digest::sha256_hex;
use crate::domain::new_id;
use crate::plugin::pure::PurePlugin;
use crate::plugin::{Engines, Freeze, PrepareError, Settings, resolve_settings};
use anyhow::{Context, Result};
use rapport_package::Package;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

pub struct Loader<'a> {
    pub package: &'a Package,
    engines: Arc<Engines>,
    // Dropped after the engines.
    _scratch: Scratch,
}

/// A directory that goes when this does.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl<'a> Loader<'a> {
    pub fn new(package: &'a Package) -> Result<Self> {
        Self::trusting(package, Vec::new())
    }

    /// With connectors that trust these authorities beside the system's.
    pub fn trusting(package: &'a Package, roots: Vec<reqwest::Certificate>) -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("rapport-test-{}", new_id()));
        // Not `create_dir_all`: what is there already is somebody else's.
        std::fs::create_dir(&dir).with_context(|| format!("making {}", dir.display()))?;
        let scratch = Scratch(dir);
        Ok(Self {
            package,
            engines: Arc::new(Engines::new(&scratch.0)?.trusting(roots)),
            _scratch: scratch,
        })
    }

    /// Fills in defaults and checks against the manifest's schema.
    pub fn resolve(&self, given: &Value) -> Result<Settings, Vec<String>> {
        resolve_settings(&self.package.manifest.settings, given)
    }

    /// As in service: configured once, frozen where possible.
    pub async fn load(&self, settings: Settings) -> Result<PurePlugin, PrepareError> {
        PurePlugin::load(
            &self.engines,
            self.package,
            settings,
            &[],
            Freeze::WhenPossible,
        )
        .await
    }

    /// For connectors.
    pub fn engines(&self) -> &Arc<Engines> {
        &self.engines
    }

    /// Settings for a plugin that is configured at each call: other settings cost no other
    /// compilation, because the digest names compiled code only, and that is the same for all.
    pub fn live(&self, settings: Settings) -> Settings {
        let digest = sha256_hex(b"live");
        Settings { digest, ..settings }
    }

    /// Configured at each call.
    pub async fn load_live(
        &self,
        settings: Settings,
        withhold: &[String],
    ) -> Result<PurePlugin, PrepareError> {
        let settings = self.live(settings);
        PurePlugin::load(
            &self.engines,
            self.package,
            settings,
            withhold,
            Freeze::Never,
        )
        .await
    }
}
