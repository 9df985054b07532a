//! Domain records to contract records and back. On the way back everything is checked: what a
//! plugin returns is hostile. `super::wire` has the contract's records; the native module has its own.

use super::fault::HostFault;
use super::wire::{channel_types, common, social as w};
use super::{limits, sanitize};
use crate::domain::social as d;
use crate::plugin::connector::Refusal;

/// Enumerations that have the same variants on both sides.
macro_rules! same_enum {
    ($to:ident, $from:ident, $domain:ty, $wire:ty, [$($v:ident),+]) => {
        pub(super) fn $to(value: $domain) -> $wire {
            match value { $(<$domain>::$v => <$wire>::$v),+ }
        }
        pub(super) fn $from(value: $wire) -> $domain {
            match value { $(<$wire>::$v => <$domain>::$v),+ }
        }
    };
}
pub(super) use same_enum;

same_enum!(
    visibility_out,
    visibility_in,
    d::Visibility,
    w::Visibility,
    [Public, SemiPrivate, Direct]
);
same_enum!(
    reach_out,
    reach_in,
    d::Reach,
    w::Reach,
    [Directed, Searched, ThirdParty]
);
same_enum!(
    kind_out,
    kind_in,
    d::ActorKind,
    w::ActorKind,
    [Person, Organization, Service, Unknown]
);
same_enum!(
    attachment_kind_out,
    attachment_kind_in,
    d::AttachmentKind,
    w::AttachmentKind,
    [Image, Video, Audio, Document, Link]
);

pub(super) fn actor_out(actor: &d::Actor) -> w::Actor {
    w::Actor {
        external_id: actor.external_id.clone(),
        handle: actor.handle.clone(),
        display_name: actor.display_name.clone(),
        profile_url: actor.profile_url.clone(),
        avatar_url: actor.avatar_url.clone(),
        follower_count: actor.follower_count,
        verified: actor.verified,
        kind: kind_out(actor.kind),
        extra: actor.extra.clone(),
    }
}

pub(super) fn message_out(message: &d::SourceMessage) -> w::Message {
    w::Message {
        external_id: message.external_id.clone(),
        conversation_external_id: message.conversation_external_id.clone(),
        in_reply_to: message.in_reply_to.clone(),
        ancestors: message.ancestors.clone(),
        attributed_to: actor_out(&message.attributed_to),
        published: message.published,
        updated: message.updated,
        title: message.title.clone(),
        content: message.content.clone(),
        language: message.language.clone(),
        url: message.url.clone(),
        visibility: visibility_out(message.visibility),
        reach: reach_out(message.reach),
        tags: message.tags.clone(),
        mentions: message.mentions.iter().map(mention_out).collect(),
        attachments: message.attachments.iter().map(attachment_out).collect(),
        monitor: message.monitor.clone(),
        extra: message.extra.clone(),
    }
}

fn mention_out(mention: &d::Mention) -> w::Mention {
    w::Mention {
        actor_external_id: mention.actor_external_id.clone(),
        handle: mention.handle.clone(),
        span: mention
            .start
            .zip(mention.end)
            .map(|(start, end)| common::Span { start, end }),
    }
}

fn attachment_out(attachment: &d::Attachment) -> w::Attachment {
    w::Attachment {
        kind: attachment_kind_out(attachment.kind),
        url: attachment.url.clone(),
        media_type: attachment.media_type.clone(),
        alt_text: attachment.alt_text.clone(),
        title: attachment.title.clone(),
        size_bytes: attachment.size_bytes,
    }
}

/// What a record lacks to be stored: the field, in the words of ActivityStreams, and the rule that it
/// breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    pub field: &'static str,
    pub rule: String,
}

impl From<Broken> for HostFault {
    fn from(broken: Broken) -> Self {
        HostFault::Contract(format!("{} {}", broken.field, broken.rule))
    }
}

/// Activities that can be stored, and those that can't: without an id nothing is stored once.
#[derive(Debug, Default, PartialEq)]
pub struct Activities {
    pub good: Vec<d::Activity>,
    pub refused: Vec<Refusal>,
}

pub(super) fn activities_in(activities: Vec<w::Activity>) -> Activities {
    let mut found = Activities::default();
    for (index, activity) in activities.into_iter().enumerate() {
        match activity_in(activity) {
            Ok(activity) => found.good.push(activity),
            Err(Broken { field, rule }) => found.refused.push(Refusal {
                element: index + 1,
                field,
                rule,
            }),
        }
    }
    found
}

fn activity_in(activity: w::Activity) -> Result<d::Activity, Broken> {
    let id = checked_id(activity.id, "id")?;
    let object = match activity.object {
        w::ActivityObject::Create(m) => d::ActivityObject::Create(Box::new(message_in(m)?)),
        w::ActivityObject::Update(m) => d::ActivityObject::Update(Box::new(message_in(m)?)),
        w::ActivityObject::Delete(t) => d::ActivityObject::Delete {
            external_id: checked_id(t.external_id, "object.id")?,
            deleted: t.deleted,
        },
        w::ActivityObject::Announce(r) => d::ActivityObject::Announce(reaction_in(r)?),
        w::ActivityObject::Like(r) => d::ActivityObject::Like(reaction_in(r)?),
        w::ActivityObject::Follow(a) => d::ActivityObject::Follow(actor_in(a, "attributedTo.id")?),
    };
    Ok(d::Activity {
        id,
        published: activity.published,
        object,
    })
}

