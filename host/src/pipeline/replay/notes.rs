//! What there is to say about a replay besides its outcome: what was not as it was when it was decided,
//! failures then and now, and what in the record was changed afterwards.
//!
//! Each note has a kind for programs and a text for people, which says no more than the digests bear
//! out. Deliberately absent: neighbours, see `together`.

use super::super::decide;
use super::Replay;
use crate::plugin::pure::PurePlugin;
use rapport_package::manifest::Fallback;

impl Replay {
    /// What is not as it was when it was decided.
    pub(super) fn note_inputs(&mut self) {
        let (was, is) = (&self.recorded, &self.now);
        let plugin = (was.plugin_digest != is.plugin_digest).then(|| {
            format!(
                "decided by {} {} (sha256:{}), run now with {} (sha256:{})",
                self.plugin, was.version, was.plugin_digest, is.version, is.plugin_digest
            )
        });
        let settings = (was.settings_digest != is.settings_digest).then(|| {
            format!(
                "decided with the settings sha256:{}, run now with sha256:{}",
                was.settings_digest, is.settings_digest
            )
        });
        let input = (was.input_digest != is.input_digest).then(|| {
            "the plugin was not shown the recorded input to the byte: this Rapport writes cases in \
             another form than the one that decided, or the plugin asks for other fields"
                .to_owned()
        });
        let kinds = ["plugin-differs", "settings-differ", "input-differs"];
        for (kind, text) in kinds.into_iter().zip([plugin, settings, input]) {
            if let Some(text) = text {
                self.note(kind, text);
            }
        }
    }

    pub(super) fn note_fault(&mut self, plugin: &PurePlugin) {
        let fallback = match plugin.manifest.fallback {
            Fallback::Open => "open: as if it had said nothing",
            Fallback::Closed => "closed: the host decided in its stead",
            Fallback::LastKnownGood => {
                "last known good: no earlier version answered, and the host decided in its stead"
            }
        };
        if let Some(fault) = self.recorded.fault.clone() {
            let effects = decide::fallen_back(&plugin.manifest, self.moment, &fault);
            let same = decide::output_digest(&effects) == self.recorded.output_digest;
            let same = match same {
                true => "the recorded output is, to the byte, what that fallback gives",
                false => "the recorded output is not what that fallback gives",
            };
            let text = format!(
                "the plugin gave no answer when this was decided ({fault}), and its fallback \
                 answered, {fallback}; {same}"
            );
            self.note("fault-recorded", text);
        }
        match (&self.recorded.fault, &self.now.fault) {
            (None, Some(fault)) => {
                let text = format!("the plugin gives no answer now ({fault}); it did then");
                self.note("fault-now", text);
            }
            (Some(was), Some(is)) if was != is => {
                let text = format!("the plugin gives no answer now either, but otherwise: {is}");
                self.note("fault-now", text);
            }
            (Some(_), None) => {
                let text = "the plugin answers now; a fault of its surroundings (busy, timeout, \
                    breaker-open) does not come back by itself";
                self.note("fault-not-repeated", text);
            }
            _ => {}
        }
    }

    /// The stored decisions are not what the recorded output digest is of: one of them was changed.
    pub(super) fn note_changed(&mut self, stored: Option<&str>) {
        let text = if self.now.output_digest == self.recorded.output_digest {
            "what comes out is what the recorded output digest is of, and the stored decisions are \
             not: they were changed after they were made"
        } else if stored == Some(self.now.output_digest.as_str()) {
            "what comes out is what the stored decisions say, and the recorded output digest is not \
             theirs: it was changed after it was made"
        } else {
            "the stored decisions are not what the recorded output digest is of: the record was \
             changed after it was made"
        };
        self.note("record-changed", text);
    }
}
