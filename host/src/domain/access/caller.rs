//! The caller of a request: who asks, and what they may do, give, take and release. An admin gives what
//! no role brings, and does not hold it for that. A token is its own scopes and inboxes: never an admin,
//! and without its maker's roles and teams.

use super::{
    ApiToken, BuiltInRole, InboxRight, InboxRights, InboxScope, Permission, Permissions, Role,
};
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

/// What an agent may do, put together from roles, teams and rights.
#[derive(Debug, Clone)]
pub struct AgentAccess {
    pub permissions: Permissions,
    pub roles: BTreeSet<String>,
    /// Those of the roles that bring draft.release: a hold can name them.
    pub releasing: BTreeSet<String>,
    /// Names of teams, as policy rules know them.
    pub teams: BTreeSet<String>,
    pub inboxes: InboxRights,
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
    /// Those of the roles that bring draft.release.
    pub releasing: BTreeSet<String>,
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
            releasing: BTreeSet::new(),
            teams: BTreeSet::new(),
            inboxes: InboxRights::everything(),
        }
    }

    /// An agent, who may do this now.
    pub fn agent(kind: CallerKind, agent_id: Id, name: String, access: AgentAccess) -> Self {
        Self {
            kind,
            agent_id: Some(agent_id),
            name,
            permissions: access.permissions,
            roles: access.roles,
            releasing: access.releasing,
            teams: access.teams,
            inboxes: access.inboxes,
        }
    }

    /// A program. It can do what its scopes name in its inboxes, but never more than whoever made it
    /// can do now (`maker`; none: the operator). One that is limited to inboxes does not reach beyond.
    pub fn token(token: ApiToken, maker: Option<AgentAccess>) -> Self {
        let mut caller = Self::operator(&token.name);
        caller.kind = CallerKind::Token { token_id: token.id };
        caller.agent_id = token.agent_id;
        caller.permissions = token.scopes.into_iter().collect();
        if let Some(maker) = maker {
            caller.permissions.retain(|p| maker.permissions.contains(p));
            caller.inboxes = maker.inboxes;
        }
        if let Some(ids) = token.inboxes {
            caller.inboxes = caller.inboxes.only(ids);
            caller.permissions.remove(&Permission::ContactEverywhere);
        }
        caller
    }

    /// As it stands in audit events and as the author of drafts: `agent:ID`, `token:ID`, or the
    /// operator's name. A token that belongs to a person is that person.
    pub fn actor(&self) -> String {
        match (&self.kind, &self.agent_id) {
            (_, Some(agent)) => format!("agent:{agent}"),
            (CallerKind::Session { session_id }, None) => format!("session:{session_id}"),
            (CallerKind::Token { .. } | CallerKind::Operator, None) => self.identity(),
        }
    }

    /// Whose rights these are: `agent:ID`, `token:ID` (a person's, too), or the operator's name. What
    /// somebody makes that acts later by itself is asked by it what it may do then.
    pub fn identity(&self) -> String {
        match (&self.kind, &self.agent_id) {
            (CallerKind::Token { token_id }, _) => format!("token:{token_id}"),
            (CallerKind::Operator, _) => self.name.clone(),
            (CallerKind::Session { .. }, _) => self.actor(),
        }
    }

    /// Logged in, as opposed to a program.
    pub fn is_person(&self) -> bool {
        matches!(self.kind, CallerKind::Session { .. })
    }

    /// Logged in as this agent.
    pub fn is(&self, agent_id: &str) -> bool {
        self.is_person() && self.agent_id.as_deref() == Some(agent_id)
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The inboxes whose contacts the caller may export and erase.
    pub fn contact_scope(&self) -> InboxScope {
        match self.has(Permission::ContactEverywhere) {
            true => InboxScope::All,
            false => self.inboxes.scope(),
        }
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

    /// Whether the caller may give a role, take it or change what it brings: with all of its
    /// permissions; and one that a hold can name (it brings draft.release) only who has it.
    pub fn may_give_role(&self, role: &Role) -> bool {
        if self.is_admin() {
            return true;
        }
        let releases = role.permissions.contains(&Permission::DraftRelease);
        role.name != BuiltInRole::Admin.as_str()
            && self.may_give(&role.permissions).is_ok()
            && (!releases || self.roles.contains(&role.name))
    }

    /// Holds the right itself; an admin gives every right, the voice included, without holding it.
    /// The voice and one's own account are people's: no program gives or takes them.
    pub fn may_give_inbox(&self, inbox_id: &str, right: InboxRight) -> bool {
        if self.is_admin() {
            return true;
        }
        if (right.voice || right.own) && !self.is_person() {
            return false;
        }
        let own = self.inboxes.on(inbox_id);
        own.is_some_and(|own| own.or(right) == own)
    }

    pub fn is_admin(&self) -> bool {
        self.kind == CallerKind::Operator || self.roles.contains(BuiltInRole::Admin.as_str())
    }

    /// A hold names the role whose people may release it, by its id; admins may besides. No team, and
    /// no role that does not bring draft.release, stands for it. A hold that names nobody is for
    /// everybody with the permission.
    pub fn may_release_for(&self, named: &str) -> bool {
        named.is_empty() || self.is_admin() || self.releasing.contains(named)
    }
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

    fn person() -> Caller {
        let mut person = Caller::operator("x");
        person.kind = CallerKind::Session {
            session_id: "s".into(),
        };
        person
    }

    #[test]
    fn an_admin_holds_no_voice_but_gives_it() {
        let mut admin = person();
        admin.roles.insert("admin".into());
        admin.inboxes.all = Some(right(true, false));
        assert!(!admin.inboxes.on("a").unwrap().voice);
        assert!(admin.may_give_inbox("a", right(true, true)));
        admin.roles.clear();
        assert!(!admin.may_give_inbox("a", right(true, true)));
        assert!(admin.may_give_inbox("a", right(true, false)));
    }

    fn token(inboxes: Option<Vec<Id>>) -> ApiToken {
        ApiToken {
            id: "t".into(),
            name: "t".into(),
            agent_id: Some("a".into()),
            scopes: Permission::ALL.to_vec(),
            inboxes,
            created: 0,
            expires: None,
            last_used: None,
            revoked: None,
        }
    }

    #[test]
    fn a_token_is_not_its_maker() {
        let maker = || AgentAccess {
            permissions: Permission::ALL.iter().copied().collect(),
            roles: BTreeSet::from(["admin".to_owned()]),
            releasing: BTreeSet::from(["admin".to_owned()]),
            teams: BTreeSet::from(["night".to_owned()]),
            inboxes: InboxRights::everything(),
        };
        let all = Caller::token(token(None), Some(maker()));
        assert!(!all.is_admin() && all.roles.is_empty() && all.teams.is_empty());
        assert!(!all.may_release_for("admin") && !all.is("a"));
        assert_eq!(
            (all.actor(), all.identity()),
            ("agent:a".into(), "token:t".into())
        );
        assert!(all.may_give_inbox("x", right(true, false)));
        assert!(!all.may_give_inbox("x", right(true, true)), "the voice");
        assert_eq!(all.contact_scope(), InboxScope::All);
        let one = Caller::token(token(Some(vec!["x".into()])), Some(maker()));
        assert_eq!(one.contact_scope(), InboxScope::Only(vec!["x".into()]));
        assert!(!one.may_give_inbox("y", right(false, false)));
    }

    #[test]
    fn a_role_that_a_hold_can_name_is_given_by_who_has_it() {
        let role = |name: &str, permissions: &[Permission]| Role {
            name: name.into(),
            built_in: false,
            permissions: permissions.to_vec(),
        };
        let clerk = person();
        assert!(clerk.may_give_role(&role("reader", &[Permission::InboxRead])));
        let legal = role("legal", &[Permission::DraftRelease]);
        assert!(!clerk.may_give_role(&legal));
        let mut colleague = person();
        colleague.roles.insert("legal".into());
        assert!(colleague.may_give_role(&legal));
        let mut teamed = person();
        teamed.teams.insert("legal".into());
        assert!(
            !teamed.may_release_for("legal"),
            "a team stands for no role"
        );
    }
}
