//! All that an admin wants to know of one plugin: who it is, what it asks for, what it was granted, how
//! it is set, what waits, and how it stands on each host.

use super::difference::Versions;
use super::manage::ManageError;
use super::registry::{Registry, stored};
use super::standing::{granted, last_known_good};
use super::trust;
use crate::db::Db;
use crate::domain::TimestampMs;
use crate::domain::agreement::Agreement;
use crate::domain::plugin::{BUNDLED, Candidate, CandidateMode, HostPluginStatus};
use rapport_package::Package;
use rapport_package::grant::{self, Ask, Grant};
use rapport_publish::trust::{TrustStore, assess};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// One thing that a plugin asks for, and whether it was granted in full.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AskView {
    /// `field`, `http`, `secret`, `runtime-import`, `memory`, `time` or `requests`; of a version that is to
    /// follow also what it says otherwise: `older-version`, `publisher`, `publisher-key`, `name`, `network`,
    /// `fallback`, `webhook`, `settings`, `manifest`, and `address`, where an inbox would be led.
    pub kind: String,
    pub what: String,
    /// The vendor's words.
    pub reason: String,
}

impl From<Ask> for AskView {
    fn from(ask: Ask) -> Self {
        Self {
            kind: ask.kind.to_owned(),
            what: ask.what,
            reason: ask.reason,
        }
    }
}

/// A version of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VersionView {
    pub version: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// Where it came from.
    pub source: String,
    /// What its signatures come to, in words.
    pub trust: String,
}

/// A version that stands beside the one in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    #[serde(flatten)]
    pub version: VersionView,
    pub mode: CandidateMode,
    /// What it asks for beyond the version in force, and says otherwise.
    pub asks_more: Vec<AskView>,
    /// How far it agrees with the version in force, when it runs in the shadow.
    pub agreement: Option<Agreement>,
}

/// A plugin as an admin manages it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginDetail {
    pub id: String,
    pub name: String,
    /// `channel`, `classifier` or `policy`.
    pub kind: String,
    /// The vendor's own word.
    pub publisher: String,
    pub description: String,
    pub licence: String,
    /// What is new in this version, in the vendor's words.
    pub changelog: Option<String>,
    #[serde(flatten)]
    pub version: VersionView,
    /// `rapport.toml` (change it there), `bundled` (nobody has changed it yet) or `store`.
    pub managed_by: String,
    pub enabled: bool,
    /// The version in force runs without a signature, as an admin allowed for this one file.
    pub allow_unsigned: bool,
    /// Id of the key whose the plugin is: the one that signed it first, or that an admin named since. Null:
    /// nobody's yet, or it comes with Rapport.
    pub publisher_key: Option<String>,
    pub asks: Vec<AskView>,
    /// What it may have; null: nothing yet.
    #[schema(value_type = Option<Object>)]
    pub granted: Option<Value>,
    /// Fields that it asks for and is not granted.
    pub withheld: Vec<String>,
    /// Fields that it asks for and this version of Rapport does not provide yet. Nobody needs to grant
    /// them; the plugin is told that they are withheld.
    pub not_provided: Vec<String>,
    #[schema(value_type = Object)]
    pub settings: Value,
    /// JSON Schema of the settings; of a channel's, its inboxes'.
    #[schema(value_type = Object)]
    pub settings_schema: Value,
    pub previous: Option<VersionView>,
    /// The version that answers what the one in force fails on, if its manifest says so
    /// (`fallback = "last-known-good"`).
    pub last_known_good: Option<VersionView>,
    pub candidate: Option<CandidateView>,
    /// When the version in force came into force, while it is being watched (its first hour).
    pub upgraded: Option<TimestampMs>,
    /// How it stands on each host that is running.
    pub hosts: Vec<HostPluginStatus>,
}

impl Registry {
    /// Ids of all plugins there are.
    pub async fn plugin_ids(&self, db: &Db) -> Result<BTreeSet<String>, ManageError> {
        let mut ids: BTreeSet<String> = self.base.bundled.keys().cloned().collect();
        ids.extend(self.base.configured.keys().cloned());
        ids.extend(db.plugin_list().await?.into_iter().map(|i| i.id));
        Ok(ids)
    }

