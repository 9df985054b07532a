//! What came of a call beside what its case expects, and both in words.
//!
//! Only what a case names is compared; an error that it does not name is never as expected.

use super::bench::{Came, Run};
use crate::cli::plugin::test::records::kebab;
use crate::domain::social::{Activity, ActivityObject};
use crate::plugin::{CallError, PluginError};
use rapport_package::fixture::Expected;
use rapport_package::nearest;
use serde_json::{Map, Value, json};
use toml::Table;

/// Expected and what came, for each thing that is not as expected.
pub fn differences(expect: &Expected, run: &Run) -> Vec<(String, String)> {
    let answer = match &run.came {
        Ok(came) => came,
        Err(error) => return error_differences(expect, error),
    };
    if let Some(error) = &expect.error {
        return vec![(format!("error {error}"), shown(answer))];
    }
    let mut wrong = Vec::new();
    let mut compare = |name: &str, expected: Option<Value>, came: Value| {
        if let Some(expected) = expected
            && expected != came
        {
            wrong.push((format!("{name} = {expected}"), format!("{name} = {came}")));
        }
    };
    let seen = seen(answer);
    compare("id", expect.id.clone().map(Value::from), seen.id);
    compare("found", expect.found.map(Value::from), seen.found);
    compare("status", expect.status.map(Value::from), seen.status);
    compare("can", expect.can.clone().map(Value::from), seen.can);
    compare(
        "cursor",
        expect.cursor.clone().map(Value::from),
        seen.cursor,
    );
    compare("more", expect.more.map(Value::from), seen.more);
    compare(
        "next-poll-ms",
        expect.next_poll_ms.map(Value::from),
        seen.next_poll_ms,
    );
    let activities = seen.activities;
    let ids = || activities.iter().map(|a| a.id.as_str()).collect::<Vec<_>>();
    compare(
        "activities",
        expect.activities.map(Value::from),
        json!(activities.len()),
    );
    compare("ids", expect.ids.clone().map(Value::from), json!(ids()));
    if let Some(items) = &expect.items {
        wrong.extend(item_differences(items, activities));
    }
    wrong
}

