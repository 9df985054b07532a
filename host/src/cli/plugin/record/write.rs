//! The recording as a case of a fixture file.

use super::mask::Mask;
use super::{Asked, RecordArgs};
use crate::domain::outbound::OutboundMessage;
use crate::domain::social::Visibility;
use crate::plugin::Recorded;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use toml::Table;

/// Headers of requests that say what is asked.
const ASKED: &[&str] = &[
    "authorization",
    "content-type",
    "idempotency-key",
    "if-modified-since",
    "if-none-match",
];
/// Headers of answers that a connector may go by.
const ANSWERED: &[&str] = &[
    "content-type",
    "etag",
    "last-modified",
    "link",
    "location",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
];

/// The case without what it expects.
pub fn case(
    args: &RecordArgs,
    settings: &Value,
    now: i64,
    exchanges: &[Recorded],
    mask: &Mask,
) -> Result<String> {
    let mut case = Table::new();
    case.insert("name".to_owned(), args.name.clone().into());
    let settings: Value = serde_json::from_str(&mask.apply(&settings.to_string()))?;
    let settings = toml::Value::try_from(&settings).context("settings")?;
    case.insert("settings".to_owned(), settings);
    case.insert("now".to_owned(), now.into());
    case.insert("call".to_owned(), args.call.as_str().into());
    if let Some(cursor) = &args.cursor {
        case.insert("cursor".to_owned(), mask.apply(cursor).into());
    }
    if matches!(args.call, Asked::Send | Asked::FindSent) {
        let mut draft = Table::new();
        draft.insert("key".to_owned(), args.key.clone().into());
        if let Some(text) = &args.text {
            draft.insert("content".to_owned(), mask.apply(text).into());
        }
        if let Some(id) = &args.in_reply_to {
            draft.insert("in-reply-to".to_owned(), mask.apply(id).into());
        }
        case.insert("draft".to_owned(), draft.into());
    }
    let exchanges = exchanges
        .iter()
        .map(|exchange| self::exchange(exchange, mask));
    let exchanges: Vec<toml::Value> = exchanges.collect::<Result<_>>()?;
    if !exchanges.is_empty() {
        case.insert("exchanges".to_owned(), exchanges.into());
    }
    let mut file = Table::new();
    file.insert("case".to_owned(), vec![toml::Value::from(case)].into());
    let mut text =
        "# Recorded by `rapport plugin record`; people and secrets have stand-ins.\n\n".to_owned();
    text.push_str(&toml::to_string(&file)?);
    Ok(text)
}

fn exchange(exchange: &Recorded, mask: &Mask) -> Result<toml::Value> {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(mask.apply(&plain(text))),
        Err(_) => bail!(
            "{} {}: a body that is no text can't be a fixture",
            exchange.method,
            exchange.url
        ),
    };
    let headers = |pairs: &[(String, String)], wanted: &[&str]| -> Table {
        let kept = pairs
            .iter()
            .filter(|(name, _)| wanted.contains(&name.as_str()));
        kept.map(|(name, value)| (name.clone(), mask.apply(value).into()))
            .collect()
    };
    let mut request = Table::new();
    request.insert("method".to_owned(), exchange.method.clone().into());
    request.insert("url".to_owned(), mask.apply(&exchange.url).into());
    let asked = headers(&exchange.headers, ASKED);
    if !asked.is_empty() {
        request.insert("headers".to_owned(), asked.into());
    }
    if !exchange.body.is_empty() {
        request.insert("body".to_owned(), text(&exchange.body)?.into());
    }
    let mut response = Table::new();
    response.insert("status".to_owned(), i64::from(exchange.status).into());
    let answered = headers(&exchange.answer_headers, ANSWERED);
    if !answered.is_empty() {
        response.insert("headers".to_owned(), answered.into());
    }
    response.insert("body".to_owned(), text(&exchange.answer_body)?.into());
    let mut whole = Table::new();
    whole.insert("request".to_owned(), request.into());
    whole.insert("response".to_owned(), response.into());
    Ok(whole.into())
}

/// JSON without its escapes, in which a value that is to be masked could hide.
fn plain(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(json) => json.to_string(),
        Err(_) => text.to_owned(),
    }
}

pub fn message(args: &RecordArgs) -> OutboundMessage {
    OutboundMessage {
        content: args.text.clone().unwrap_or_default(),
        language: None,
        visibility: Visibility::Public,
        in_reply_to: args.in_reply_to.clone(),
        conversation_external_id: None,
        recipient: None,
    }
}