    /// All there is to know of one.
    pub async fn detail(&self, db: &Db, id: &str) -> Result<PluginDetail, ManageError> {
        let hosts = db.plugin_status_list(Some(id)).await?;
        if let Some(configured) = self.base.configured.get(id) {
            let mut detail = detail_of(&configured.package, "rapport.toml", configured.enabled);
            detail.settings = configured.settings.clone();
            detail.withheld = configured.withhold.clone();
            detail.hosts = hosts;
            return Ok(detail);
        }
        let installed = self.installation(db, id).await?;
        let trust = trust::trust_store(db).await?;
        let (version, package) = self.version(db, &trust, id, &installed.digest).await?;
        let managed_by = match installed.revision {
            0 => BUNDLED,
            _ => "store",
        };
        let grant = granted(&installed, &package.manifest);
        let mut detail = detail_of(&package, managed_by, installed.enabled);
        detail.version = version;
        detail.allow_unsigned = installed.is_allowed_unsigned();
        detail.publisher_key.clone_from(&installed.publisher_key);
        detail.granted = grant.as_ref().map(|grant| json!(grant));
        detail.withheld = grant.unwrap_or_default().withheld(&package.manifest);
        detail.settings = installed.settings.clone();
        detail.upgraded = installed.upgraded;
        if let Some(previous) = &installed.previous {
            detail.previous = Some(self.version(db, &trust, id, previous).await?.0);
        }
        if let Some(good) = last_known_good(&installed, &package.manifest) {
            detail.last_known_good = Some(self.version(db, &trust, id, good).await?.0);
        }
        if let Some(candidate) = &installed.candidate {
            let (version, new) = self.version(db, &trust, id, &candidate.digest).await?;
            let owner = self.owner(db, &installed, &trust).await?;
            let versions = Versions {
                old: &package,
                new: &new,
                to: &candidate.digest,
            };
            let more = self.difference(db, &installed, &owner, versions).await?;
            detail.candidate = Some(CandidateView {
                version,
                mode: candidate.mode,
                asks_more: more.into_iter().map(AskView::from).collect(),
                agreement: agreement(db, id, candidate).await?,
            });
        }
        detail.hosts = hosts;
        Ok(detail)
    }

    /// One of its versions.
    async fn version(
        &self,
        db: &Db,
        trust: &TrustStore,
        id: &str,
        digest: &str,
    ) -> Result<(VersionView, Arc<Package>), ManageError> {
        if digest == BUNDLED {
            let package = self.package(db, id, BUNDLED).await?;
            return Ok((bundled(&package), package));
        }
        let file = stored(db, digest).await.map_err(ManageError::Conflict)?;
        let view = VersionView {
            version: file.package.manifest.version.clone(),
            digest: digest.to_owned(),
            source: file.source,
            trust: assess(&file.package.component, &file.signatures, trust).to_string(),
        };
        Ok((view, Arc::new(file.package)))
    }
}

/// What all hosts say of a candidate that runs in the shadow.
async fn agreement(
    db: &Db,
    id: &str,
    candidate: &Candidate,
) -> Result<Option<Agreement>, ManageError> {
    if candidate.mode != CandidateMode::Shadow {
        return Ok(None);
    }
    let mut sum = Agreement::default();
    let reports = db.plugin_shadow_list(id, &candidate.digest).await?;
    reports.into_iter().for_each(|one| sum.merge(one));
    Ok(Some(sum))
}

fn bundled(package: &Package) -> VersionView {
    VersionView {
        version: package.manifest.version.clone(),
        digest: package.digest.clone(),
        source: "comes with Rapport".to_owned(),
        trust: "comes with Rapport".to_owned(),
    }
}

/// What the package says, with everything granted.
fn detail_of(package: &Package, managed_by: &str, enabled: bool) -> PluginDetail {
    let manifest = &package.manifest;
    let mut version = bundled(package);
    if managed_by != BUNDLED {
        managed_by.clone_into(&mut version.source);
        "the operator's own word".clone_into(&mut version.trust);
    }
    PluginDetail {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        kind: manifest.kind.as_str().to_owned(),
        publisher: manifest.publisher.clone(),
        description: manifest.description.clone(),
        licence: manifest.licence.clone(),
        changelog: package.changelog.clone(),
        version,
        managed_by: managed_by.to_owned(),
        enabled,
        allow_unsigned: false,
        publisher_key: None,
        asks: grant::asks(manifest)
            .into_iter()
            .map(AskView::from)
            .collect(),
        granted: Some(json!(Grant::of(manifest))),
        withheld: Vec::new(),
        not_provided: manifest.not_provided().map(str::to_owned).collect(),
        settings: json!({}),
        settings_schema: manifest.settings.clone(),
        previous: None,
        last_known_good: None,
        candidate: None,
        upgraded: None,
        hosts: Vec::new(),
    }
}
