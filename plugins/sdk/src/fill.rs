//! Shorter ways to write the contract's records: constructors of the most usual ones here, defaults
//! in `defaults`, so that a plugin names only the fields that it knows.

mod defaults;

use crate::annotation::{Classification, Evidence};
use crate::channel::{Account, Page, Receipt};
use crate::common::{ItemError, ItemErrorCode, Localized, PluginError};
use crate::policy::{Draft, DraftAuthor, Effect, EffectKind, Moment, Purpose, RuleInfo};
use crate::social::{Activity, ActivityObject, Actor, Message, Visibility};

impl Classification {
    pub fn new(dimension: &str, label: &str, score: f64) -> Self {
        Self {
            dimension: dimension.to_owned(),
            label: label.to_owned(),
            score,
            evidence: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// With the bytes of the text that made it.
    pub fn because(mut self, range: std::ops::Range<usize>, note: &str) -> Self {
        self.evidence.push(Evidence {
            start: range.start as u32,
            end: range.end as u32,
            note: note.to_owned(),
        });
        self
    }
}

impl Actor {
    /// The network's own id, and the name shown.
    pub fn new(external_id: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self {
            external_id: external_id.into(),
            display_name: Some(display_name.into()),
            ..Self::default()
        }
    }
}

impl Account {
    /// Who we are; then say what the channel can do: [`polls`](Self::polls), [`sends`](Self::sends).
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            ..Self::default()
        }
    }

    pub fn polls(mut self) -> Self {
        self.can_poll = true;
        self
    }

    pub fn receives(mut self) -> Self {
        self.can_receive = true;
        self
    }

    pub fn sends(mut self, visibilities: &[Visibility]) -> Self {
        self.can_send = true;
        self.send_visibilities = visibilities.to_vec();
        self
    }
}

impl Page {
    /// What was found, oldest first, and where the next poll goes on.
    pub fn new(activities: Vec<Activity>, cursor: impl Into<String>) -> Self {
        Self {
            activities,
            cursor: cursor.into(),
            ..Self::default()
        }
    }
}

impl Receipt {
    pub fn new(external_id: impl Into<String>, published: i64) -> Self {
        Self {
            external_id: external_id.into(),
            url: None,
            published,
        }
    }
}

impl Message {
    /// A message as most networks have it: id, author, time in milliseconds, text. Public, directed
    /// at us and the first of its conversation, unless you say otherwise.
    pub fn new(
        external_id: impl Into<String>,
        attributed_to: Actor,
        published: i64,
        content: impl Into<String>,
    ) -> Self {
        Self {
            external_id: external_id.into(),
            attributed_to,
            published,
            content: content.into(),
            ..Self::default()
        }
    }
}

impl Activity {
    /// A new message; the activity has the message's id and time.
    pub fn create(message: Message) -> Self {
        Self {
            id: message.external_id.clone(),
            published: message.published,
            object: ActivityObject::Create(message),
        }
    }
}

impl Effect {
    /// The reason in each language: `&[("nl", "…"), ("en", "…")]`.
    pub fn new(rule: &str, kind: EffectKind, reason: &[(&str, &str)]) -> Self {
        Self {
            rule: rule.to_owned(),
            kind,
            reason: localized(reason),
            evidence: Vec::new(),
        }
    }
}

impl RuleInfo {
    /// A rule without settings of its own; texts in each language.
    pub fn new(id: &str, moment: Moment, title: &[(&str, &str)], guards: &[(&str, &str)]) -> Self {
        Self {
            id: id.to_owned(),
            title: localized(title),
            guards: localized(guards),
            moments: vec![moment],
            default_settings: "{}".to_owned(),
        }
    }
}

impl ItemError {
    pub fn new(code: ItemErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl PluginError {
    pub fn unsupported(message: &str) -> Self {
        Self::Unsupported(message.to_owned())
    }
}

/// Texts in several languages.
pub fn localized(texts: &[(&str, &str)]) -> Vec<Localized> {
    let one = |(language, text): &(&str, &str)| Localized {
        language: (*language).to_owned(),
        text: (*text).to_owned(),
    };
    texts.iter().map(one).collect()
}

/// A draft of a person, for a test: public, of purpose `service`.
pub fn draft(content: &str) -> Draft {
    Draft {
        id: String::new(),
        purpose: Purpose::Service,
        content: content.to_owned(),
        language: None,
        tags: Vec::new(),
        visibility: Visibility::Public,
        in_reply_to: None,
        author: DraftAuthor {
            id: String::new(),
            display_name: String::new(),
            automated: false,
            named_account: false,
        },
    }
}
