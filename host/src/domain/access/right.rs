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
    /// The inbox is this person's own named account: they post on it without the voice, under their
    /// own name. Absent when it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

impl InboxRight {
    pub fn or(self, other: Self) -> Self {
        Self {
            answer: self.answer || other.answer,
            voice: self.voice || other.voice,
            own: self.own || other.own,
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
                own: false,
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

    /// What remains of them in these inboxes, and in no other.
    pub fn only(&self, ids: Vec<Id>) -> Self {
        let kept = ids.into_iter().filter_map(|id| Some((self.on(&id)?, id)));
        Self {
            all: None,
            some: kept.map(|(right, id)| (id, right)).collect(),
        }
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

    /// Leaves out of what a thing says of its inboxes (its own, and all that share it) those that are not
    /// there for somebody with this scope.
    pub fn narrow(&self, own: &mut Id, all: &mut Vec<Id>) {
        all.retain(|id| self.contains(id));
        if !self.contains(own)
            && let Some(first) = all.first()
        {
            own.clone_from(first);
        }
    }

    /// What both show.
    pub fn and(self, other: InboxScope) -> Self {
        match (self, other) {
            (InboxScope::All, scope) | (scope, InboxScope::All) => scope,
            (InboxScope::Only(mut ids), other) => {
                ids.retain(|id| other.contains(id));
                InboxScope::Only(ids)
            }
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
        InboxRight {
            answer,
            voice,
            own: false,
        }
    }

    #[test]
    fn limits_only_take_away() {
        let mine = InboxRights {
            all: Some(right(true, false)),
            some: BTreeMap::from([("a".to_owned(), right(true, true))]),
        };
        let both = mine.only(vec!["a".into(), "b".into()]);
        assert_eq!(both.on("a"), Some(right(true, true)));
        assert_eq!(both.on("b"), Some(right(true, false)));
        assert_eq!(both.on("c"), None);
        let less = both.only(vec!["b".into(), "c".into()]);
        assert_eq!((less.on("a"), less.on("c")), (None, None));
        assert!(!both.is_empty() && InboxRights::default().is_empty());
    }
}
