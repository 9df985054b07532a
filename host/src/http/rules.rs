//! What each route takes. One table: a route that is not in it answers 403, and a test that walks the
//! router fails for it.
//!
//! A rule says what kind of thing the caller must be allowed to do; where (which inboxes) is up to the
//! handler, through `scope`. HEAD is GET.

use super::auth::refusal;
use super::problem::Problem;
use crate::domain::access::Permission::{self, *};
use axum::http::{Method, StatusCode};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody.
    Public,
    /// Networks, whose connectors prove them genuine; in the demo this machine only.
    Webhook,
    /// Whoever is known: agents, API tokens, the operator.
    Known,
    /// Agents who logged in, about their own log-in: programs and the operator have none.
    Person,
    /// Whoever holds this permission.
    Needs(Permission),
}

use Rule::{Known, Needs, Person, Public, Webhook};

/// Method (`*` for any), path as the router has it, rule.
pub const RULES: &[(&str, &str, Rule)] = &[
    ("GET", "/health", Public),
    ("GET", "/health/live", Public),
    ("GET", "/health/ready", Public),
    ("GET", "/metrics", Needs(MetricsRead)),
    ("GET", "/setup", Public),
    ("*", "/webhooks/{inbox}", Webhook),
    ("*", "/webhooks/{inbox}/{*path}", Webhook),
    ("GET", "/api/v1/openapi.json", Known),
    // Coming in and going out.
    ("POST", "/api/v1/setup", Public),
    ("POST", "/api/v1/session", Public),
    ("GET", "/api/v1/session", Known),
    ("DELETE", "/api/v1/session", Known),
    ("PUT", "/api/v1/session/password", Person),
    ("GET", "/api/v1/sessions", Known),
    ("POST", "/api/v1/session/second-factor", Public),
    ("GET", "/api/v1/totp", Person),
    ("POST", "/api/v1/totp", Person),
    ("POST", "/api/v1/totp/confirm", Person),
    ("POST", "/api/v1/totp/recovery-codes", Person),
    ("POST", "/api/v1/totp/disable", Person),
    ("DELETE", "/api/v1/agents/{id}/totp", Needs(AgentManage)),
    ("GET", "/api/v1/oidc", Public),
    ("GET", "/api/v1/oidc/{provider}/start", Public),
    ("GET", "/api/v1/oidc/{provider}/callback", Public),
    ("POST", "/api/v1/oidc/{provider}/link", Person),
    ("GET", "/api/v1/audit", Needs(AuditRead)),
    ("GET", "/api/v1/audit/verify", Needs(AuditRead)),
    ("DELETE", "/api/v1/sessions/{id}", Known),
    // Who may do what.
    ("GET", "/api/v1/agents", Needs(AgentManage)),
    ("POST", "/api/v1/agents", Needs(AgentManage)),
    ("GET", "/api/v1/agents/{id}", Needs(AgentManage)),
    ("PATCH", "/api/v1/agents/{id}", Needs(AgentManage)),
    ("GET", "/api/v1/teams", Needs(InboxRead)),
    ("POST", "/api/v1/teams", Needs(AgentManage)),
    ("GET", "/api/v1/teams/{id}", Needs(InboxRead)),
    ("PATCH", "/api/v1/teams/{id}", Needs(AgentManage)),
    ("DELETE", "/api/v1/teams/{id}", Needs(AgentManage)),
    ("GET", "/api/v1/roles", Needs(InboxRead)),
    ("PUT", "/api/v1/roles/{id}", Needs(AgentManage)),
    ("DELETE", "/api/v1/roles/{id}", Needs(AgentManage)),
    ("GET", "/api/v1/inboxes/{id}/rights", Needs(AgentManage)),
    ("PUT", "/api/v1/inboxes/{id}/rights", Needs(AgentManage)),
    ("GET", "/api/v1/tokens", Needs(TokenManage)),
    ("POST", "/api/v1/tokens", Needs(TokenManage)),
    ("DELETE", "/api/v1/tokens/{id}", Needs(TokenManage)),
    // Inboxes and what is in them.
    ("GET", "/api/v1/inboxes", Needs(InboxRead)),
    ("GET", "/api/v1/inboxes/{id}", Needs(InboxRead)),
    ("POST", "/api/v1/inboxes/{id}/check", Needs(MonitorManage)),
    ("GET", "/api/v1/monitors", Needs(InboxRead)),
    ("POST", "/api/v1/monitors", Needs(MonitorManage)),
    ("DELETE", "/api/v1/monitors/{id}", Needs(MonitorManage)),
    ("GET", "/api/v1/conversations", Needs(InboxRead)),
    ("GET", "/api/v1/conversations/{id}", Needs(InboxRead)),
    (
        "POST",
        "/api/v1/conversations/{id}/close",
        Needs(CaseManage),
    ),
    ("GET", "/api/v1/messages", Needs(InboxRead)),
    ("GET", "/api/v1/messages/{id}", Needs(InboxRead)),
    ("GET", "/api/v1/contacts", Needs(InboxRead)),
    ("GET", "/api/v1/contacts/{id}", Needs(InboxRead)),
    ("GET", "/api/v1/cases", Needs(InboxRead)),
    ("GET", "/api/v1/cases/{id}", Needs(InboxRead)),
    ("POST", "/api/v1/cases/{id}/close", Needs(CaseManage)),
    ("GET", "/api/v1/tasks", Needs(InboxRead)),
    ("GET", "/api/v1/decisions", Needs(InboxRead)),
    ("POST", "/api/v1/decisions/{id}/replay", Needs(AuditRead)),
    // Plugins, and the inboxes that channels serve.
    ("GET", "/api/v1/plugins", Needs(PluginRead)),
    ("POST", "/api/v1/plugins", Needs(PluginManage)),
    ("GET", "/api/v1/plugins/{id}", Needs(PluginManage)),
    ("DELETE", "/api/v1/plugins/{id}", Needs(PluginManage)),
    ("PUT", "/api/v1/plugins/{id}/grant", Needs(PluginManage)),
    ("PUT", "/api/v1/plugins/{id}/settings", Needs(PluginManage)),
    ("POST", "/api/v1/plugins/{id}/enable", Needs(PluginManage)),
    ("POST", "/api/v1/plugins/{id}/disable", Needs(PluginManage)),
    ("POST", "/api/v1/plugins/{id}/upgrade", Needs(PluginManage)),
    ("POST", "/api/v1/plugins/{id}/approve", Needs(PluginManage)),
    (
        "DELETE",
        "/api/v1/plugins/{id}/candidate",
        Needs(PluginManage),
    ),
    ("POST", "/api/v1/plugins/{id}/rollback", Needs(PluginManage)),
    ("GET", "/api/v1/plugins/{id}/logs", Needs(PluginManage)),
    ("GET", "/api/v1/plugin-status", Needs(PluginRead)),
    ("GET", "/api/v1/plugin-trust", Needs(PluginManage)),
    ("POST", "/api/v1/plugin-trust/keys", Needs(PluginManage)),
    (
        "POST",
        "/api/v1/plugin-trust/revocations",
        Needs(PluginManage),
    ),
    ("POST", "/api/v1/inboxes", Needs(SettingManage)),
    ("GET", "/api/v1/inboxes/{id}/setup", Needs(SettingManage)),
    ("PATCH", "/api/v1/inboxes/{id}/setup", Needs(SettingManage)),
    ("DELETE", "/api/v1/inboxes/{id}/setup", Needs(SettingManage)),
    ("GET", "/api/v1/events", Needs(InboxRead)),
    ("GET", "/api/v1/contacts/{id}/export", Needs(ContactExport)),
    ("DELETE", "/api/v1/contacts/{id}", Needs(ContactErase)),
    ("GET", "/api/v1/retention", Needs(RetentionManage)),
    ("POST", "/api/v1/retention/run", Needs(RetentionManage)),
    ("GET", "/api/v1/webhook-endpoints", Needs(WebhookManage)),
    ("POST", "/api/v1/webhook-endpoints", Needs(WebhookManage)),
    (
        "GET",
        "/api/v1/webhook-endpoints/{id}",
        Needs(WebhookManage),
    ),
    (
        "PATCH",
        "/api/v1/webhook-endpoints/{id}",
        Needs(WebhookManage),
    ),
    (
        "DELETE",
        "/api/v1/webhook-endpoints/{id}",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-endpoints/{id}/enable",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-endpoints/{id}/disable",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-endpoints/{id}/rotate",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-endpoints/{id}/test",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-endpoints/{id}/replay",
        Needs(WebhookManage),
    ),
    (
        "GET",
        "/api/v1/webhook-endpoints/{id}/deliveries",
        Needs(WebhookManage),
    ),
    (
        "GET",
        "/api/v1/webhook-deliveries/{id}",
        Needs(WebhookManage),
    ),
    (
        "POST",
        "/api/v1/webhook-deliveries/{id}/replay",
        Needs(WebhookManage),
    ),
    // Answers.
    ("GET", "/api/v1/drafts", Needs(InboxRead)),
    ("POST", "/api/v1/drafts", Needs(DraftWrite)),
    ("GET", "/api/v1/drafts/{id}", Needs(InboxRead)),
    ("PATCH", "/api/v1/drafts/{id}", Needs(DraftWrite)),
    ("POST", "/api/v1/drafts/{id}/check", Needs(DraftWrite)),
    ("POST", "/api/v1/drafts/{id}/send", Needs(DraftSend)),
    ("POST", "/api/v1/drafts/{id}/release", Needs(DraftRelease)),
    ("GET", "/api/v1/outbox", Needs(InboxRead)),
    ("GET", "/api/v1/outbox/{id}", Needs(InboxRead)),
    ("POST", "/api/v1/outbox/{id}/retry", Needs(OutboxManage)),
    ("POST", "/api/v1/outbox/{id}/drop", Needs(OutboxManage)),
];

