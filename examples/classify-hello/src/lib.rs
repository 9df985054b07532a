//! The smallest classifier: does a message begin with a greeting? Label `yes` or `no`.

use rapport_sdk::annotation::Classification;
use rapport_sdk::common::{ItemError, PluginError};
use rapport_sdk::social::Message;

#[cfg(test)]
mod tests;

type Judged = Result<Vec<Classification>, ItemError>;

pub struct Hello;

impl rapport_sdk::Classifier for Hello {
    fn configure(_settings: String) -> Result<(), String> {
        Ok(())
    }

    fn classify(messages: Vec<Message>) -> Result<Vec<Judged>, PluginError> {
        let one = |m: &Message| Ok(vec![judge(&m.content)]);
        Ok(messages.iter().map(one).collect())
    }
}

fn judge(text: &str) -> Classification {
    let first = text.split_whitespace().next().unwrap_or("").to_lowercase();
    let word = first.trim_matches(|c: char| !c.is_alphabetic());
    let greets = ["hello", "hi", "hallo", "hoi"].contains(&word);
    Classification {
        dimension: "greeting".into(),
        label: if greets { "yes" } else { "no" }.into(),
        score: 1.0,
        evidence: vec![],
        extra: vec![],
    }
}

rapport_sdk::export_classifier!(Hello);
