//! Asks every enabled classifier about the whole batch, all of them at once. A classifier that fails
//! has said nothing; the others' answers stand.

use super::identify::Judgeable;
use crate::domain::agreement::Subject;
use crate::domain::annotation::Classification;
use crate::domain::social::SourceMessage;
use crate::plugin::pure::PurePlugin;
use futures_util::future::join_all;
use std::sync::Arc;

/// What one classifier said of one message.
#[derive(Debug, Clone)]
pub struct Said {
    pub plugin: String,
    pub plugin_digest: String,
    pub settings_digest: String,
    pub found: Vec<Classification>,
}

/// A message with what was said of it.
#[derive(Debug, Clone)]
pub struct Classified {
    pub message: Judgeable,
    pub said: Vec<Said>,
}

impl Classified {
    /// What was judged.
    pub fn subject(&self) -> Subject {
        Subject {
            message_id: Some(self.message.message_id.clone()),
            contact_id: Some(self.message.contact_id.clone()),
            draft_id: None,
        }
    }

    /// All classifications, in the order of the classifiers.
    pub fn classifications(&self) -> Vec<Classification> {
        self.said
            .iter()
            .flat_map(|said| said.found.clone())
            .collect()
    }
}

pub async fn run(classifiers: &[Arc<PurePlugin>], messages: Vec<Judgeable>) -> Vec<Classified> {
    if messages.is_empty() {
        return Vec::new();
    }
    let sources: Vec<SourceMessage> = messages.iter().map(|m| m.source.clone()).collect();
    let batches = join_all(classifiers.iter().map(|c| c.classify(&sources))).await;
    let mut classified: Vec<Classified> = messages
        .into_iter()
        .map(|message| Classified {
            message,
            said: Vec::new(),
        })
        .collect();
    for (classifier, batch) in classifiers.iter().zip(batches) {
        for (item, into) in batch.items.into_iter().zip(&mut classified) {
            match item {
                Ok(found) => into.said.push(Said {
                    plugin: classifier.manifest.id.clone(),
                    plugin_digest: classifier.digest.clone(),
                    settings_digest: classifier.settings.digest.clone(),
                    found,
                }),
                Err(error) => tracing::warn!(
                    plugin = %classifier.manifest.id,
                    message_id = %into.message.message_id,
                    %error,
                    "not classified"
                ),
            }
        }
    }
    classified
}
