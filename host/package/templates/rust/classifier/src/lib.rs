//! Does a message thank somebody?

use rapport_sdk::prelude::*;

#[cfg(test)]
mod tests;

/// The settings, as the schema in `plugin.toml` has them.
#[derive(serde::Deserialize)]
pub struct Plugin {
    words: Vec<String>,
}

impl Judge for Plugin {
    fn judge(&self, message: &Message) -> Result<Vec<Classification>, ItemError> {
        let text = message.content.to_lowercase();
        let thanks = self.words.iter().any(|word| text.contains(word.as_str()));
        let label = if thanks { "yes" } else { "no" };
        Ok(vec![Classification::new("thanks", label, 1.0)])
    }
}

rapport_sdk::classifier!(Plugin);
