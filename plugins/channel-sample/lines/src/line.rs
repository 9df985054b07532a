//! One line of the sample format to one activity. The names are those of ActivityStreams 2.0 in
//! camelCase, JSON as in its vocabulary (https://www.w3.org/TR/activitystreams-vocabulary/), with
//! `visibility` and `reach` on top:
//!
//! ```json
//! {"id":"a-1","type":"Create","published":"2026-03-02T08:15:00Z",
//!  "object":{"id":"m-1","attributedTo":{"id":"p-1","handle":"lotte"},"content":"Hallo!"}}
//! ```
//!
//! Invariants: whatever is accepted keeps within the contract's limits; unknown fields are refused,
//! and a [`Fault`] names the field and what to do. Deliberately absent: spans of mentions (the
//! format has none) and whether ids exist elsewhere (the host's business).

use chrono::DateTime;
use rapport_sdk::common::TimestampMs;
use rapport_sdk::social::{
    Activity, ActivityObject, Actor, ActorKind, Attachment, AttachmentKind, Mention, Message,
    Reach, Reaction, Tombstone, Visibility,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::format::{
    ActorKindLine, ActorLine, AttachmentKindLine, AttachmentLine, Line, LineType, MentionLine,
    MessageLine, ReachLine, TombstoneLine, VisibilityLine,
};

/// The contract's limits, in bytes or entries; see `wit/deps/types/types.wit`.
const ID_BYTES: usize = 512;
const TITLE_BYTES: usize = 1024;
const CONTENT_BYTES: usize = 65_536;
const TEXT_BYTES: usize = 4096;
const ANCESTORS: usize = 64;
const TAGS: usize = 64;
const MENTIONS: usize = 64;
const ATTACHMENTS: usize = 32;
/// Longest text of a fault's parts, in characters: the line's author chose some of the words.
const FAULT_CHARS: usize = 300;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Path with dots, for example `object.attributedTo.id`; empty for the line as a whole.
    pub field: String,
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Fault {
    fn new(field: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let cut = |text: String| text.chars().take(FAULT_CHARS).collect();
        Self {
            field: cut(field.to_owned()),
            message: cut(message.into()),
            remedy: cut(remedy.into()),
        }
    }
}

/// Reads one line, which must hold one JSON object.
pub fn parse(text: &str) -> Result<Activity, Fault> {
    if !text.trim_start().starts_with('{') {
        return Err(Fault::new(
            "",
            "is not a JSON object",
            "write one activity as { … } on the line",
        ));
    }
    let mut input = serde_json::Deserializer::from_str(text);
    let line: Line = serde_path_to_error::deserialize(&mut input)
        .map_err(|error| fault_of("", &error.path().to_string(), error.inner()))?;
    input.end().map_err(|error| fault_of("", ".", &error))?;

    let id = id_checked("id", line.id)?;
    let published = time("published", &line.published)?;
    if matches!(
        line.kind,
        LineType::Create | LineType::Update | LineType::Delete
    ) && line.attributed_to.is_some()
    {
        return Err(Fault::new(
            "attributedTo",
            format!("{:?} has no actor of its own", line.kind),
            "put attributedTo in object, or leave it out for Delete",
        ));
    }
    let object = match line.kind {
        LineType::Create => ActivityObject::Create(message(line.object, published, None)?),
        LineType::Update => {
            ActivityObject::Update(message(line.object, published, Some(published))?)
        }
        LineType::Delete => {
            let object: TombstoneLine = object_of(line.object)?;
            let external_id = id_checked("object.id", object.id)?;
            ActivityObject::Delete(Tombstone {
                external_id,
                deleted: published,
            })
        }
        LineType::Announce => ActivityObject::Announce(reaction(line.attributed_to, line.object)?),
        LineType::Like => ActivityObject::Like(reaction(line.attributed_to, line.object)?),
        LineType::Follow => {
            if line.object.is_some() {
                return Err(Fault::new(
                    "object",
                    "Follow has no object",
                    "leave object out",
                ));
            }
            ActivityObject::Follow(actor(
                "attributedTo",
                needed("attributedTo", line.attributed_to)?,
            )?)
        }
    };
    Ok(Activity {
        id,
        published,
        object,
    })
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::new(field, "is missing", format!("add {field}")))
}

fn object_of<T: DeserializeOwned>(object: Option<Value>) -> Result<T, Fault> {
    serde_path_to_error::deserialize(needed("object", object)?)
        .map_err(|error| fault_of("object", &error.path().to_string(), error.inner()))
}

