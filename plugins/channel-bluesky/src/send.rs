//! Sending: what fits, what it becomes, and how a second try does not double it.
//!
//! The record's key comes from the idempotency key (`rkey`), so the network itself refuses a second
//! post. `send` asks first whether the post is there, then creates it, and asks again when the
//! creation ended in anything but success: what stands is the receipt. Every post of ours is noted
//! for the watch, so that its deletion elsewhere is seen.
//!
//! Deliberately absent: direct messages (another service with rights of its own), pictures, link
//! cards.

use std::collections::BTreeMap;

use rapport_sdk::channel::{OutboundMessage, Receipt};
use rapport_sdk::common::{Delay, PluginError};
use rapport_sdk::social::Visibility;
use serde_json::{Value, json};

use crate::facet;
use crate::memory;
use crate::message::is_handle;
use crate::net::{Level, Net};
use crate::post::{AtUri, POST, is_language, list_at, reply_reference, text_at};
use crate::rkey::record_key;
use crate::session::Session;
use crate::settings::Settings;
use crate::time;
use crate::xrpc::{CallError, retry};

/// Whether it could be sent as it is. No network.
pub fn validate(message: &OutboundMessage) -> Result<(), PluginError> {
    match message.visibility {
        Visibility::Public => {}
        Visibility::Direct => {
            return Err(PluginError::Unsupported(
                "this inbox answers in public only: direct messages on Bluesky are a separate \
                 service that it has no access to; answer publicly or on another channel"
                    .to_owned(),
            ));
        }
        Visibility::SemiPrivate => {
            return Err(PluginError::Unsupported(
                "Bluesky has public posts only; choose the visibility public".to_owned(),
            ));
        }
    }
    if message.content.trim().is_empty() {
        return Err(PluginError::InvalidInput("the text is empty".to_owned()));
    }
    if let Some(problem) = facet::too_long(&message.content) {
        return Err(PluginError::InvalidInput(problem));
    }
    match message.in_reply_to.as_deref() {
        Some(uri) if !AtUri::parse(uri).is_some_and(|u| u.is_post()) => Err(
            PluginError::InvalidInput("in-reply-to: not the address of a Bluesky post".to_owned()),
        ),
        _ => Ok(()),
    }
}

/// Sends it, or finds that it was sent.
pub fn send(
    net: &dyn Net,
    settings: &Settings,
    message: &OutboundMessage,
    key: &str,
) -> Result<Receipt, PluginError> {
    validate(message)?;
    let session = Session::open(net, settings)?;
    let rkey = record_key(key);
    if let Some(receipt) = find(&session, &rkey)? {
        return Ok(receipt);
    }
    let record = record(&session, message)?;
    let body = json!({
        "repo": session.account.did,
        "collection": POST,
        "rkey": rkey,
        "record": record,
    });
    match session.post("com.atproto.repo.createRecord", &body) {
        Ok(answer) => {
            let Some(uri) = uri_in(&answer) else {
                return settle(&session, &rkey, unshown());
            };
            let published = time::parse_ms(text_at(&record, "/createdAt").unwrap_or_default());
            let receipt = receipt(&session, &rkey, uri, published);
            memory::note_own(net, &receipt.external_id);
            Ok(receipt)
        }
        // Nothing was done, surely.
        Err(CallError::Fault(
            fault @ (PluginError::RateLimited(_) | PluginError::AuthExpired(_)),
        )) => Err(fault),
        Err(error) => settle(&session, &rkey, error),
    }
}

/// After a failed creation: is the post there all the same?
fn settle(session: &Session, rkey: &str, error: CallError) -> Result<Receipt, PluginError> {
    match find(session, rkey) {
        Ok(Some(receipt)) => {
            session
                .net
                .log(Level::Info, "the creation failed, but the post is there");
            Ok(receipt)
        }
        Ok(None) => Err(error.into()),
        Err(_) => Err(PluginError::RetryAfter(Delay {
            delay_ms: None,
            message: "it is not known whether the post arrived; the next try will tell".to_owned(),
        })),
    }
}

/// Did the message with this key arrive?
pub fn find_sent(
    net: &dyn Net,
    settings: &Settings,
    key: &str,
) -> Result<Option<Receipt>, PluginError> {
    let session = Session::open(net, settings)?;
    find(&session, &record_key(key))
}

