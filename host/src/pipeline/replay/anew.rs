//! A replay by a host: the recorded plugin and the recorded settings come from the store, or are what
//! came with this host. Nothing else would be a proof, so nothing else is tried.

use super::{Record, Replay, Unrepeatable, recorded_case, run};
use crate::db::{Db, DbError};
use crate::domain::annotation::Evaluation;
use crate::pipeline::Pipeline;
use crate::pipeline::plugins::Registry;
use crate::pipeline::plugins::load::LoadError;
use crate::plugin::pure::PurePlugin;
use crate::plugin::{Freeze, Settings, resolve_settings};
use rapport_package::Package;
use std::sync::Arc;

/// Why a host can't re-execute a decision.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("there is no such decision")]
    NotFound,
    #[error(
        "the plugin sha256:{0} that decided is not in the store; `rapport replay --plugin FILE` takes \
         it from elsewhere"
    )]
    PluginGone(String),
    #[error(
        "the settings sha256:{0} that it decided with are not in the store; `rapport replay --settings \
         FILE` takes them from elsewhere"
    )]
    SettingsGone(String),
    #[error(transparent)]
    Unrepeatable(#[from] Unrepeatable),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Pipeline {
    /// Re-executes the evaluation that a decision came from; the id is either's.
    pub async fn replay(&self, registry: &Registry, id: &str) -> Result<Replay, ReplayError> {
        let db = &self.db;
        let evaluation = db.evaluation_find(id).await?;
        let evaluation = evaluation.ok_or(ReplayError::NotFound)?;
        let case = recorded_case(&evaluation)?;
        let package = package(db, registry, &evaluation).await?;
        let settings = settings(db, &package, &evaluation).await?;
        let engines = &registry.base.engines;
        let freeze = Freeze::WhenPossible;
        let plugin = PurePlugin::load(engines, &package, settings, &case.withheld, freeze);
        let plugin = Arc::new(plugin.await.map_err(LoadError::from)?);
        let decisions = db.evaluation_decisions(&evaluation.id).await?;
        let record = Record {
            evaluation,
            decisions,
        };
        Ok(run(db, &plugin, &record, case).await?)
    }
}

async fn package(
    db: &Db,
    registry: &Registry,
    was: &Evaluation,
) -> Result<Arc<Package>, ReplayError> {
    let base = &registry.base;
    let configured = base.configured.values().map(|c| &c.package);
    let mut here = base.bundled.values().chain(configured);
    if let Some(package) = here.find(|package| package.digest == was.plugin_digest) {
        return Ok(Arc::clone(package));
    }
    let gone = || ReplayError::PluginGone(was.plugin_digest.clone());
    let file = db.plugin_file(&was.plugin_digest).await?.ok_or_else(gone)?;
    let package = Package::read(file.bytes).map_err(|_| gone())?;
    match package.digest == was.plugin_digest {
        true => Ok(Arc::new(package)),
        false => Err(gone()),
    }
}

async fn settings(db: &Db, package: &Package, was: &Evaluation) -> Result<Settings, ReplayError> {
    let gone = || ReplayError::SettingsGone(was.settings_digest.clone());
    let kept = db
        .plugin_settings(&was.plugin, &was.settings_digest)
        .await?;
    let settings = resolve_settings(&package.manifest.settings, &kept.ok_or_else(gone)?)
        .map_err(LoadError::Settings)?;
    match settings.digest == was.settings_digest {
        true => Ok(settings),
        false => Err(gone()),
    }
}