/// What came, as the `expect` of its case.
pub fn expected(run: &Run) -> String {
    let mut lines = vec!["\n[case.expect]".to_owned()];
    match &run.came {
        Err(error) => lines.push(format!("error = {}", json!(kind(error)))),
        Ok(came) => {
            let seen = seen(came);
            let parts = [
                ("id", &seen.id),
                ("found", &seen.found),
                ("status", &seen.status),
                ("can", &seen.can),
                ("cursor", &seen.cursor),
                ("more", &seen.more),
            ];
            let named = parts.iter().filter(|(_, value)| !value.is_null());
            // What these values are in JSON they are in TOML.
            lines.extend(named.map(|(name, value)| format!("{name} = {value}")));
            if matches!(came, Came::Page(_) | Came::Webhook(_)) {
                let ids: Vec<&str> = seen.activities.iter().map(|a| a.id.as_str()).collect();
                lines.push(format!("ids = {}", json!(ids)));
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The parts of an answer that a case can name; null where the answer has none.
struct Seen<'a> {
    id: Value,
    found: Value,
    status: Value,
    can: Value,
    cursor: Value,
    more: Value,
    next_poll_ms: Value,
    activities: &'a [Activity],
}

fn seen(came: &Came) -> Seen<'_> {
    let mut seen = Seen {
        id: Value::Null,
        found: Value::Null,
        status: Value::Null,
        can: Value::Null,
        cursor: Value::Null,
        more: Value::Null,
        next_poll_ms: Value::Null,
        activities: &[],
    };
    match came {
        Came::Valid => {}
        Came::Account(account) => {
            seen.id = json!(account.actor.external_id);
            let can = [
                ("poll", account.can_poll),
                ("receive", account.can_receive),
                ("send", account.can_send),
            ];
            let can = can.iter().filter(|(_, can)| *can).map(|(name, _)| *name);
            seen.can = json!(can.collect::<Vec<_>>());
        }
        Came::Page(page) => {
            seen.cursor = json!(page.cursor);
            seen.more = json!(page.more);
            seen.next_poll_ms = json!(page.next_poll_ms);
            seen.activities = &page.activities;
        }
        Came::Webhook(answer) => {
            seen.status = json!(answer.status);
            seen.activities = &answer.activities;
        }
        Came::Receipt(receipt) => seen.id = json!(receipt.external_id),
        Came::Found(found) => {
            seen.found = json!(found.is_some());
            seen.id = json!(found.as_ref().map(|receipt| &receipt.external_id));
        }
    }
    seen
}

/// In a few words, for a failure.
pub fn shown(came: &Came) -> String {
    match came {
        Came::Account(account) => format!("the account {}", account.actor.external_id),
        Came::Page(page) => {
            let ids: Vec<&str> = page.activities.iter().map(|a| a.id.as_str()).collect();
            format!(
                "a page with {} activities {ids:?}, cursor {}",
                ids.len(),
                page.cursor
            )
        }
        Came::Webhook(answer) => {
            let (count, status) = (answer.activities.len(), answer.status);
            format!("{count} activities, answered with {status}")
        }
        Came::Valid => "valid".to_owned(),
        Came::Receipt(receipt) => format!("a receipt, id {}", receipt.external_id),
        Came::Found(Some(receipt)) => format!("found, id {}", receipt.external_id),
        Came::Found(None) => "not found".to_owned(),
    }
}

/// A plugin error's case, as in the contract.
pub fn kind(error: &CallError) -> String {
    match error {
        CallError::Fault(fault) => format!("host fault {}", fault.name()),
        CallError::Plugin(error) => match error {
            PluginError::RetryAfter { .. } => "retry-after",
            PluginError::RateLimited { .. } => "rate-limited",
            PluginError::AuthExpired(_) => "auth-expired",
            PluginError::InvalidInput(_) => "invalid-input",
            PluginError::Unsupported(_) => "unsupported",
            PluginError::Permanent(_) => "permanent",
        }
        .to_owned(),
    }
}

pub fn delay_ms(error: &CallError) -> Option<u64> {
    match error {
        CallError::Plugin(
            PluginError::RetryAfter { delay_ms, .. } | PluginError::RateLimited { delay_ms, .. },
        ) => *delay_ms,
        _ => None,
    }
}

fn error_differences(expect: &Expected, error: &CallError) -> Vec<(String, String)> {
    let kind = kind(error);
    let came = format!("error {kind}: {error}");
    let Some(expected) = &expect.error else {
        return vec![("an answer".to_owned(), came)];
    };
    if *expected != kind {
        return vec![(format!("error {expected}"), came)];
    }
    let mut wrong = Vec::new();
    if let Some(part) = &expect.says
        && !error.to_string().contains(part.as_str())
    {
        wrong.push((format!("an error that says `{part}`"), came));
    }
    let delay = delay_ms(error);
    if expect.delay_ms.is_some() && expect.delay_ms != delay {
        wrong.push((
            format!("delay-ms = {}", json!(expect.delay_ms)),
            format!("delay-ms = {}", json!(delay)),
        ));
    }
    wrong
}

fn item_differences(items: &[Table], activities: &[Activity]) -> Vec<(String, String)> {
    if items.len() != activities.len() {
        let came = format!("{} items", activities.len());
        return vec![(format!("{} items", items.len()), came)];
    }
    let mut wrong = Vec::new();
    for (index, (item, activity)) in items.iter().zip(activities).enumerate() {
        let flat = flat(activity);
        for (key, value) in item {
            let value = serde_json::to_value(value).unwrap_or_default();
            let expected = format!("items[{index}].{key} = {value}");
            match flat.get(key) {
                Some(came) if *came == value => {}
                Some(came) => wrong.push((expected, format!("items[{index}].{key} = {came}"))),
                None => {
                    let hint = nearest::nearest(key, flat.keys().map(String::as_str));
                    let hint = hint.unwrap_or_default();
                    wrong.push((expected, format!("this kind has no `{key}`{hint}")));
                }
            }
        }
    }
    wrong
}

/// Where two activities with one id differ, in words.
pub fn unlike(one: &Activity, other: &Activity) -> Option<(String, String)> {
    let (id, other_flat) = (&one.id, flat(other));
    let differs = |(key, value): (String, Value)| {
        let came = other_flat.get(&key).cloned().unwrap_or_default();
        let words = |value: &Value| format!("{id}: {key} = {value}");
        (came != value).then(|| (words(&value), words(&came)))
    };
    flat(one).into_iter().find_map(differs)
}

/// An activity as one table, keys in kebab-case.
fn flat(activity: &Activity) -> Map<String, Value> {
    let (kind, of) = match &activity.object {
        ActivityObject::Create(message) => ("create", serde_json::to_value(message)),
        ActivityObject::Update(message) => ("update", serde_json::to_value(message)),
        ActivityObject::Delete {
            external_id,
            deleted,
        } => (
            "delete",
            Ok(json!({ "externalId": external_id, "deleted": deleted })),
        ),
        ActivityObject::Announce(reaction) => ("announce", serde_json::to_value(reaction)),
        ActivityObject::Like(reaction) => ("like", serde_json::to_value(reaction)),
        ActivityObject::Follow(_) => ("follow", Ok(json!({}))),
    };
    let mut flat = Map::new();
    if let Ok(Value::Object(fields)) = of {
        for (name, value) in fields
            .into_iter()
            .filter(|(name, _)| name != "attributedTo")
        {
            flat.insert(kebab(&name), value);
        }
    }
    if let Some(actor) = activity.actor() {
        flat.insert("author".to_owned(), json!(actor.external_id));
        flat.insert("handle".to_owned(), json!(actor.handle));
        flat.insert("display-name".to_owned(), json!(actor.display_name));
        flat.insert("follower-count".to_owned(), json!(actor.follower_count));
    }
    flat.insert("id".to_owned(), json!(activity.id));
    flat.insert("kind".to_owned(), json!(kind));
    flat.insert("published".to_owned(), json!(activity.published));
    flat
}
