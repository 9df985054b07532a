//! OpenID Connect: whom a provider's word lets in, and as what. Pure rules; the protocol is in `http`.
//!
//! People are known by (issuer, subject). An e-mail address counts only when the provider verified it
//! and its domain is one of those that the admin trusts this provider with; and by itself it makes nobody
//! one of the agents there are, unless the admin wants that.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Longest path that a log-in returns to, in bytes.
const RETURN_MAX_BYTES: usize = 512;
/// Longest subject, in bytes (OpenID Connect Core section 2).
const SUBJECT_MAX_BYTES: usize = 255;
/// Longest e-mail address, in bytes (RFC 5321).
const EMAIL_MAX_BYTES: usize = 254;
/// Most values of the roles' claim that are looked at.
const CLAIM_VALUES_MAX: usize = 1000;

/// A provider as the admin configured it.
#[derive(Clone)]
pub struct Provider {
    /// In the paths of its routes.
    pub name: String,
    /// For people.
    pub title: String,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub scopes: Vec<String>,
    /// Domains of e-mail addresses, in lower case; none: every domain.
    pub email_domains: Vec<String>,
    /// The claim whose values bring roles.
    pub roles_claim: Option<String>,
    /// Roles by value of that claim.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Roles of somebody new to whom the claim brings none.
    pub default_roles: Vec<String>,
    /// Whether people who are no agent yet become one.
    pub auto_create: bool,
    /// Whether an agent is linked by the e-mail address alone, where there is no second factor.
    pub link_by_email: bool,
}

/// Who came, in the provider's words; verified as such, but not yet let in.
#[derive(Debug, Clone)]
pub struct Person {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    pub claims: Map<String, Value>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the provider's subject is too long or empty")]
    Subject,
    #[error("the provider gave no usable e-mail address; the scope `email` may be missing")]
    NoEmail,
    #[error("the provider has not verified the e-mail address")]
    UnverifiedEmail,
    #[error("e-mail addresses of this domain are not let in by this provider")]
    Domain,
    #[error("there is no agent for this account")]
    UnknownAgent,
    #[error("this agent is deactivated")]
    Inactive,
    #[error("this agent is linked to another account of the provider")]
    OtherAccount,
    #[error("the e-mail address alone links no agent here, or none with a second factor")]
    NotLinked,
}

impl Refusal {
    /// As whoever came may hear it: what is wrong with what they brought, but not which agents there are.
    pub fn said(&self) -> String {
        match self {
            Self::Subject | Self::NoEmail | Self::UnverifiedEmail | Self::Domain => {
                self.to_string()
            }
            Self::UnknownAgent | Self::Inactive | Self::OtherAccount | Self::NotLinked => {
                "no agent may log in with this account; an agent links their own when they are \
                 logged in, or ask an admin"
                    .to_owned()
            }
        }
    }
}

impl Provider {
    /// The verified e-mail address, its ASCII letters in lower case.
    pub fn admit(&self, person: &Person) -> Result<String, Refusal> {
        if person.subject.is_empty() || person.subject.len() > SUBJECT_MAX_BYTES {
            return Err(Refusal::Subject);
        }
        let email = person.email.as_deref().unwrap_or_default();
        let email = email.to_ascii_lowercase();
        let odd = |c: char| c.is_control() || c.is_whitespace();
        let (local, domain) = email.rsplit_once('@').ok_or(Refusal::NoEmail)?;
        if local.is_empty()
            || domain.is_empty()
            || email.len() > EMAIL_MAX_BYTES
            || email.contains(odd)
        {
            return Err(Refusal::NoEmail);
        }
        if !person.email_verified {
            return Err(Refusal::UnverifiedEmail);
        }
        if !self.email_domains.is_empty() && !self.email_domains.iter().any(|d| d == domain) {
            return Err(Refusal::Domain);
        }
        Ok(email)
    }

    /// Roles that the claim brings.
    fn claimed(&self, person: &Person) -> BTreeSet<String> {
        let claim = self.roles_claim.as_ref();
        let values = match claim.and_then(|claim| person.claims.get(claim)) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(one @ Value::String(_)) => std::slice::from_ref(one),
            _ => &[],
        };
        values
            .iter()
            .take(CLAIM_VALUES_MAX)
            .filter_map(|value| self.roles.get(value.as_str()?))
            .flatten()
            .cloned()
            .collect()
    }

    /// Roles of somebody who becomes an agent.
    pub fn first_roles(&self, person: &Person) -> Vec<String> {
        let claimed = self.claimed(person);
        match claimed.is_empty() {
            true => self.default_roles.clone(),
            false => claimed.into_iter().collect(),
        }
    }

    /// Roles of an agent at a later log-in: those that the mapping knows follow the claim, others stay.
    pub fn next_roles(&self, person: &Person, present: &[String]) -> Vec<String> {
        if self.roles_claim.is_none() {
            return present.to_vec();
        }
        let managed: BTreeSet<&String> = self.roles.values().flatten().collect();
        let kept = present.iter().filter(|role| !managed.contains(role));
        let mut roles = self.claimed(person);
        roles.extend(kept.cloned());
        roles.into_iter().collect()
    }

    /// What somebody is called.
    pub fn name_of(person: &Person, email: &str) -> String {
        let name: String = person
            .name
            .as_deref()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        match name.trim() {
            "" => email.to_owned(),
            name => name.to_owned(),
        }
    }
}

