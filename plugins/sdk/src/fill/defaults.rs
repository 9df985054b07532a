//! The records with nothing filled in.

// The records are generated, and not all of them could derive it.
#![expect(clippy::derivable_impls)]

use crate::channel::{Account, OutboundMessage, Page};
use crate::policy::{Moment, PolicyCase, Situation};
use crate::social::{Actor, ActorKind, Message, Reach, Visibility};

impl Default for Actor {
    fn default() -> Self {
        Self {
            external_id: String::new(),
            handle: None,
            display_name: None,
            profile_url: None,
            avatar_url: None,
            follower_count: None,
            verified: false,
            kind: ActorKind::Unknown,
            extra: Vec::new(),
        }
    }
}

/// Public and directed at us.
impl Default for Message {
    fn default() -> Self {
        Self {
            external_id: String::new(),
            conversation_external_id: None,
            in_reply_to: None,
            ancestors: Vec::new(),
            attributed_to: Actor::default(),
            published: 0,
            updated: None,
            title: None,
            content: String::new(),
            language: None,
            url: None,
            visibility: Visibility::Public,
            reach: Reach::Directed,
            tags: Vec::new(),
            mentions: Vec::new(),
            attachments: Vec::new(),
            monitor: None,
            extra: Vec::new(),
        }
    }
}

impl Default for OutboundMessage {
    fn default() -> Self {
        Self {
            content: String::new(),
            language: None,
            visibility: Visibility::Public,
            in_reply_to: None,
            conversation_external_id: None,
            recipient: None,
            extra: Vec::new(),
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self {
            actor: Actor::default(),
            can_poll: false,
            can_receive: false,
            can_send: false,
            send_visibilities: Vec::new(),
            extra: Vec::new(),
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            activities: Vec::new(),
            cursor: String::new(),
            more: false,
            next_poll_ms: None,
        }
    }
}

impl Default for Situation {
    fn default() -> Self {
        Self {
            open_cases: Vec::new(),
            suppressions: Vec::new(),
            incidents: Vec::new(),
            campaigns: Vec::new(),
            hashtag_counts: Vec::new(),
            consents: Vec::new(),
            open_now: None,
            extra: Vec::new(),
        }
    }
}

/// Inbound, nothing known.
impl Default for PolicyCase {
    fn default() -> Self {
        Self {
            id: String::new(),
            moment: Moment::Inbound,
            now: 0,
            message: None,
            classifications: Vec::new(),
            draft: None,
            contact: None,
            conversation: None,
            situation: Situation::default(),
            withheld: Vec::new(),
        }
    }
}