fn message(
    object: Option<Value>,
    published: TimestampMs,
    edited: Option<TimestampMs>,
) -> Result<Message, Fault> {
    let line: MessageLine = object_of(object)?;
    at_most("object.ancestors", line.ancestors.len(), ANCESTORS)?;
    at_most("object.tag", line.tag.len(), TAGS)?;
    at_most("object.mention", line.mention.len(), MENTIONS)?;
    at_most("object.attachment", line.attachment.len(), ATTACHMENTS)?;
    let optional_id = |field, id: Option<String>| id.map(|id| id_checked(field, id)).transpose();
    let optional_time = |field, text: Option<String>| text.map(|t| time(field, &t)).transpose();
    Ok(Message {
        external_id: id_checked("object.id", line.id)?,
        conversation_external_id: optional_id("object.context", line.context)?,
        in_reply_to: optional_id("object.inReplyTo", line.in_reply_to)?,
        ancestors: each("object.ancestors", line.ancestors, id_checked)?,
        attributed_to: actor("object.attributedTo", line.attributed_to)?,
        published: optional_time("object.published", line.published)?.unwrap_or(published),
        updated: optional_time("object.updated", line.updated)?.or(edited),
        title: bounded("object.name", line.name, TITLE_BYTES)?,
        content: text_checked("object.content", line.content, CONTENT_BYTES)?,
        language: language("object.language", line.language)?,
        url: web_address("object.url", line.url)?,
        visibility: match line.visibility {
            VisibilityLine::Public => Visibility::Public,
            VisibilityLine::SemiPrivate => Visibility::SemiPrivate,
            VisibilityLine::Direct => Visibility::Direct,
        },
        reach: match line.reach {
            ReachLine::Directed => Reach::Directed,
            ReachLine::Searched => Reach::Searched,
            ReachLine::ThirdParty => Reach::ThirdParty,
        },
        tags: each("object.tag", line.tag, tag)?,
        mentions: each("object.mention", line.mention, mention)?,
        attachments: each("object.attachment", line.attachment, attachment)?,
        monitor: None,
        extra: Vec::new(),
    })
}

fn reaction(by: Option<ActorLine>, object: Option<Value>) -> Result<Reaction, Fault> {
    let attributed_to = actor("attributedTo", needed("attributedTo", by)?)?;
    let object = id_checked("object", object_of::<String>(object)?)?;
    Ok(Reaction {
        attributed_to,
        object,
    })
}

fn actor(field: &str, line: ActorLine) -> Result<Actor, Fault> {
    let at = |name: &str| format!("{field}.{name}");
    Ok(Actor {
        external_id: id_checked(&at("id"), line.id)?,
        handle: bounded(&at("handle"), line.handle, ID_BYTES)?,
        display_name: bounded(&at("name"), line.name, TITLE_BYTES)?,
        profile_url: web_address(&at("url"), line.url)?,
        avatar_url: None,
        follower_count: line.followers,
        verified: line.verified,
        kind: match line.kind {
            ActorKindLine::Person => ActorKind::Person,
            ActorKindLine::Organization => ActorKind::Organization,
            ActorKindLine::Service => ActorKind::Service,
            ActorKindLine::Unknown => ActorKind::Unknown,
        },
        extra: Vec::new(),
    })
}

fn tag(field: &str, text: String) -> Result<String, Fault> {
    if text.is_empty() || text.starts_with('#') {
        return Err(Fault::new(
            field,
            "is not a tag",
            "write the tag's name without #",
        ));
    }
    text_checked(field, text, ID_BYTES)
}

fn mention(field: &str, line: MentionLine) -> Result<Mention, Fault> {
    Ok(Mention {
        actor_external_id: id_checked(&format!("{field}.id"), line.id)?,
        handle: bounded(&format!("{field}.handle"), line.handle, ID_BYTES)?,
        span: None,
    })
}

fn attachment(field: &str, line: AttachmentLine) -> Result<Attachment, Fault> {
    let url = needed(field, web_address(&format!("{field}.url"), Some(line.url))?)?;
    Ok(Attachment {
        kind: match line.kind {
            AttachmentKindLine::Image => AttachmentKind::Image,
            AttachmentKindLine::Video => AttachmentKind::Video,
            AttachmentKindLine::Audio => AttachmentKind::Audio,
            AttachmentKindLine::Document => AttachmentKind::Document,
            AttachmentKindLine::Link => AttachmentKind::Link,
        },
        url,
        media_type: bounded(&format!("{field}.mediaType"), line.media_type, ID_BYTES)?,
        alt_text: bounded(&format!("{field}.alt"), line.alt, TEXT_BYTES)?,
        title: None,
        size_bytes: None,
    })
}