/// A path of our own that a log-in may return to; none when the text could lead elsewhere.
pub fn return_path(text: &str) -> Option<&str> {
    let own = text.starts_with('/') && !text.starts_with("//");
    let odd = |c: char| c == '\\' || c.is_control() || !c.is_ascii();
    (own && text.len() <= RETURN_MAX_BYTES && !text.contains(odd)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn provider() -> Provider {
        Provider {
            name: "company".into(),
            title: "Company".into(),
            issuer: "https://login.example".into(),
            client_id: "rapport".into(),
            client_secret: None,
            scopes: Vec::new(),
            email_domains: vec!["shop.example".into()],
            roles_claim: Some("groups".into()),
            roles: BTreeMap::from([
                ("heads".into(), vec!["manager".into(), "agent".into()]),
                ("desk".into(), vec!["agent".into()]),
            ]),
            default_roles: vec!["auditor".into()],
            auto_create: true,
            link_by_email: false,
        }
    }

    fn person(claims: Value) -> Person {
        Person {
            issuer: "https://login.example".into(),
            subject: "1".into(),
            email: Some("Ana@Shop.example".into()),
            email_verified: true,
            name: None,
            claims: claims.as_object().cloned().unwrap_or_default(),
        }
    }

    #[test]
    fn only_verified_addresses_of_trusted_domains() {
        let admit = |change: fn(&mut Person)| {
            let mut person = person(json!({}));
            change(&mut person);
            provider().admit(&person)
        };
        assert_eq!(admit(|_| {}).unwrap(), "ana@shop.example");
        assert_eq!(
            admit(|p| p.email_verified = false),
            Err(Refusal::UnverifiedEmail)
        );
        assert_eq!(admit(|p| p.email = None), Err(Refusal::NoEmail));
        assert_eq!(
            admit(|p| p.email = Some("ana".into())),
            Err(Refusal::NoEmail)
        );
        assert_eq!(
            admit(|p| p.email = Some("a\n@shop.example".into())),
            Err(Refusal::NoEmail)
        );
        for other in ["ana@shop.example.evil.example", "ana@evilshop.example"] {
            let mut person = person(json!({}));
            person.email = Some(other.into());
            assert_eq!(provider().admit(&person), Err(Refusal::Domain), "{other}");
        }
        assert_eq!(admit(|p| p.subject.clear()), Err(Refusal::Subject));
        // The long s is not the s, neither in a name nor in a domain.
        let long = admit(|p| p.email = Some("ma\u{17f}s@shop.example".into())).unwrap();
        assert_ne!(long, "mass@shop.example");
        let long = admit(|p| p.email = Some("ana@\u{17f}hop.example".into()));
        assert_eq!(long, Err(Refusal::Domain));
    }

    #[test]
    fn who_is_an_agent_is_not_said() {
        let said = Refusal::UnknownAgent.said();
        for other in [Refusal::Inactive, Refusal::OtherAccount, Refusal::NotLinked] {
            assert_eq!(other.said(), said);
        }
    }

    #[test]
    fn roles_follow_the_claim() {
        let provider = provider();
        let heads = person(json!({ "groups": ["heads", "unknown", 7] }));
        let desk = person(json!({ "groups": "desk" }));
        let none = person(json!({ "groups": [] }));
        assert_eq!(provider.first_roles(&heads), ["agent", "manager"]);
        assert_eq!(provider.first_roles(&desk), ["agent"]);
        assert_eq!(provider.first_roles(&none), ["auditor"]);
        let present = ["manager".to_owned(), "auditor".to_owned()];
        assert_eq!(provider.next_roles(&desk, &present), ["agent", "auditor"]);
        assert_eq!(provider.next_roles(&none, &present), ["auditor"]);
        let mut unmapped = provider;
        unmapped.roles_claim = None;
        assert_eq!(unmapped.next_roles(&desk, &present), present);
    }

    #[test]
    fn log_ins_return_to_our_own_paths() {
        for own in ["/", "/inbox?x=1", "/a//b"] {
            assert_eq!(return_path(own), Some(own));
        }
        let foreign = [
            "",
            "inbox",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nset-cookie: x",
        ];
        for other in foreign {
            assert_eq!(return_path(other), None, "{other:?}");
        }
    }
}
