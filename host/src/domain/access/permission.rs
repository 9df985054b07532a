//! Permissions, and the roles that are always there. Deliberately absent: where a permission holds (see
//! `right`), and roles of an admin's own, which are data.

use crate::domain::text_enum::text_enum;
use std::collections::BTreeSet;

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
        /// To export and erase contacts that inboxes hold to which one has no right.
        ContactEverywhere = "contact.everywhere",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_admins_hold_everything() {
        for role in BuiltInRole::ALL {
            let all = role.permissions().len() == Permission::ALL.len();
            assert_eq!(all, *role == BuiltInRole::Admin, "{role}");
        }
    }
}
