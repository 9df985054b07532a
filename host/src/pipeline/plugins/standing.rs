//! How one plugin stands: to be at work, with what, or why not. Rules only, no I/O.

use super::admit::may_run;
use super::{Configured, Standing};
use crate::domain::plugin::{BUNDLED, Installation, PluginState};
use rapport_package::grant::Grant;
use rapport_package::manifest::Fallback;
use rapport_package::{Manifest, Package};
use rapport_publish::trust::{Trust, TrustStore};
use serde_json::Value;
use std::sync::Arc;

/// What a plugin is to be at work with.
pub(super) struct Wish {
    /// Its manifest holds what is granted, fields apart.
    pub package: Arc<Package>,
    pub settings: Value,
    pub withhold: Vec<String>,
}

/// A plugin to be at work, or not, and how that is told.
pub(super) struct Stand {
    pub standing: Standing,
    /// What it would be at work with, whether it is to be or not.
    pub wish: Wish,
    /// A file of rapport.toml, or bundled: a problem at the start ends the start.
    pub strict: bool,
}

impl Stand {
    /// Whether it is to be at work.
    pub fn runs(&self) -> bool {
        self.standing.state == PluginState::Running
    }

    /// Whether it can't be at work though the admin wants it to be.
    pub fn is_missed(&self) -> bool {
        matches!(
            self.standing.state,
            PluginState::Failed | PluginState::NotTrusted | PluginState::Revoked
        )
    }

    fn new(package: &Arc<Package>, state: PluginState, trust: String) -> Self {
        Self {
            standing: Standing {
                state,
                reason: None,
                version: package.manifest.version.clone(),
                digest: package.digest.clone(),
                trust,
            },
            wish: Wish {
                package: Arc::clone(package),
                settings: Value::Null,
                withhold: Vec::new(),
            },
            strict: true,
        }
    }
}

/// One that comes with the host, as it comes.
pub(super) fn of_bundled(package: &Arc<Package>) -> Stand {
    Stand::new(package, PluginState::Running, BUNDLED.to_owned())
}

/// One that rapport.toml names: the operator's own word, so no signature is asked for.
pub(super) fn of_configured(configured: &Configured) -> Stand {
    let state = match configured.enabled {
        true => PluginState::Running,
        false => PluginState::Disabled,
    };
    let mut stand = Stand::new(&configured.package, state, "configured".to_owned());
    stand.wish.settings = configured.settings.clone();
    stand.wish.withhold = configured.withhold.clone();
    stand
}

/// What the version in force, with this manifest, was granted; none: nothing yet. A bundled version that
/// nobody narrowed has all that it asks for, and what can't be read grants nothing.
pub(super) fn granted(installed: &Installation, manifest: &Manifest) -> Option<Grant> {
    match &installed.granted {
        Some(granted) => serde_json::from_value(granted.clone()).ok(),
        None => (installed.digest == BUNDLED).then(|| Grant::of(manifest)),
    }
}

/// The digest of the version that is to answer in the stead of the one in force, which has this
/// manifest.
pub(super) fn last_known_good<'a>(
    installed: &'a Installation,
    manifest: &Manifest,
) -> Option<&'a str> {
    let wanted = manifest.fallback == Fallback::LastKnownGood;
    let good = installed.good.as_deref().filter(|_| wanted)?;
    (good != installed.digest).then_some(good)
}

/// One that an admin manages. `trust` is that of its file to this store of keys; none for the bundled
/// version.
pub(super) fn of_installed(
    installed: &Installation,
    package: &Arc<Package>,
    trust: Option<(&Trust, &TrustStore)>,
) -> Stand {
    let told = trust.map_or(BUNDLED, |(trust, _)| trust.state()).to_owned();
    let mut stand = Stand::new(package, PluginState::Running, told);
    stand.strict = false;
    stand.wish.settings = installed.settings.clone();
    let grant = granted(installed, &package.manifest);
    if let Some(grant) = &grant {
        let mut narrowed = Package::clone(package);
        narrowed.manifest = grant.apply(&package.manifest);
        stand.wish.withhold = grant.withheld(&package.manifest);
        stand.wish.package = Arc::new(narrowed);
    }
    let standing = &mut stand.standing;
    let admitted = installed.admitted.get(&installed.digest);
    let (state, reason) = match trust.map(|(trust, store)| may_run(trust, admitted, store)) {
        _ if !installed.enabled => (PluginState::Disabled, None),
        _ if grant.is_none() => (
            PluginState::NotGranted,
            Some("grant it what it asks for, or less: rapport plugin grant".to_owned()),
        ),
        Some(Err((state, reason))) => (state, Some(reason)),
        _ => (PluginState::Running, None),
    };
    standing.state = state;
    standing.reason = reason;
    stand
}
