//! A classifier that is honest until its setting `do` says otherwise: for what an admin meets with a
//! version that turns out bad. An honest answer is dimension `length`, label the number of bytes.
//!
//! It says a word in its log for each batch. Deliberately absent: anything that its imports would give
//! away (see hostile-classifier for those).

use rapport_sdk::annotation::Classification;
use rapport_sdk::common::{ItemError, PluginError};
use rapport_sdk::social::Message;
use rapport_sdk::{Classifier, export_classifier, log};
use std::sync::OnceLock;

/// The contract's answer to one message.
type Item = Result<Vec<Classification>, ItemError>;

/// What the setting says.
static DO: OnceLock<String> = OnceLock::new();

/// The classifier.
pub struct Fickle;

export_classifier!(Fickle);

impl Classifier for Fickle {
    fn configure(settings: String) -> Result<(), String> {
        let known = ["double", "loop", "panic", "configure-refuse"];
        let act = known
            .iter()
            .find(|act| settings.contains(&format!("\"{act}\"")));
        let act = act.copied().unwrap_or("honest");
        if act == "configure-refuse" {
            return Err("told to refuse".to_owned());
        }
        DO.set(act.to_owned())
            .map_err(|_| "configured already".to_owned())
    }

    fn classify(messages: Vec<Message>) -> Result<Vec<Item>, PluginError> {
        log::write(log::Level::Info, &format!("{} messages", messages.len()));
        match DO.get().map(String::as_str) {
            Some("loop") => loop {
                std::hint::black_box(0);
            },
            Some("panic") => panic!("told to panic"),
            act => {
                let times = 1 + usize::from(act == Some("double"));
                let one = |m: &Message| Ok(vec![length(m, times)]);
                Ok(messages.iter().map(one).collect())
            }
        }
    }
}

fn length(message: &Message, times: usize) -> Classification {
    Classification {
        dimension: "length".to_owned(),
        label: (message.content.len() * times).to_string(),
        score: 1.0,
        evidence: Vec::new(),
        extra: Vec::new(),
    }
}
