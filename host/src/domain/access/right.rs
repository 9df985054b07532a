//! Rights to inboxes: of one, of all, within a limit, and as the scope of a query. A limit only takes
//! away.

use crate::domain::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What somebody may do in one inbox. To have the right at all is to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InboxRight {
    /// Write and send answers, close cases, settle the outbox.
    pub answer: bool,
    /// Post on the corporate account.
    pub voice: bool,
}

impl InboxRight {
    pub fn or(self, other: Self) -> Self {
        Self {
            answer: self.answer || other.answer,
            voice: self.voice || other.voice,
        }
    }

    pub fn and(self, other: Self) -> Self {
        Self {
            answer: self.answer && other.answer,
            voice: self.voice && other.voice,
        }
    }
}

/// Rights by inbox. `all` holds for every inbox, those to come included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxRights {
    pub all: Option<InboxRight>,
    pub some: BTreeMap<Id, InboxRight>,
}

impl InboxRights {
    pub fn everything() -> Self {
        Self {
            all: Some(InboxRight {
                answer: true,
                voice: true,
            }),
            some: BTreeMap::new(),
        }
    }

    /// No right to any inbox, as a new agent.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.some.is_empty()
    }

    /// None: may not even know that it is there.
    pub fn on(&self, inbox_id: &str) -> Option<InboxRight> {
        match (self.all, self.some.get(inbox_id)) {
            (Some(all), Some(own)) => Some(all.or(*own)),
            (all, own) => all.or(own.copied()),
        }
    }

    /// What both allow.
    pub fn within(&self, limit: &InboxRights) -> Self {
        let all = match (self.all, limit.all) {
            (Some(a), Some(b)) => Some(a.and(b)),
            _ => None,
        };
        let ids = self.some.keys().chain(limit.some.keys());
        let some = ids
            .filter_map(|id| Some((id.clone(), self.on(id)?.and(limit.on(id)?))))
            .collect();
        Self { all, some }
    }

    /// Which rows a list may show.
    pub fn scope(&self) -> InboxScope {
        match self.all {
            Some(_) => InboxScope::All,
            None => InboxScope::Only(self.some.keys().cloned().collect()),
        }
    }
}

/// Whose rows a query may return: those of every inbox, or of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxScope {
    All,
    Only(Vec<Id>),
}

impl InboxScope {
    pub fn contains(&self, inbox_id: &str) -> bool {
        match self {
            InboxScope::All => true,
            InboxScope::Only(ids) => ids.iter().any(|id| id == inbox_id),
        }
    }
}

/// A right to an inbox, of a person or of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InboxGrant {
    pub inbox_id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Id>,
    #[serde(flatten)]
    pub right: InboxRight,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(answer: bool, voice: bool) -> InboxRight {
        InboxRight { answer, voice }
    }

    #[test]
    fn limits_only_take_away() {
        let mine = InboxRights {
            all: Some(right(true, false)),
            some: BTreeMap::from([("a".to_owned(), right(true, true))]),
        };
        let limit = InboxRights {
            all: None,
            some: BTreeMap::from([
                ("a".to_owned(), right(true, true)),
                ("b".to_owned(), right(false, true)),
            ]),
        };
        let both = mine.within(&limit);
        assert_eq!(both.on("a"), Some(right(true, true)));
        assert_eq!(both.on("b"), Some(right(false, false)));
        assert_eq!(both.on("c"), None);
        assert_eq!(both, limit.within(&mine));
        assert!(!both.is_empty() && InboxRights::default().is_empty());
    }
}