/// The rule of a route. Without one: 405 when the path has one for another method, else 403.
pub fn rule_of(method: &Method, path: &str) -> Result<Rule, Problem> {
    let method = match *method {
        Method::HEAD => "GET",
        _ => method.as_str(),
    };
    let mut path_known = false;
    for (of, at, rule) in RULES {
        if *at == path {
            if *of == "*" || *of == method {
                return Ok(*rule);
            }
            path_known = true;
        }
    }
    if path_known {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Not with this method; see /api/v1/openapi.json.",
        ));
    }
    tracing::error!(path, "route without a rule");
    Err(refusal("This route has no rule, so nobody may use it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every route of the OpenAPI document and outside it has one rule, and every rule a route.
    #[test]
    fn every_route_has_a_rule_and_every_rule_a_route() {
        let document: serde_json::Value =
            serde_json::from_str(&super::super::openapi_json()).unwrap();
        let mut routes = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                routes.push((method.to_uppercase(), path.clone()));
            }
        }
        for (method, path, _) in super::super::outside() {
            routes.push((method.to_owned(), path.to_owned()));
        }
        assert!(routes.len() > 40, "{routes:?}");
        for (method, path) in &routes {
            let found = RULES
                .iter()
                .filter(|(of, at, _)| of == method && at == path)
                .count();
            assert_eq!(found, 1, "{method} {path} in http/rules.rs");
        }
        for (method, path, _) in RULES {
            let there = routes.iter().any(|(of, at)| of == method && at == path);
            assert!(there, "{method} {path} is no route");
        }
    }

    #[test]
    fn no_rule_no_entry() {
        assert!(rule_of(&Method::GET, "/api/v1/unheard-of").is_err());
        assert!(rule_of(&Method::DELETE, "/api/v1/messages").is_err());
        assert_eq!(
            rule_of(&Method::HEAD, "/api/v1/messages").ok(),
            Some(Needs(InboxRead))
        );
    }
}