/// Applies `read` to every entry, naming it `field[index]`.
fn each<T, U>(
    field: &str,
    entries: Vec<T>,
    read: impl Fn(&str, T) -> Result<U, Fault>,
) -> Result<Vec<U>, Fault> {
    let numbered = entries.into_iter().enumerate();
    numbered
        .map(|(index, entry)| read(&format!("{field}[{index}]"), entry))
        .collect()
}

fn at_most(field: &str, count: usize, limit: usize) -> Result<(), Fault> {
    if count > limit {
        return Err(Fault::new(
            field,
            format!("{count} entries"),
            format!("give at most {limit} entries"),
        ));
    }
    Ok(())
}

fn id_checked(field: &str, id: String) -> Result<String, Fault> {
    if id.is_empty() {
        return Err(Fault::new(
            field,
            "is empty",
            format!("give an id of 1 to {ID_BYTES} bytes"),
        ));
    }
    text_checked(field, id, ID_BYTES)
}

fn text_checked(field: &str, text: String, limit_bytes: usize) -> Result<String, Fault> {
    if text.len() > limit_bytes {
        return Err(Fault::new(
            field,
            format!("{} bytes", text.len()),
            format!("shorten it to at most {limit_bytes} bytes"),
        ));
    }
    Ok(text)
}

fn bounded(field: &str, text: Option<String>, limit: usize) -> Result<Option<String>, Fault> {
    text.map(|text| text_checked(field, text, limit))
        .transpose()
}

/// RFC 3339 to milliseconds since 1970.
fn time(field: &str, text: &str) -> Result<TimestampMs, Fault> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|error| {
            Fault::new(
                field,
                format!("`{text}` is not a time: {error}"),
                "write it as RFC 3339, for example 2026-03-02T08:15:00Z",
            )
        })
}

/// The shape of a BCP 47 tag; whether its parts are registered does not matter here.
fn language(field: &str, text: Option<String>) -> Result<Option<String>, Fault> {
    let in_shape = |tag: &str| {
        tag.len() <= 35
            && tag.split('-').all(|part| {
                (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
            })
    };
    match text {
        Some(tag) if !in_shape(&tag) => Err(Fault::new(
            field,
            format!("`{tag}` is not a language tag"),
            "write a BCP 47 tag, for example nl or en-GB",
        )),
        other => Ok(other),
    }
}

fn web_address(field: &str, text: Option<String>) -> Result<Option<String>, Fault> {
    match text {
        Some(url) if !(url.starts_with("https://") || url.starts_with("http://")) => {
            Err(Fault::new(
                field,
                "is not a web address",
                "begin it with https:// or http://",
            ))
        }
        other => bounded(field, other, TEXT_BYTES),
    }
}

/// Says what serde found in our words. `path` is serde's own, `.` for the top; it ends in `?` where
/// the text ends before a name does.
fn fault_of(prefix: &str, path: &str, error: &serde_json::Error) -> Fault {
    let path = path.strip_suffix('?').map_or(path, |known| match known {
        "" => ".",
        known => known.trim_end_matches('.'),
    });
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    let mut field = match (prefix, path) {
        (prefix, ".") => prefix.to_owned(),
        ("", path) => path.to_owned(),
        (prefix, path) => format!("{prefix}.{path}"),
    };
    if error.is_syntax() || error.is_eof() {
        let message = format!("{message}, column {}", error.column());
        let remedy =
            "write one complete JSON object on the line; look at quotes, commas and braces";
        return Fault::new(&field, message, remedy);
    }
    if let Some(name) = message
        .strip_prefix("missing field `")
        .and_then(|m| m.strip_suffix('`'))
    {
        field = if field.is_empty() {
            name.to_owned()
        } else {
            format!("{field}.{name}")
        };
        return Fault::new(&field, "is missing", format!("add {name}"));
    }
    let remedy = if message.starts_with("unknown field") {
        "remove it or correct its name"
    } else if message.starts_with("unknown variant") {
        "use one of the values named"
    } else {
        "give a value of the kind that the format has here"
    };
    Fault::new(&field, message, remedy)
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
