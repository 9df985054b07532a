//! Asks every enabled classifier about the whole batch, all of them at once. Where one fails, its last
//! known good version answers if its manifest wants that; else it has said nothing. The others' answers
//! stand.

use super::identify::Judgeable;
use super::plugins::Loaded;
use crate::domain::agreement::Subject;
use crate::domain::annotation::Classification;
use crate::domain::social::SourceMessage;
use crate::plugin::CallError;
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

pub async fn run(loaded: &Loaded, messages: Vec<Judgeable>) -> Vec<Classified> {
    if messages.is_empty() {
        return Vec::new();
    }
    let sources: Vec<SourceMessage> = messages.iter().map(|m| m.source.clone()).collect();
    let asked = loaded.classifiers.iter().map(|classifier| {
        let good = loaded.good.get(&classifier.manifest.id);
        ask(classifier, good, &sources)
    });
    let answers = join_all(asked).await;
    let mut classified: Vec<Classified> = messages
        .into_iter()
        .map(|message| Classified {
            message,
            said: Vec::new(),
        })
        .collect();
    for (classifier, answers) in loaded.classifiers.iter().zip(answers) {
        for (answer, into) in answers.into_iter().zip(&mut classified) {
            match answer {
                Ok(said) => into.said.push(said),
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

/// What a classifier says of each message; where it gives no answer, what its last known good version
/// says.
async fn ask(
    classifier: &PurePlugin,
    good: Option<&Arc<PurePlugin>>,
    sources: &[SourceMessage],
) -> Vec<Result<Said, CallError>> {
    let mut answers = said(classifier, sources).await;
    let missing = answers.iter().zip(sources).filter(|(a, _)| a.is_err());
    let missing: Vec<SourceMessage> = missing.map(|(_, source)| source.clone()).collect();
    if let Some(good) = good
        && !missing.is_empty()
    {
        let again = said(good, &missing).await;
        let places = answers.iter_mut().filter(|answer| answer.is_err());
        for (place, answer) in places.zip(again).filter(|(_, answer)| answer.is_ok()) {
            *place = answer;
        }
    }
    answers
}

async fn said(by: &PurePlugin, sources: &[SourceMessage]) -> Vec<Result<Said, CallError>> {
    let of = |found| Said {
        plugin: by.manifest.id.clone(),
        plugin_digest: by.digest.clone(),
        settings_digest: by.settings.digest.clone(),
        found,
    };
    let items = by.classify(sources).await.items.into_iter();
    items.map(|item| item.map(of)).collect()
}
