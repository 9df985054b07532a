//! A connector that misbehaves as its setting `do` says, so that one component serves every test
//! of what a connector may do to the host, the network and its own secrets.
//!
//! A poll acts and reports in the page's cursor what it saw, as JSON; a few acts are of `configure`.
//! Everything else is honest and empty. Deliberately absent: a network, and anything for another machine than the host's, where its
//! own tests are.

#![cfg(target_arch = "wasm32")]

mod acts;

use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::PluginError;
use rapport_sdk::social::{Activity, ActivityObject, Actor, ActorKind, Tombstone};
use rapport_sdk::{Channel, export_channel};
use std::sync::OnceLock;

/// What `configure` keeps.
struct Settings {
    act: String,
    address: String,
    other: String,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// The connector.
pub struct HostileChannel;

export_channel!(HostileChannel);

fn parse(settings: &str) -> Result<Settings, String> {
    let value: serde_json::Value = serde_json::from_str(settings).map_err(|e| e.to_string())?;
    let text = |name: &str| {
        let found = value.get(name).and_then(serde_json::Value::as_str);
        found
            .map(str::to_owned)
            .ok_or_else(|| format!("`{name}` is missing"))
    };
    Ok(Settings {
        act: text("do")?,
        address: text("address")?,
        other: text("other")?,
    })
}

fn page(activities: Vec<Activity>, cursor: String) -> Page {
    Page {
        activities,
        cursor,
        more: false,
        next_poll_ms: None,
    }
}

/// An activity with as little as possible in it.
fn deletion(id: &str) -> Activity {
    let tombstone = Tombstone {
        external_id: "gone".into(),
        deleted: 0,
    };
    Activity {
        id: id.into(),
        published: 0,
        object: ActivityObject::Delete(tombstone),
    }
}

fn unsupported<T>() -> Result<T, PluginError> {
    Err(PluginError::Unsupported("only polls".into()))
}

impl Channel for HostileChannel {
    fn configure(settings: String) -> Result<(), String> {
        let settings = parse(&settings)?;
        acts::configure(&settings.act)?;
        SETTINGS
            .set(settings)
            .map_err(|_| "configured already".to_owned())
    }

    fn check() -> Result<Account, PluginError> {
        let actor = Actor {
            external_id: "hostile".into(),
            handle: None,
            display_name: None,
            profile_url: None,
            avatar_url: None,
            follower_count: None,
            verified: false,
            kind: ActorKind::Service,
            extra: Vec::new(),
        };
        Ok(Account {
            actor,
            can_poll: true,
            can_receive: false,
            can_send: false,
            send_visibilities: Vec::new(),
            extra: Vec::new(),
        })
    }

    fn poll(_: Option<String>, _: Vec<Monitor>) -> Result<Page, PluginError> {
        match SETTINGS.get() {
            Some(settings) => acts::perform(settings),
            None => Err(PluginError::InvalidInput("not configured yet".into())),
        }
    }

    fn receive(_: WebhookRequest) -> Result<WebhookResult, PluginError> {
        match SETTINGS.get() {
            Some(settings) if settings.act == "receive-trap" => panic!("receive-trap, as told"),
            Some(settings) if settings.act == "receive-stall" => acts::stall(&settings.address),
            _ => unsupported(),
        }
    }

    fn validate(_: OutboundMessage) -> Result<(), PluginError> {
        unsupported()
    }

    fn send(_: OutboundMessage, _: String) -> Result<Receipt, PluginError> {
        unsupported()
    }

    fn find_sent(_: String) -> Result<Option<Receipt>, PluginError> {
        unsupported()
    }
}
