//! Words that mean the same in the whole API, said once: what statuses tell, what ids name, what tags
//! gather, and what common properties are. A description that stands at its place already stays.

use super::resolve;
use serde_json::{Map, Value, json};

const TAGS: &[(&str, &str)] = &[
    (
        "access",
        "Agents, teams, roles, rights to inboxes, log-ins and API tokens.",
    ),
    (
        "audit",
        "Who changed what, and whether that record is whole.",
    ),
    ("cases", "What is to be solved or done for contacts."),
    (
        "contacts",
        "The people who speak to us, and their own data.",
    ),
    ("conversations", "What was said, message by message."),
    ("decisions", "What rules decided, and why."),
    ("drafts", "Answers, from the first word to the outbox."),
    ("inboxes", "Where we listen, and for which words."),
    ("live", "Changes as they happen."),
    ("outbox", "Answers on their way, and those that are stuck."),
    (
        "plugins",
        "Channels, classifiers and policies: what they may do and how they fare.",
    ),
    ("retention", "How long data is kept."),
    ("session", "Log-in through an OpenID Connect provider."),
    (
        "webhooks",
        "Requests that tell other systems what happens here.",
    ),
];

/// What an id in a path names, by the part of the path before it.
const IN_PATHS: &[(&str, &str)] = &[
    ("agents", "The agent's id."),
    ("cases", "The case's id."),
    ("contacts", "The contact's id."),
    ("conversations", "The conversation's id."),
    ("decisions", "The decision's id."),
    ("drafts", "The draft's id."),
    ("inboxes", "The inbox's id."),
    ("messages", "The message's id."),
    ("monitors", "The monitor's id."),
    ("oidc", "The provider's name, as configured."),
    ("outbox", "The outbox item's id."),
    ("plugins", "The plugin's id, such as `classify-language`."),
    ("roles", "The role's name."),
    ("sessions", "The session's id."),
    ("teams", "The team's id."),
    ("tokens", "The token's id."),
    ("webhook-deliveries", "The delivery's id."),
    ("webhook-endpoints", "The endpoint's id."),
];

/// What a status says where the operation says nothing of its own.
const STATUSES: &[(&str, &str)] = &[
    ("204", "Done; there is nothing to tell."),
    (
        "400",
        "The request is not well formed, or a parameter is wrong.",
    ),
    ("404", "It is not there, or not for the caller to see."),
    ("409", "It can't be done in the state that it is in."),
    ("413", "The body is too large."),
    ("415", "The body is not application/json."),
    ("422", "The body is not as described."),
];

