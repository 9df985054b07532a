//! The caller of a request: who asks, and what they may do, give and release. An admin gives what no
//! role brings, and does not hold it for that.

use super::{BuiltInRole, InboxRight, InboxRights, Permission, Permissions};
use crate::domain::Id;
use std::collections::BTreeSet;

/// How somebody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    /// An agent, logged in.
    Session { session_id: Id },
    /// A program with an API token; `agent_id` of the caller is whoever made it.
    Token { token_id: Id },
    /// The holder of the configured api-token, the command line, or the demo's only user.
    Operator,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub kind: CallerKind,
    /// The person behind it, when one is known.
    pub agent_id: Option<Id>,
    /// For people to read; never in the log.
    pub name: String,
    pub permissions: Permissions,
    pub roles: BTreeSet<String>,
    pub teams: BTreeSet<String>,
    pub inboxes: InboxRights,
}

impl Caller {
    /// May do everything everywhere.
    pub fn operator(name: &str) -> Self {
        Self {
            kind: CallerKind::Operator,
            agent_id: None,
            name: name.to_owned(),
            permissions: Permission::ALL.iter().copied().collect(),
            roles: BTreeSet::new(),
            teams: BTreeSet::new(),
            inboxes: InboxRights::everything(),
        }
    }

    /// As it stands in audit events and as the author of drafts: `agent:ID`, `token:ID`, or the
    /// operator's name. A token that belongs to a person is that person.
    pub fn actor(&self) -> String {
        match (&self.kind, &self.agent_id) {
            (_, Some(agent)) => format!("agent:{agent}"),
            (CallerKind::Token { token_id }, None) => format!("token:{token_id}"),
            (CallerKind::Session { session_id }, None) => format!("session:{session_id}"),
            (CallerKind::Operator, None) => self.name.clone(),
        }
    }

    /// Logged in, as opposed to a program.
    pub fn is_person(&self) -> bool {
        matches!(self.kind, CallerKind::Session { .. })
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The first of these that the caller does not hold, and so may not give or manage.
    pub fn may_give<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a Permission>,
    ) -> Result<(), Permission> {
        match permissions
            .into_iter()
            .find(|p| !self.permissions.contains(p))
        {
            Some(missing) => Err(*missing),
            None => Ok(()),
        }
    }

    /// Holds the right itself; an admin gives every right, the voice included, without holding it.
    pub fn may_give_inbox(&self, inbox_id: &str, right: InboxRight) -> bool {
        if self.is_admin() {
            return true;
        }
        let own = self.inboxes.on(inbox_id);
        own.is_some_and(|own| own.or(right) == own)
    }

    pub fn is_admin(&self) -> bool {
        self.kind == CallerKind::Operator || self.roles.contains(BuiltInRole::Admin.as_str())
    }

    /// A hold names the role or team whose people may release it; admins may besides. A hold that
    /// names nobody is for everybody with the permission.
    pub fn may_release_for(&self, named: &str) -> bool {
        named.is_empty()
            || self.is_admin()
            || self.roles.contains(named)
            || self.teams.contains(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(answer: bool, voice: bool) -> InboxRight {
        InboxRight { answer, voice }
    }

    #[test]
    fn an_admin_holds_no_voice_but_gives_it() {
        let mut admin = Caller::operator("x");
        admin.kind = CallerKind::Session {
            session_id: "s".into(),
        };
        admin.roles.insert("admin".into());
        admin.inboxes.all = Some(right(true, false));
        assert!(!admin.inboxes.on("a").unwrap().voice);
        assert!(admin.may_give_inbox("a", right(true, true)));
        admin.roles.clear();
        assert!(!admin.may_give_inbox("a", right(true, true)));
        assert!(admin.may_give_inbox("a", right(true, false)));
    }
}
