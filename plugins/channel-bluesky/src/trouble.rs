//! Which sources fail while the rest goes on, as the inbox's problem (`rapport_sdk::problem`). A round of
//! searches may take several polls: what failed is remembered until it is read again.

use std::collections::BTreeMap;

use rapport_sdk::problem;

use crate::memory::{read, write};
use crate::net::{Level, Net};

/// Writer: `poll`.
const FAILING_KEY: &str = "failing";
/// Longest reason of one source, in characters.
const REASON_CHARS: usize = 200;

/// What fails, by its key, and why.
#[derive(Debug, Default)]
pub struct Trouble(BTreeMap<String, String>);

impl Trouble {
    /// Of those sources that there still are.
    pub fn load(net: &dyn Net, is_there: impl Fn(&str) -> bool) -> Self {
        let mut failing: BTreeMap<String, String> = read(net, FAILING_KEY);
        failing.retain(|key, _| is_there(key));
        Self(failing)
    }

    pub fn add(&mut self, key: &str, reason: &str) {
        let reason = reason.chars().take(REASON_CHARS).collect();
        self.0.insert(key.to_owned(), reason);
    }

    pub fn end(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Says so to the admin.
    pub fn report(&self, net: &dyn Net) {
        write(net, FAILING_KEY, &self.0);
        let reasons: Vec<&str> = self.0.values().map(String::as_str).collect();
        if reasons.is_empty() {
            net.state_delete(problem::KEY);
            return;
        }
        let text = problem::bounded(&format!("can't be read: {}", reasons.join("; ")));
        if let Err(error) = net.state_set(problem::KEY, text.into_bytes()) {
            net.log(Level::Error, &format!("state: {error}"));
        }
    }
}