/// Properties and parameters that mean the same wherever they stand.
const COMMON: &[(&str, &str)] = &[
    (
        "actor",
        "Who did it: an agent's or token's id, `host`, `cli`.",
    ),
    ("actorExternalId", "The network's id of the account."),
    ("agentId", "The agent's id."),
    (
        "allowUnsigned",
        "Whether it may run without a signature that is trusted.",
    ),
    ("altText", "What it shows, for those who can't see it."),
    ("asks", "What it asks for."),
    ("attachments", "What is attached."),
    ("attempts", "Tries so far."),
    ("attributedTo", "Who said it."),
    ("author", "The name under it."),
    ("avatarUrl", "Address of a picture of them."),
    ("both", "How often both versions said it."),
    ("calls", "Calls so far."),
    ("canPoll", "Whether it can be asked for what is new."),
    ("canReceive", "Whether it takes webhooks."),
    ("canSend", "Whether answers can be sent."),
    ("classifications", "What classifiers said of it."),
    ("closed", "When it was closed."),
    ("contactId", "The contact's id."),
    ("content", "The text."),
    ("conversationId", "The conversation's id."),
    ("count", "How many."),
    ("created", "When it was made."),
    ("deliveryAttempts", "Its tries."),
    ("description", "For people."),
    ("digest", "SHA-256 in hexadecimal."),
    ("displayName", "The name that they give themselves."),
    ("draftId", "The draft's id."),
    ("durationMs", "How long it took, in milliseconds."),
    ("email", "The e-mail address."),
    ("enabled", "Whether it is at work."),
    ("end", "Where it ends, in bytes of the text."),
    ("enrolled", "Whether a second factor is at work."),
    ("error", "What went wrong."),
    ("evidence", "The words that made it."),
    ("expires", "When it ends by itself."),
    ("externalId", "The network's own id of it."),
    ("extra", "Names and values beside the record."),
    ("faults", "Host faults so far."),
    ("finished", "When it ended."),
    ("followerCount", "How many follow them."),
    ("guards", "What it guards."),
    (
        "handle",
        "The name by which the network's people call them.",
    ),
    ("hash", "SHA-256 in hexadecimal."),
    ("id", "Its id."),
    ("idempotencyKey", "The same on every try."),
    ("identities", "The accounts that they are known by."),
    (
        "inReplyTo",
        "The network's id of the message that it answers.",
    ),
    ("inboxId", "The inbox's id."),
    ("items", "The page's items."),
    ("keyId", "The key's id."),
    ("kind", "Of which kind it is."),
    ("label", "What it was judged to be."),
    ("labels", "Labels."),
    ("language", "BCP 47."),
    ("lastError", "Why the last try failed."),
    ("lastFault", "The latest host fault."),
    ("licence", "Its licence."),
    ("mediaType", "Its media type."),
    ("mentions", "Who is named in it."),
    ("messageCount", "How many messages."),
    ("messageId", "The message's id."),
    ("moments", "When it is asked."),
    ("monitor", "Id of the monitor that found it."),
    ("name", "Its name."),
    ("network", "The network, such as `bluesky`."),
    ("note", "More about it."),
    ("old", "The password so far."),
    ("onlyCandidate", "How often the candidate alone said it."),
    (
        "onlyCurrent",
        "How often the version in force alone said it.",
    ),
    ("openCases", "What is still to be solved for them."),
    ("opened", "When it was opened."),
    ("password", "The password."),
    ("permissions", "What it lets one do."),
    ("place", "Where it is."),
    ("plugin", "The plugin's id."),
    ("priority", "How soon somebody should look."),
    ("profileUrl", "Address of their page."),
    ("published", "When it was said, by the network's clock."),
    ("publisher", "Who makes it."),
    ("query", "In the network's own search syntax."),
    ("reach", "Who sought whom."),
    ("reason", "Why."),
    ("received", "When it came in here."),
    (
        "recoveryCodes",
        "Each takes the place of a code once; they are not shown again.",
    ),
    ("roles", "Names of roles."),
    ("rules", "The rules."),
    ("scopes", "What it may do."),
    ("sendVisibilities", "Who can be let read an answer."),
    ("settings", "The settings."),
    ("sizeBytes", "Its size in bytes."),
    ("start", "Where it begins, in bytes of the text."),
    ("started", "When it began."),
    ("status", "How it stands."),
    ("suppressions", "Purposes for which they are left alone."),
    ("tags", "Tags, without #."),
    ("team", "The team's name."),
    ("teamId", "The team's id."),
    ("teams", "Teams."),
    ("text", "The text."),
    ("title", "What it is about, in a line."),
    ("tries", "The tries, the last hundred at most."),
    ("trust", "Whose signature it has."),
    ("updated", "When it was changed last."),
    ("url", "Its address."),
    ("verified", "Whether the network vouches for them."),
    ("version", "The version."),
    ("visibility", "Who may read it."),
    ("what", "What it is."),
    ("withheld", "What it asked for but is not shown."),
];

fn word(words: &[(&str, &str)], name: &str) -> Option<Value> {
    let found = words.iter().find(|(of, _)| *of == name);
    found.map(|(_, text)| json!(text))
}

pub fn tags() -> Value {
    let tag =
        |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    TAGS.iter().map(tag).collect()
}

/// Gives common properties of schemas their description.
pub fn describe_schemas(schemas: &mut Value) {
    for schema in schemas
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
    {
        describe_properties(schema);
    }
}

fn describe_properties(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    parts.into_iter().flatten().for_each(describe_properties);
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        // What may be left out is a choice, which may have the words.
        let mut choices = property["oneOf"].as_array().into_iter().flatten();
        if !choices.any(|choice| choice.get("description").is_some()) {
            describe_as(property, word(COMMON, name));
        }
    }
}

/// What is described stays as it is.
fn describe_as(value: &mut Value, text: Option<Value>) {
    if let (Some(object), Some(text)) = (value.as_object_mut(), text) {
        object.entry("description").or_insert(text);
    }
}

/// Gives an operation's parameters and answers their description.
pub fn describe(path: &str, operation: &mut Value, schemas: &Value) {
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let text = match parameter["in"].as_str() {
            Some("path") => {
                let before = path.split(&format!("/{{{name}}}")).next();
                let of = before.and_then(|before| before.rsplit('/').next());
                word(IN_PATHS, of.unwrap_or_default())
            }
            _ => word(COMMON, name),
        };
        describe_as(parameter, text);
    }
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        if response["description"].as_str().is_none_or(str::is_empty) {
            let content = response["content"].as_object();
            let media = content.and_then(|content| content.values().next());
            let said = media.map(|media| about(schemas, &media["schema"]));
            let text = word(STATUSES, status).or(said.map(Value::from));
            response["description"] = text.unwrap_or_default();
        }
    }
}

/// What a schema is, in a sentence.
fn about(schemas: &Value, schema: &Value) -> String {
    if schema["type"] == "array" {
        return format!("All of them. Each: {}", about(schemas, &schema["items"]));
    }
    let schema = resolve(schemas, schema);
    let items = &schema["properties"]["items"]["items"];
    if items.is_object() {
        return format!("A page. Each item: {}", about(schemas, items));
    }
    let text = schema["description"].as_str().unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
