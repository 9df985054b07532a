//! A classifier that misbehaves as its setting `do` says, so that one component serves every test
//! of what a classifier may do to the host: run on, eat memory, flood, lie, look around.
//!
//! `acts` has the misdeeds; this file is the way in. An honest answer is one classification,
//! dimension `length`, label the number of bytes in decimal. Deliberately absent: anything useful.

mod acts;

use rapport_sdk::annotation::Classification;
use rapport_sdk::common::{ItemError, PluginError};
use rapport_sdk::social::Message;
use rapport_sdk::{Classifier, export_classifier};
use std::sync::OnceLock;

/// The contract's answer to one message.
type Item = Result<Vec<Classification>, ItemError>;

/// What the setting says; set by `configure`, so part of every fresh instance.
static DO: OnceLock<String> = OnceLock::new();

/// The classifier.
pub struct HostileClassifier;

export_classifier!(HostileClassifier);

fn setting(settings: &str) -> Result<String, String> {
    let value: serde_json::Value = serde_json::from_str(settings).map_err(|e| e.to_string())?;
    match value.get("do").and_then(serde_json::Value::as_str) {
        Some(act) => Ok(act.to_owned()),
        None => Err("`do` is missing".to_owned()),
    }
}

impl Classifier for HostileClassifier {
    fn configure(settings: String) -> Result<(), String> {
        let act = setting(&settings)?;
        acts::configure(&act)?;
        DO.set(act).map_err(|_| "configured already".to_owned())
    }

    fn classify(messages: Vec<Message>) -> Result<Vec<Item>, PluginError> {
        let Some(act) = DO.get() else {
            return Err(PluginError::InvalidInput("not configured yet".into()));
        };
        Ok(match act.as_str() {
            "as-told" => messages.iter().map(|m| acts::item(&m.content, m)).collect(),
            "wrong-count" => messages.iter().skip(1).map(acts::honest).collect(),
            act => messages.iter().map(|m| acts::item(act, m)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_setting_is_read() {
        assert_eq!(super::setting(r#"{"do":"loop"}"#).as_deref(), Ok("loop"));
        assert!(super::setting("{}").is_err());
        assert!(super::setting("{").is_err());
    }
}
