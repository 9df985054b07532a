//! A connector to the recording server of the crash tests (`tests/crash/recorder.rs`): polls its
//! feed, sends to it, and asks it what arrived.
//!
//! The server does nothing for us: it takes what it is sent as often as it is sent, so a second send
//! of one message shows. When an answer is lost, the connector asks once whether the message
//! arrived; when that is not answered either, it traps, which leaves the outcome uncertain to the
//! host. Deliberately absent: webhooks, edits, deletions.

#![cfg(target_arch = "wasm32")]

use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::{Delay, PluginError};
use rapport_sdk::http::{Error, Request, Response, send};
use rapport_sdk::social::{Activity, ActivityObject, Actor, ActorKind, Message, Reach, Visibility};
use rapport_sdk::{Channel, export_channel};
use serde_json::{Value, json};
use std::sync::OnceLock;

struct Settings {
    address: String,
    feed: String,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// The connector.
pub struct RecordedChannel;

export_channel!(RecordedChannel);

fn settings() -> Result<&'static Settings, PluginError> {
    let unset = || PluginError::InvalidInput("not configured yet".into());
    SETTINGS.get().ok_or_else(unset)
}

fn later(message: impl Into<String>) -> PluginError {
    PluginError::RetryAfter(Delay {
        delay_ms: Some(500),
        message: message.into(),
    })
}

fn actor(id: &str) -> Actor {
    Actor {
        external_id: id.into(),
        handle: Some(id.into()),
        display_name: None,
        profile_url: None,
        avatar_url: None,
        follower_count: None,
        verified: false,
        kind: ActorKind::Person,
        extra: Vec::new(),
    }
}

/// An entry of the feed: `id`, `conversation`, `author`, `content`, `published`.
fn activity(entry: &Value) -> Result<Activity, PluginError> {
    let text = |name: &str| {
        let found = entry[name].as_str();
        found.ok_or_else(|| PluginError::Permanent(format!("the entry has no {name}")))
    };
    let published = entry["published"].as_i64().unwrap_or_default();
    let message = Message {
        external_id: text("id")?.into(),
        conversation_external_id: Some(text("conversation")?.into()),
        in_reply_to: None,
        ancestors: Vec::new(),
        attributed_to: actor(text("author")?),
        published,
        updated: None,
        title: None,
        content: text("content")?.into(),
        language: None,
        url: None,
        visibility: Visibility::Direct,
        reach: Reach::Directed,
        tags: Vec::new(),
        mentions: Vec::new(),
        attachments: Vec::new(),
        monitor: None,
        extra: Vec::new(),
    };
    Ok(Activity {
        id: format!("create-{}", message.external_id),
        published,
        object: ActivityObject::Create(message),
    })
}

fn json_of(response: &Response) -> Result<Value, PluginError> {
    match response.status {
        200 => serde_json::from_slice(&response.body).map_err(|e| later(e.to_string())),
        status => Err(later(format!("the server answers {status}"))),
    }
}

fn receipt(sent: &Value) -> Receipt {
    Receipt {
        external_id: sent["id"].as_str().unwrap_or_default().into(),
        url: None,
        published: sent["published"].as_i64().unwrap_or_default(),
    }
}

fn find(key: &str) -> Result<Option<Receipt>, PluginError> {
    let url = format!("{}/sent/{key}", settings()?.address);
    let response = send(&Request::get(url)).map_err(|e| later(e.to_string()))?;
    if response.status == 404 {
        return Ok(None);
    }
    Ok(Some(receipt(&json_of(&response)?)))
}

impl Channel for RecordedChannel {
    fn configure(settings: String) -> Result<(), String> {
        let value: Value = serde_json::from_str(&settings).map_err(|e| e.to_string())?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let settings = Settings {
            address: text("address"),
            feed: text("feed"),
        };
        let again = |_| "configured already".to_owned();
        SETTINGS.set(settings).map_err(again)
    }

    fn check() -> Result<Account, PluginError> {
        Ok(Account {
            actor: actor("brand"),
            can_poll: true,
            can_receive: false,
            can_send: true,
            send_visibilities: vec![Visibility::Direct],
            extra: Vec::new(),
        })
    }

    fn poll(cursor: Option<String>, _: Vec<Monitor>) -> Result<Page, PluginError> {
        let Settings { address, feed } = settings()?;
        let after = cursor.unwrap_or_else(|| "0".into());
        let request = Request::get(format!("{address}/feed/{feed}?after={after}"));
        let page = json_of(&send(&request).map_err(|e| later(e.to_string()))?)?;
        let entries = page["entries"].as_array().cloned().unwrap_or_default();
        Ok(Page {
            activities: entries.iter().map(activity).collect::<Result<_, _>>()?,
            cursor: page["cursor"].to_string(),
            more: page["more"] == true,
            next_poll_ms: None,
        })
    }

    fn receive(_: WebhookRequest) -> Result<WebhookResult, PluginError> {
        Err(PluginError::Unsupported("it polls".into()))
    }

    fn validate(_: OutboundMessage) -> Result<(), PluginError> {
        Ok(())
    }

    fn send(message: OutboundMessage, idempotency_key: String) -> Result<Receipt, PluginError> {
        let Settings { address, .. } = settings()?;
        let body = json!({
            "content": message.content,
            "inReplyTo": message.in_reply_to,
            "conversation": message.conversation_external_id,
        });
        let request = Request::post_json(format!("{address}/send"), body.to_string())
            .header("idempotency-key", &idempotency_key);
        match send(&request) {
            Ok(response) => Ok(receipt(&json_of(&response)?)),
            Err(Error::Refused(why)) => Err(PluginError::Permanent(why)),
            Err(Error::Failed(_)) => match find(&idempotency_key) {
                Ok(Some(receipt)) => Ok(receipt),
                Ok(None) => Err(later("it did not arrive")),
                Err(_) => panic!("nobody knows whether it arrived"),
            },
        }
    }

    fn find_sent(idempotency_key: String) -> Result<Option<Receipt>, PluginError> {
        find(&idempotency_key)
    }
}
