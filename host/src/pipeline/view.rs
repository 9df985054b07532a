//! The plugins at work, as an admin sees them.

use super::Pipeline;
use crate::domain::annotation::Localized;
use crate::plugin::Health;
use rapport_package::Manifest;
use serde::Serialize;
use utoipa::ToSchema;

/// A plugin at work; a channel once for each inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginView {
    pub id: String,
    pub name: String,
    pub version: String,
    /// `channel`, `classifier` or `policy`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    pub publisher: String,
    pub description: String,
    /// SHA-256 of the component.
    pub digest: String,
    /// The inbox that a channel serves.
    pub inbox: Option<String>,
    /// Calls since start, and those that ended in a host fault.
    pub calls: u64,
    pub faults: u64,
    /// The circuit breaker is open: it is left alone for a while.
    pub breaker_open: bool,
    pub last_fault: Option<String>,
    /// Fields it asked for and those it may not see.
    pub fields: Vec<String>,
    pub withheld: Vec<String>,
    pub rules: Vec<RuleView>,
}

/// A rule of a policy pack.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    pub id: String,
    pub enabled: bool,
    pub title: Vec<Localized>,
    pub guards: Vec<Localized>,
    /// When it has something to say. At `campaign` and `tick` this version does not ask yet.
    pub moments: Vec<String>,
}

pub fn plugin_views(pipeline: &Pipeline) -> Vec<PluginView> {
    let plugins = pipeline.plugins.now();
    let pure = plugins.pure().map(|plugin| {
        let mut view = view(&plugin.manifest, &plugin.digest, plugin.breaker.health());
        view.fields.clone_from(&plugin.asked);
        view.withheld = plugin
            .asked
            .iter()
            .filter(|f| !plugin.granted.contains(f))
            .cloned()
            .collect();
        view.rules = plugin
            .rules
            .iter()
            .map(|rule| RuleView {
                id: rule.id.clone(),
                enabled: rule.enabled,
                title: rule.title.clone(),
                guards: rule.guards.clone(),
                moments: rule.moments.iter().map(ToString::to_string).collect(),
            })
            .collect();
        view
    });
    let channels = plugins.inboxes.values().map(|runtime| {
        let connector = &runtime.connector;
        let mut view = view(
            &connector.manifest,
            &connector.digest,
            connector.breaker.health(),
        );
        view.inbox = Some(runtime.inbox.name.clone());
        view
    });
    pure.chain(channels).collect()
}

fn view(manifest: &Manifest, digest: &str, health: Health) -> PluginView {
    PluginView {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        kind: manifest.kind.as_str(),
        publisher: manifest.publisher.clone(),
        description: manifest.description.clone(),
        digest: digest.to_owned(),
        inbox: None,
        calls: health.calls,
        faults: health.faults,
        breaker_open: health.open,
        last_fault: health.last_fault,
        fields: Vec::new(),
        withheld: Vec::new(),
        rules: Vec::new(),
    }
}