fn checked_id(id: String, field: &'static str) -> Result<String, Broken> {
    if sanitize::external_id(&id) {
        return Ok(id);
    }
    let rule = format!(
        "must have 1 to {} bytes and no control characters",
        limits::EXTERNAL_ID_BYTES
    );
    Err(Broken { field, rule })
}

fn reaction_in(reaction: w::Reaction) -> Result<d::Reaction, Broken> {
    Ok(d::Reaction {
        attributed_to: actor_in(reaction.attributed_to, "attributedTo.id")?,
        object: checked_id(reaction.object, "object")?,
    })
}

/// `field` is where the actor's id stands.
pub(super) fn actor_in(actor: w::Actor, field: &'static str) -> Result<d::Actor, Broken> {
    Ok(d::Actor {
        external_id: checked_id(actor.external_id, field)?,
        handle: sanitize::short(actor.handle, 256),
        display_name: sanitize::short(actor.display_name, 256),
        profile_url: sanitize::web_url(actor.profile_url),
        avatar_url: sanitize::web_url(actor.avatar_url),
        follower_count: actor.follower_count,
        verified: actor.verified,
        kind: kind_in(actor.kind),
        extra: extra_in(actor.extra),
    })
}

pub(super) fn extra_in(extra: Vec<(String, String)>) -> d::Extra {
    extra
        .into_iter()
        .filter(|(name, _)| (1..=64).contains(&name.len()) && !name.contains(char::is_control))
        .take(limits::EXTRA)
        .map(|(name, mut value)| {
            // Not every store takes it.
            value.retain(|c| c != '\0');
            sanitize::cut(&mut value, limits::EXTRA_VALUE_BYTES);
            (name, value)
        })
        .collect()
}

fn optional_id(id: Option<String>, field: &'static str) -> Result<Option<String>, Broken> {
    id.map(|id| checked_id(id, field)).transpose()
}

fn message_in(message: w::Message) -> Result<d::SourceMessage, Broken> {
    let content = sanitize::content(message.content);
    let mentions = message
        .mentions
        .into_iter()
        .take(limits::MENTIONS)
        .filter(|m| sanitize::external_id(&m.actor_external_id))
        .map(|m| {
            let span = m
                .span
                .filter(|s| sanitize::is_span(&content, s.start, s.end));
            d::Mention {
                actor_external_id: m.actor_external_id,
                handle: sanitize::short(m.handle, 256),
                start: span.as_ref().map(|s| s.start),
                end: span.as_ref().map(|s| s.end),
            }
        })
        .collect();
    Ok(d::SourceMessage {
        external_id: checked_id(message.external_id, "object.id")?,
        conversation_external_id: optional_id(message.conversation_external_id, "object.context")?,
        in_reply_to: optional_id(message.in_reply_to, "object.inReplyTo")?,
        ancestors: message
            .ancestors
            .into_iter()
            .filter(|id| sanitize::external_id(id))
            .take(limits::ANCESTORS)
            .collect(),
        attributed_to: actor_in(message.attributed_to, "object.attributedTo.id")?,
        published: message.published,
        updated: message.updated,
        title: sanitize::short(message.title, limits::TITLE_BYTES),
        content,
        language: sanitize::short(message.language, 35),
        url: sanitize::web_url(message.url),
        visibility: visibility_in(message.visibility),
        reach: reach_in(message.reach),
        tags: message
            .tags
            .into_iter()
            .filter_map(|tag| sanitize::short(Some(tag), 256))
            .take(limits::TAGS)
            .collect(),
        mentions,
        attachments: message
            .attachments
            .into_iter()
            .take(limits::ATTACHMENTS)
            .filter_map(attachment_in)
            .collect(),
        monitor: sanitize::short(message.monitor, 64),
        extra: extra_in(message.extra),
    })
}

fn attachment_in(attachment: w::Attachment) -> Option<d::Attachment> {
    Some(d::Attachment {
        kind: attachment_kind_in(attachment.kind),
        url: sanitize::web_url(Some(attachment.url))?,
        media_type: sanitize::short(attachment.media_type, 128),
        alt_text: sanitize::short(attachment.alt_text, 4096),
        title: sanitize::short(attachment.title, limits::TITLE_BYTES),
        size_bytes: attachment.size_bytes,
    })
}

pub(super) fn outbound_out(
    message: &crate::domain::outbound::OutboundMessage,
) -> channel_types::OutboundMessage {
    channel_types::OutboundMessage {
        content: message.content.clone(),
        language: message.language.clone(),
        visibility: visibility_out(message.visibility),
        in_reply_to: message.in_reply_to.clone(),
        conversation_external_id: message.conversation_external_id.clone(),
        recipient: message.recipient.as_ref().map(actor_out),
        extra: Vec::new(),
    }
}

pub(super) fn receipt_in(
    receipt: channel_types::Receipt,
) -> Result<crate::domain::outbound::Receipt, HostFault> {
    Ok(crate::domain::outbound::Receipt {
        external_id: checked_id(receipt.external_id, "receipt's id")?,
        url: sanitize::web_url(receipt.url),
        published: receipt.published,
    })
}
