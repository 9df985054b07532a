//! Invented traffic: who says what in which conversation. The same seed gives the same traffic.

use super::texts::{Mood, text};
use crate::domain::TimestampMs;
use crate::domain::social::{
    Activity, ActivityObject, Actor, ActorKind, Reach, SourceMessage, Visibility,
};
use fastrand::Rng;

/// Time between two messages in the stream's own time.
pub const SPACING_MS: i64 = 500;
/// One message in this many comes from somebody else than who began the conversation.
const GUESTS: u32 = 6;

/// An endless stream of new messages over a number of conversations.
pub struct Traffic {
    /// Distinguishes the ids of one stream from those of another.
    name: String,
    rng: Rng,
    /// External id of each conversation's last message.
    last: Vec<Option<u64>>,
    count: u64,
    at: TimestampMs,
}

impl Traffic {
    pub fn new(name: &str, seed: u64, conversations: usize, from: TimestampMs) -> Self {
        Self {
            name: name.to_owned(),
            rng: Rng::with_seed(seed),
            last: vec![None; conversations.max(1)],
            count: 0,
            at: from,
        }
    }

    /// The next messages.
    pub fn take(&mut self, count: usize) -> Vec<Activity> {
        (0..count).map(|_| self.next_activity()).collect()
    }

    fn next_activity(&mut self) -> Activity {
        let thread = self.rng.usize(0..self.last.len());
        let number = self.count;
        self.count += 1;
        self.at += SPACING_MS;
        let before = self.last[thread].replace(number);
        let guest = before.is_some() && self.rng.u32(0..GUESTS) == 0;
        // Two conversations in three are somebody's first; the others come back.
        let author = if guest {
            format!("guest-{}", self.rng.u64(0..1_000))
        } else {
            format!("person-{}", thread - thread % 3 % 2)
        };
        let mood = Mood::draw(&mut self.rng);
        let text = text(&mut self.rng, mood);
        let direct = thread.is_multiple_of(4);
        let external_id = format!("{}-m{number}", self.name);
        let message = SourceMessage {
            conversation_external_id: Some(format!("{}-c{thread}", self.name)),
            in_reply_to: before.map(|n| format!("{}-m{n}", self.name)),
            ancestors: Vec::new(),
            attributed_to: self.actor(author),
            published: self.at,
            updated: None,
            title: None,
            content: text.content,
            language: text.language.map(str::to_owned),
            url: Some(format!("https://network.example/{external_id}")),
            visibility: if direct {
                Visibility::Direct
            } else {
                Visibility::Public
            },
            reach: if direct || mood == Mood::Complaint {
                Reach::Directed
            } else {
                Reach::Searched
            },
            tags: text.tags,
            mentions: Vec::new(),
            attachments: Vec::new(),
            monitor: None,
            extra: Vec::new(),
            external_id: external_id.clone(),
        };
        Activity {
            id: format!("{external_id}-create"),
            published: self.at,
            object: ActivityObject::Create(Box::new(message)),
        }
    }

    fn actor(&mut self, name: String) -> Actor {
        Actor {
            external_id: format!("{}-{name}", self.name),
            handle: Some(name.clone()),
            display_name: Some(name.clone()),
            profile_url: Some(format!("https://network.example/@{name}")),
            avatar_url: None,
            follower_count: Some(self.rng.u64(0..2_000)),
            verified: false,
            kind: ActorKind::Person,
            extra: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Traffic;

    #[test]
    fn the_same_seed_gives_the_same_traffic() {
        let one = Traffic::new("t", 7, 10, 0).take(50);
        assert_eq!(one, Traffic::new("t", 7, 10, 0).take(50));
        assert_ne!(one, Traffic::new("t", 8, 10, 0).take(50));
    }
}
