//! What the load generator was promised: its own list, kept outside of any host.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// One report of a message that was handed in.
#[derive(Debug, Clone)]
pub struct Report {
    /// Of the activity.
    pub id: String,
    pub content: String,
    pub acknowledged: bool,
}

/// A message by (inbox, external id).
pub type Key = (String, String);

#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Every report of each message, oldest first.
    pub messages: BTreeMap<Key, Vec<Report>>,
    /// Messages of one conversation, each handed in after the one before was acknowledged.
    pub orders: BTreeMap<Key, Vec<String>>,
    /// Drafts whose sending was acknowledged.
    pub queued: BTreeSet<String>,
    /// How often a status was the answer; 0 when there was none.
    pub answers: BTreeMap<u16, u32>,
}

impl Book {
    /// How many entries were put into feeds.
    pub fn entries(&self) -> i64 {
        let all = self.messages.iter();
        let feeds = all.filter(|((inbox, _), _)| inbox.starts_with("feed-"));
        feeds.map(|(_, reports)| reports.len() as i64).sum()
    }
}

/// The list, shared by all who write to it.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

impl Ledger {
    pub fn answered(&self, status: u16) {
        *self.book().answers.entry(status).or_default() += 1;
    }

    pub fn handed_in(&self, inbox: &str, message: &str, activity: &str, content: &str) {
        let report = Report {
            id: activity.to_owned(),
            content: content.to_owned(),
            acknowledged: false,
        };
        let key = (inbox.to_owned(), message.to_owned());
        self.book().messages.entry(key).or_default().push(report);
    }

    pub fn acknowledged(&self, inbox: &str, activities: &[(String, String)]) {
        let mut book = self.book();
        for (message, activity) in activities {
            let key = (inbox.to_owned(), message.clone());
            let reports = book.messages.get_mut(&key).into_iter().flatten();
            for report in reports.filter(|report| report.id == *activity) {
                report.acknowledged = true;
            }
        }
    }

    pub fn in_order(&self, inbox: &str, conversation: &str, message: &str) {
        let key = (inbox.to_owned(), conversation.to_owned());
        let mut book = self.book();
        book.orders.entry(key).or_default().push(message.to_owned());
    }

    pub fn queued(&self, draft: &str) {
        self.book().queued.insert(draft.to_owned());
    }

    pub fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().expect("no writer panicked")
    }
}
