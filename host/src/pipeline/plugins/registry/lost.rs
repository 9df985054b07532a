//! Plugins that can't even be read: how that is told, and what stands in for them.
//!
//! Invariant: what may be a policy is taken for one. What it guards stays closed, as nobody can tell that
//! it guarded nothing.

use super::super::{Absent, Loaded, Standing};
use super::{Facts, Registry, Unreadable};
use crate::domain::plugin::{Installation, PluginState};
use rapport_package::manifest::Fallback;
use rapport_package::{Kind, Manifest};
use serde_json::json;

pub(super) fn of_installed(installed: &Installation, reason: String) -> Standing {
    Standing {
        state: match installed.enabled {
            true => PluginState::Failed,
            false => PluginState::Disabled,
        },
        reason: Some(reason),
        version: String::new(),
        digest: installed.digest.clone(),
        trust: String::new(),
    }
}

pub(super) fn of_unreadable(unreadable: &Unreadable) -> Standing {
    Standing {
        state: match unreadable.enabled {
            true => PluginState::Failed,
            false => PluginState::Disabled,
        },
        reason: Some(unreadable.reason.clone()),
        version: String::new(),
        digest: String::new(),
        trust: "configured".to_owned(),
    }
}

impl Registry {
    /// Tells of a plugin that can't be read, and lets its fallback speak where it may be a policy.
    pub(super) fn miss_lost(
        &self,
        facts: &Facts,
        id: &str,
        standing: Standing,
        loaded: &mut Loaded,
    ) {
        let reason = standing.reason.clone().unwrap_or_default();
        tracing::error!(plugin = %id, reason, "plugin not loaded");
        let wanted = standing.state == PluginState::Failed;
        if wanted && self.may_be_policy(facts, id) {
            let digest = standing.digest.clone();
            if let Some(manifest) = self.manifest_of_lost(id) {
                loaded.absent.push(Absent {
                    manifest,
                    digest,
                    reason,
                });
            }
        }
        loaded.standings.insert(id.to_owned(), standing);
    }

    fn may_be_policy(&self, facts: &Facts, id: &str) -> bool {
        let bundled = self.base.bundled.get(id).map(|p| p.manifest.kind);
        let unreadable = self.base.unreadable.get(id).and_then(|u| u.kind);
        if let Some(kind) = unreadable.or(bundled) {
            return kind == Kind::Policy;
        }
        let configured = self.base.inboxes.iter().map(|inbox| &inbox.setup);
        let stored = facts.setups.iter().map(|stored| &stored.setup);
        // Only a channel has inboxes.
        configured.chain(stored).all(|setup| setup.plugin != id)
    }

    /// Its bundled namesake's manifest, or the least that there can be; closed in any case.
    fn manifest_of_lost(&self, id: &str) -> Option<Manifest> {
        let bundled = self.base.bundled.get(id).map(|p| p.manifest.clone());
        let manifest = bundled.or_else(|| {
            let least = json!({
                "id": id, "name": id, "version": "0.0.0", "kind": "policy", "publisher": "",
                "licence": "", "contract": "1.0.0", "description": "",
            });
            serde_json::from_value(least).ok()
        });
        manifest.map(|manifest| Manifest {
            fallback: Fallback::Closed,
            ..manifest
        })
    }
}
