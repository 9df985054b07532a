//! Who may do what: permissions, the built-in roles, rights to inboxes, and the caller of a request.
//!
//! A permission says what kind of thing somebody may do, an inbox right where. The voice, the right to
//! post on an inbox's corporate account, is neither: it is given to one person for one inbox, and no
//! role brings it. Nobody gives what they do not hold (see [`Caller::may_give`]). Deliberately absent:
//! rules about one message or one contact.

use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

text_enum! {
    /// What kind of thing somebody may do.
    Permission {
        InboxRead = "inbox.read",
        DraftWrite = "draft.write",
        DraftSend = "draft.send",
        DraftRelease = "draft.release",
        CaseManage = "case.manage",
        MonitorManage = "monitor.manage",
        OutboxManage = "outbox.manage",
        ContactErase = "contact.erase",
        ContactExport = "contact.export",
        PluginRead = "plugin.read",
        PluginManage = "plugin.manage",
        AgentManage = "agent.manage",
        TokenManage = "token.manage",
        WebhookManage = "webhook.manage",
        AuditRead = "audit.read",
        SettingManage = "setting.manage",
        RetentionManage = "retention.manage",
        MetricsRead = "metrics.read",
    }
}

text_enum! {
    /// Roles that are always there. Others are made from permissions.
    BuiltInRole {
        Admin = "admin",
        Manager = "manager",
        Agent = "agent",
        Marketer = "marketer",
        Auditor = "auditor",
    }
}

impl BuiltInRole {
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            BuiltInRole::Admin => Permission::ALL,
            BuiltInRole::Manager => &[
                InboxRead,
                DraftWrite,
                DraftSend,
                DraftRelease,
                CaseManage,
                MonitorManage,
                OutboxManage,
                ContactErase,
                ContactExport,
                PluginRead,
                MetricsRead,
            ],
            BuiltInRole::Agent => &[InboxRead, DraftWrite, DraftSend, CaseManage, PluginRead],
            BuiltInRole::Marketer => &[InboxRead, DraftWrite, DraftSend, MonitorManage, PluginRead],
            BuiltInRole::Auditor => &[InboxRead, PluginRead, AuditRead, MetricsRead],
        }
    }
}

/// A set of permissions.
pub type Permissions = BTreeSet<Permission>;

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

/// Somebody who logs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    pub id: Id,
    pub email: String,
    pub name: String,
    /// False: can't log in; what they did stays.
    pub active: bool,
    pub roles: Vec<String>,
    /// Ids of teams.
    pub teams: Vec<Id>,
    /// Can log in with a password.
    pub has_password: bool,
    /// Is asked for a second factor.
    pub has_totp: bool,
    pub created: TimestampMs,
    pub last_login: Option<TimestampMs>,
}

/// People who share inboxes and work that is routed to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub id: Id,
    /// As policy rules name it.
    pub name: String,
    /// Ids of agents.
    pub members: Vec<Id>,
}

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    pub name: String,
    /// Comes with Rapport and can't be changed.
    pub built_in: bool,
    pub permissions: Vec<Permission>,
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

text_enum! {
    /// How somebody logged in.
    LoginMethod { Password = "password", PasswordTotp = "password-totp", OpenIdConnect = "openid-connect", Setup = "setup" }
}

/// Somebody's log-in on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: Id,
    pub agent_id: Id,
    pub method: LoginMethod,
    /// What the browser called itself, cut to 256 characters.
    pub user_agent: String,
    pub created: TimestampMs,
    /// To the minute.
    pub last_seen: TimestampMs,
    /// When it ends at the latest.
    pub expires: TimestampMs,
}

/// A program's way in; the secret itself is shown once and never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    pub id: Id,
    pub name: String,
    /// Whoever made it: it can do no more than they can, and ends with them. None: the operator.
    pub agent_id: Option<Id>,
    pub scopes: Vec<Permission>,
    /// Ids of the only inboxes it sees; absent when there is no such limit.
    pub inboxes: Option<Vec<Id>>,
    pub created: TimestampMs,
    pub expires: Option<TimestampMs>,
    /// To the minute.
    pub last_used: Option<TimestampMs>,
    pub revoked: Option<TimestampMs>,
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

    #[test]
    fn only_admins_hold_everything() {
        for role in BuiltInRole::ALL {
            let all = role.permissions().len() == Permission::ALL.len();
            assert_eq!(all, *role == BuiltInRole::Admin, "{role}");
        }
    }
}
