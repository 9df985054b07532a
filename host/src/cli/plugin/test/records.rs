//! From the tables of a fixture to the host's records.
//!
//! A table is written over the record with its plainest values: texts and lists empty, options none,
//! public, directed, service, normal, other, unknown. A key that the record does not have is refused
//! with the nearest that it has. What the contract has and the host never fills in is refused too: no
//! plugin would see it in service. Deliberately absent: whether the plugin is shown what is written
//! here; that is for the manifest and the host.

use crate::domain::annotation::{Classification, Moment};
use crate::domain::inbox::Monitor;
use crate::domain::outbound::OutboundMessage;
use crate::domain::policy::PolicyCase;
use crate::domain::social::{Actor, SourceMessage};
use crate::plugin::connector::WebhookRequest;
use rapport_package::{fixture, nearest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use toml::Table;

/// In the contract, not in the host yet.
const UNFILLED: &[&str] = &[
    "campaigns",
    "consents",
    "display-name",
    "extra",
    "incidents",
    "open-now",
];

/// `social.message`.
pub fn message(given: &Table) -> Result<SourceMessage, String> {
    let mut plain = serde_json::to_value(SourceMessage::plain("message", "")).unwrap_or_default();
    plain["attributedTo"]["extra"] = json!([]);
    let mut filled = fill("message", &plain, given)?;
    for mention in filled["mentions"].as_array_mut().into_iter().flatten() {
        let span = mention["span"].take();
        mention["start"] = span["start"].clone();
        mention["end"] = span["end"].clone();
    }
    record("message", filled)
}

/// `policy.policy-case`.
pub fn policy_case(case: &fixture::PolicyCase) -> Result<PolicyCase, String> {
    let (draft, contact, conversation) = (plain_draft(), plain_contact(), plain_conversation());
    let situation = json!({ "openCases": [], "suppressions": [], "hashtagCounts": [] });
    let classified = case.classifications.iter().map(classification);
    Ok(PolicyCase {
        id: "case".into(),
        moment: match case.moment {
            fixture::Moment::Inbound => Moment::Inbound,
            fixture::Moment::Outbound => Moment::Outbound,
            fixture::Moment::Campaign => Moment::Campaign,
            fixture::Moment::Tick => Moment::Tick,
        },
        now: case.now,
        message: case.message.as_ref().map(message).transpose()?,
        classifications: classified.collect::<Result<_, _>>()?,
        draft: optional("draft", &draft, case.draft.as_ref(), |filled| {
            let author = filled["author"].take();
            filled["author"] = author["id"].clone();
            filled["automated"] = author["automated"].clone();
            filled["namedAccount"] = author["namedAccount"].clone();
        })?,
        contact: optional("contact", &contact, case.contact.as_ref(), |_| ())?,
        conversation: optional(
            "conversation",
            &conversation,
            case.conversation.as_ref(),
            |_| (),
        )?,
        situation: record("situation", fill("situation", &situation, &case.situation)?)?,
        withheld: Vec::new(),
    })
}

/// `channel.outbound-message`, and the idempotency key beside it.
pub fn outbound(given: &Table) -> Result<(OutboundMessage, String), String> {
    let mut given = given.clone();
    let key = match given.remove("key") {
        Some(toml::Value::String(key)) => key,
        _ => String::new(),
    };
    let recipient = match given.remove("recipient") {
        Some(toml::Value::Table(recipient)) => Some(recipient),
        None => None,
        Some(_) => return Err("draft.recipient: a table".to_owned()),
    };
    let plain = json!({
        "content": "", "language": null, "visibility": "public", "inReplyTo": null,
        "conversationExternalId": null,
    });
    let mut filled = fill("draft", &plain, &given)?;
    let actor = serde_json::to_value(Actor::unknown()).unwrap_or_default();
    filled["recipient"] = match recipient {
        Some(recipient) => fill("draft.recipient", &actor, &recipient)?,
        None => Value::Null,
    };
    Ok((record("draft", filled)?, key))
}

/// `channel.monitor`.
pub fn monitor(given: &Table) -> Result<Monitor, String> {
    let text = |key: &str| match given.get(key) {
        Some(toml::Value::String(text)) => Ok(text.clone()),
        _ => Err(format!("monitors: each needs `{key}`, a text")),
    };
    if let Some(key) = given
        .keys()
        .find(|k| !["id", "query"].contains(&k.as_str()))
    {
        return Err(format!("monitors.{key}: no such key; there are id, query"));
    }
    Ok(Monitor {
        id: text("id")?,
        inbox_id: "inbox-under-test".to_owned(),
        query: text("query")?,
    })
}

/// `channel.webhook-request`; its address is a path, or a query behind `?`, or both.
pub fn webhook(given: Option<&fixture::Request>) -> WebhookRequest {
    let url = given.map_or("", |r| r.url.as_str());
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let headers = given.into_iter().flat_map(|r| &r.headers);
    WebhookRequest {
        method: given.map_or("POST", |r| r.method.as_str()).to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.map(|(n, v)| (n.clone(), v.clone())).collect(),
        body: given
            .and_then(|r| r.body.clone())
            .unwrap_or_default()
            .into_bytes(),
    }
}

/// What a draft is when nothing is said of it; `author` is still a record, as in the contract.
fn plain_draft() -> Value {
    json!({
        "id": "draft", "purpose": "service", "content": "", "language": null, "tags": [],
        "visibility": "public", "inReplyTo": null,
        "author": { "id": "", "automated": false, "namedAccount": false },
    })
}

fn plain_contact() -> Value {
    json!({
        "id": "contact", "displayName": null, "language": null, "identities": [], "labels": [],
        "since": null, "messageCount": 0,
    })
}

fn plain_conversation() -> Value {
    json!({
        "id": "conversation", "network": "", "reach": "directed", "visibility": "public",
        "participantCount": 0, "involvesUs": false, "publicAnswerCount": 0, "turns": [],
    })
}

/// `annotation.classification`, with `plugin`. A judgement without its score would mean nothing.
fn classification(given: &Table) -> Result<Classification, String> {
    for key in ["dimension", "label", "score"] {
        if !given.contains_key(key) {
            return Err(format!("classifications: each needs `{key}`"));
        }
    }
    let plain = json!({
        "plugin": "fixture", "dimension": "", "label": "", "score": 0, "evidence": [], "extra": [],
    });
    let mut filled = fill("classifications", &plain, given)?;
    filled["version"] = json!("1.0.0");
    record("classifications", filled)
}

/// Plain elements of the lists of records, by the list's key.
fn element(list: &str) -> Option<Value> {
    Some(match list {
        "mentions" => json!({ "actorExternalId": "", "handle": null, "span": null }),
        "attachments" => json!({
            "kind": "image", "url": "", "mediaType": null, "altText": null, "title": null,
            "sizeBytes": null,
        }),
        "evidence" => json!({ "start": 0, "end": 0, "note": "" }),
        "identities" => json!({ "network": "", "handle": null, "verified": false }),
        "turns" => json!({
            "ours": false, "visibility": "public", "published": 0, "attributedTo": "",
        }),
        "open-cases" => json!({
            "id": "open-case", "kind": "other", "priority": "normal", "opened": 0, "respondBy": null,
            "conversationId": null,
        }),
        "suppressions" => json!({
            "purpose": "service", "channel": null, "reason": "", "until": null,
        }),
        "hashtag-counts" => json!({ "tag": "", "count": 0, "windowMs": 0 }),
        _ => return None,
    })
}

fn optional<T: DeserializeOwned>(
    place: &str,
    plain: &Value,
    given: Option<&Table>,
    reshape: impl Fn(&mut Value),
) -> Result<Option<T>, String> {
    let Some(given) = given else {
        return Ok(None);
    };
    let mut filled = fill(place, plain, given)?;
    reshape(&mut filled);
    record(place, filled).map(Some)
}

fn record<T: DeserializeOwned>(place: &str, filled: Value) -> Result<T, String> {
    serde_json::from_value(filled).map_err(|error| format!("{place}: {error}"))
}

/// Writes the given keys over the plain record.
fn fill(place: &str, plain: &Value, given: &Table) -> Result<Value, String> {
    let empty = Map::new();
    let plain = plain.as_object().unwrap_or(&empty);
    let mut filled = plain.clone();
    for (key, value) in given {
        let place = format!("{place}.{key}");
        let Some((name, known)) = plain.iter().find(|(name, _)| kebab(name) == *key) else {
            if UNFILLED.contains(&key.as_str()) {
                return Err(format!(
                    "{place}: the host does not fill this in yet, so no plugin sees it; leave it out"
                ));
            }
            let names: Vec<String> = plain.keys().map(|name| kebab(name)).collect();
            let hint = nearest::nearest(key, names.iter().map(String::as_str));
            let hint = hint.unwrap_or_else(|| format!("; there are {}", names.join(", ")));
            return Err(format!("{place}: no such key{hint}"));
        };
        let value = match (element(key), value) {
            (Some(plain), toml::Value::Array(items)) => items
                .iter()
                .map(|item| match item {
                    toml::Value::Table(item) => fill(&place, &plain, item),
                    _ => Err(format!("{place}: a list of tables")),
                })
                .collect::<Result<Vec<_>, _>>()?
                .into(),
            (None, toml::Value::Table(inner)) if known.is_object() => fill(&place, known, inner)?,
            _ => serde_json::to_value(value).map_err(|error| format!("{place}: {error}"))?,
        };
        filled.insert(name.clone(), value);
    }
    Ok(Value::Object(filled))
}

/// `inReplyTo` as the contract writes it: `in-reply-to`.
pub fn kebab(camel: &str) -> String {
    let mut kebab = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}
