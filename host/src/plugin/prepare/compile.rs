//! The work of preparing one plugin: configuring and freezing it, and making machine code of it.

use super::configure::snapshot;
use super::{Freeze, PrepareError, link};
use crate::plugin::engine::Engines;
use rapport_package::{Kind, Package};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wasmtime::component::Component;

/// What is to be done with a component.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    /// The plugin's id, for the log.
    pub id: String,
    pub kind: Kind,
    pub memory_mb: u32,
    /// JSON text that has passed the manifest's schema.
    pub settings: String,
    freeze: bool,
    /// The file that the machine code goes into. None: only whether it takes its settings is asked.
    into: Option<PathBuf>,
}

impl Job {
    pub fn new(package: &Package, settings: &str, freeze: Freeze, into: Option<PathBuf>) -> Self {
        Self {
            id: package.manifest.id.clone(),
            kind: package.manifest.kind,
            memory_mb: package.manifest.limits.memory_mb,
            settings: settings.to_owned(),
            freeze: freeze == Freeze::WhenPossible,
            into,
        }
    }

    /// The same without freezing, if that was to be tried.
    pub fn unfrozen(&self) -> Option<Self> {
        self.freeze.then(|| Self {
            freeze: false,
            ..self.clone()
        })
    }

    /// Does it, in this process. Whether the component could be frozen.
    pub async fn run(&self, engines: &Engines, component: &[u8]) -> Result<bool, PrepareError> {
        let load = |e: wasmtime::Error| PrepareError::Load(format!("{e:#}"));
        let frozen = match self.freeze {
            true => snapshot(engines.configuring(self.kind), self, component).await?,
            false => None,
        };
        let runtime = engines.runtime(self.kind);
        let Some(into) = &self.into else {
            if frozen.is_none() {
                let component = Component::new(&runtime.engine, component).map_err(load)?;
                let live = link(runtime, self.kind, &component, false, &self.settings)?;
                live.try_configure(runtime, self.memory_mb).await?;
            }
            return Ok(frozen.is_some());
        };
        let bytes = frozen.as_deref().unwrap_or(component);
        let compiled = runtime.engine.precompile_component(bytes).map_err(load)?;
        let written = std::fs::write(into, compiled);
        written.map_err(|e| PrepareError::Load(format!("{}: {e}", into.display())))?;
        Ok(frozen.is_some())
    }
}