fn find(session: &Session, rkey: &str) -> Result<Option<Receipt>, PluginError> {
    let parameters = [
        ("repo", session.account.did.as_str()),
        ("collection", POST),
        ("rkey", rkey),
    ];
    match session.get("com.atproto.repo.getRecord", &parameters) {
        Ok(answer) => {
            // An answer that shows no post says nothing: neither that it is there nor that it is not.
            let uri = uri_in(&answer).ok_or_else(unshown)?;
            let published = text_at(&answer, "/value/createdAt").and_then(time::parse_ms);
            let receipt = receipt(session, rkey, uri, published);
            memory::note_own(session.net, &receipt.external_id);
            Ok(Some(receipt))
        }
        Err(CallError::Refused(refusal)) if refusal.is_gone() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The address of the record that an answer is about.
fn uri_in(answer: &Value) -> Option<&str> {
    text_at(answer, "/uri").filter(|uri| AtUri::parse(uri).is_some())
}

fn unshown() -> CallError {
    retry("the server's answer does not name the post")
}

fn receipt(session: &Session, rkey: &str, uri: &str, published: Option<i64>) -> Receipt {
    let did = &session.account.did;
    let handle = Some(&session.account.handle)
        .filter(|h| is_handle(h))
        .unwrap_or(did);
    Receipt {
        external_id: uri.to_owned(),
        url: Some(format!("https://bsky.app/profile/{handle}/post/{rkey}")),
        published: published.unwrap_or_else(|| session.net.now_ms()),
    }
}

/// The record (`app.bsky.feed.post`) that the message becomes.
fn record(session: &Session, message: &OutboundMessage) -> Result<Value, PluginError> {
    let mut record = json!({
        "$type": POST,
        "text": message.content,
        "createdAt": time::format_ms(session.net.now_ms()),
    });
    if let Some(uri) = &message.in_reply_to {
        record["reply"] = reply(session, uri)?;
    }
    if let Some(language) = message.language.as_deref().filter(|l| is_language(l)) {
        record["langs"] = json!([language]);
    }
    // Each handle once; a text has room for some fifty.
    let mut known = BTreeMap::new();
    let facets = facet::facets(&facet::marks(&message.content), |handle| {
        if let Some(did) = known.get(handle) {
            return Ok(Option::clone(did));
        }
        let did = resolve(session, handle)?;
        known.insert(handle.to_owned(), did.clone());
        Ok::<_, PluginError>(did)
    })?;
    if !facets.is_empty() {
        record["facets"] = Value::Array(facets);
    }
    Ok(record)
}

/// The DID of a handle; none when nobody has it.
fn resolve(session: &Session, handle: &str) -> Result<Option<String>, PluginError> {
    match session.get("com.atproto.identity.resolveHandle", &[("handle", handle)]) {
        Ok(answer) => Ok(text_at(&answer, "/did")
            .filter(|did| did.starts_with("did:"))
            .map(str::to_owned)),
        Err(CallError::Refused(_)) => {
            session.net.log(
                Level::Info,
                "a mentioned handle is nobody's: left as plain text",
            );
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The references of an answer to this post, as the network has it now.
fn reply(session: &Session, uri: &str) -> Result<Value, PluginError> {
    let gone = || PluginError::Permanent("the answered post is gone, or hidden from us".to_owned());
    let malformed =
        || PluginError::Permanent("the answered post does not tell its thread".to_owned());
    let view = session.get("app.bsky.feed.getPosts", &[("uris", uri)]);
    if let Ok(view) = &view
        && let Some(post) = list_at(view, "/posts")
            .iter()
            .find(|p| text_at(p, "/uri") == Some(uri))
    {
        if post
            .pointer("/viewer/replyDisabled")
            .and_then(Value::as_bool)
            == Some(true)
        {
            return Err(PluginError::Permanent(
                "the thread's author does not let this account answer".to_owned(),
            ));
        }
        let cid = text_at(post, "/cid").ok_or_else(malformed)?;
        let answered = post.get("record").ok_or_else(malformed)?;
        return reply_reference(uri, cid, answered).ok_or_else(malformed);
    }
    match view {
        Err(CallError::Fault(fault)) => return Err(fault),
        Err(CallError::Refused(_)) | Ok(_) => {}
    }
    // Too new to be shown, or no post: its repository knows.
    let at = AtUri::parse(uri).ok_or_else(malformed)?;
    let parameters = [
        ("repo", at.authority),
        ("collection", at.collection),
        ("rkey", at.rkey),
    ];
    match session.get("com.atproto.repo.getRecord", &parameters) {
        Ok(answer) => {
            let cid = text_at(&answer, "/cid").ok_or_else(malformed)?;
            let answered = answer.get("value").ok_or_else(malformed)?;
            reply_reference(uri, cid, answered).ok_or_else(malformed)
        }
        Err(CallError::Refused(refusal)) if refusal.is_gone() => Err(gone()),
        Err(error) => Err(error.into()),
    }
}
