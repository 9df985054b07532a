//! What hangs on a post: pictures, video, link cards, and the post that it quotes. The addresses
//! are those of the embed as the network shows it (`app.bsky.embed.*#view`); the record itself only
//! names blobs.
//!
//! Deliberately absent: fetching any of it.

use rapport_sdk::social::{Attachment, AttachmentKind};
use serde_json::Value;

use crate::message::{is_web_url, links};
use crate::post::{AtUri, Post, cut, list_at, text_at};

/// The contract's limit.
const ATTACHMENTS_MAX: usize = 32;
const TEXT_BYTES_MAX: usize = 4096;

/// Pictures, video and link cards, then the addresses in the text that have no card.
pub fn attachments(post: &Post) -> Vec<Attachment> {
    let mut found = Vec::new();
    match &post.embed {
        Some(view) => from_embed(view, &mut found),
        // A card stands in the record as it is; pictures have no address there.
        None => from_embed(post.record.get("embed").unwrap_or(&Value::Null), &mut found),
    }
    for link in links(&post.record) {
        if !found.iter().any(|a| a.url == link) {
            found.push(attachment(AttachmentKind::Link, link));
        }
        if found.len() >= ATTACHMENTS_MAX {
            break;
        }
    }
    found.truncate(ATTACHMENTS_MAX);
    found
}

/// Whether only the network's own view tells what hangs on it.
pub fn needs_view(post: &Post) -> bool {
    let kind = text_at(&post.record, "/embed/$type").unwrap_or_default();
    post.embed.is_none()
        && matches!(
            kind,
            "app.bsky.embed.images" | "app.bsky.embed.video" | "app.bsky.embed.recordWithMedia"
        )
}

/// The at-URI of the post that it quotes.
pub fn quoted(post: &Post) -> Option<&str> {
    let uri = match text_at(&post.record, "/embed/$type")? {
        "app.bsky.embed.record" => text_at(&post.record, "/embed/record/uri"),
        "app.bsky.embed.recordWithMedia" => text_at(&post.record, "/embed/record/record/uri"),
        _ => None,
    }?;
    AtUri::parse(uri).filter(AtUri::is_post).map(|_| uri)
}

fn from_embed(embed: &Value, found: &mut Vec<Attachment>) {
    let kind = text_at(embed, "/$type").unwrap_or_default();
    match kind.strip_suffix("#view").unwrap_or(kind) {
        "app.bsky.embed.images" => {
            for image in list_at(embed, "/images").iter().take(ATTACHMENTS_MAX) {
                push(
                    found,
                    AttachmentKind::Image,
                    text_at(image, "/fullsize"),
                    image,
                );
            }
        }
        "app.bsky.embed.video" => {
            push(
                found,
                AttachmentKind::Video,
                text_at(embed, "/playlist"),
                embed,
            );
            if let Some(video) = found.last_mut().filter(|a| a.kind == AttachmentKind::Video) {
                video.media_type = Some("application/vnd.apple.mpegurl".to_owned());
            }
        }
        "app.bsky.embed.external" => {
            let card = embed.get("external").unwrap_or(&Value::Null);
            push(found, AttachmentKind::Link, text_at(card, "/uri"), card);
        }
        // Its media is one of the three above, never such a pair again.
        "app.bsky.embed.recordWithMedia" => {
            let media = embed.get("media").unwrap_or(&Value::Null);
            if !text_at(media, "/$type").is_some_and(|t| t.contains("recordWithMedia")) {
                from_embed(media, found);
            }
        }
        _ => {}
    }
}

fn push(found: &mut Vec<Attachment>, kind: AttachmentKind, url: Option<&str>, described: &Value) {
    let text = |pointer| {
        text_at(described, pointer)
            .map(|t| cut(t.trim(), TEXT_BYTES_MAX).to_owned())
            .filter(|t| !t.is_empty())
    };
    if let Some(url) = url.filter(|u| is_web_url(u)) {
        found.push(Attachment {
            alt_text: text("/alt"),
            title: text("/title"),
            ..attachment(kind, url)
        });
    }
}

fn attachment(kind: AttachmentKind, url: &str) -> Attachment {
    Attachment {
        kind,
        url: url.to_owned(),
        media_type: None,
        alt_text: None,
        title: None,
        size_bytes: None,
    }
}
