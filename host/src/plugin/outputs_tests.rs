//! Whatever a plugin returns is a named fault or within every limit, and can be written as JSON and
//! read again. What the database makes of it is tested where it is stored, in the pipeline.

use super::connector::answer::{account_in, page_in, webhook_in};
use super::convert::{activities_in, receipt_in};
use super::convert_policy::{classifications_in, effects_in, localized_in};
use super::fault::{HostFault, PluginError};
use super::random_outputs::{self as random, CONTENT};
use super::state::HostState;
use super::{limits, sanitize, wire};
use crate::domain::annotation::{Evidence, Localized};
use crate::domain::effects::EffectBody;
use crate::domain::social::{Activity, ActivityObject, Actor, Extra, SourceMessage};
use proptest::prelude::*;
use rapport_bindings::host::log::{Host, Level};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Checked = Result<(), TestCaseError>;

/// At most this long, and nothing in it that a terminal or a header would obey.
fn text(text: &str, max_bytes: usize) -> Checked {
    prop_assert!(
        text.len() <= max_bytes,
        "{} bytes, at most {max_bytes}",
        text.len()
    );
    let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
    prop_assert!(!text.contains(bad), "{text:?}");
    Ok(())
}

/// One line, and not blank.
fn line(line: Option<&String>, max_bytes: usize) -> Checked {
    let Some(line) = line else { return Ok(()) };
    prop_assert!(
        !line.contains(['\n', '\t']) && !line.trim().is_empty(),
        "{line:?}"
    );
    text(line, max_bytes)
}

fn id(id: &str) -> Checked {
    prop_assert!(!id.is_empty());
    text(id, limits::EXTERNAL_ID_BYTES)
}

fn url(url: Option<&String>) -> Checked {
    let Some(url) = url else { return Ok(()) };
    prop_assert!(
        url.starts_with("https://") || url.starts_with("http://"),
        "{url}"
    );
    prop_assert!(url.is_ascii(), "{url}");
    text(url, limits::URL_BYTES)
}

fn extra(extra: &Extra) -> Checked {
    prop_assert!(extra.len() <= limits::EXTRA);
    for (name, value) in extra {
        text(name, 64)?;
        prop_assert!(value.len() <= limits::EXTRA_VALUE_BYTES && !value.contains('\0'));
    }
    Ok(())
}

fn actor(actor: &Actor) -> Checked {
    id(&actor.external_id)?;
    line(actor.handle.as_ref(), 256)?;
    line(actor.display_name.as_ref(), 256)?;
    url(actor.profile_url.as_ref())?;
    url(actor.avatar_url.as_ref())?;
    extra(&actor.extra)
}

fn message(message: &SourceMessage) -> Checked {
    id(&message.external_id)?;
    let others = [&message.conversation_external_id, &message.in_reply_to];
    for other in others.into_iter().flatten().chain(&message.ancestors) {
        id(other)?;
    }
    actor(&message.attributed_to)?;
    line(message.title.as_ref(), limits::TITLE_BYTES)?;
    text(&message.content, limits::CONTENT_BYTES)?;
    line(message.language.as_ref(), 35)?;
    line(message.monitor.as_ref(), 64)?;
    url(message.url.as_ref())?;
    prop_assert!(message.ancestors.len() <= limits::ANCESTORS);
    prop_assert!(message.tags.len() <= limits::TAGS);
    prop_assert!(message.mentions.len() <= limits::MENTIONS);
    prop_assert!(message.attachments.len() <= limits::ATTACHMENTS);
    for tag in &message.tags {
        line(Some(tag), 256)?;
    }
    for mention in &message.mentions {
        id(&mention.actor_external_id)?;
        line(mention.handle.as_ref(), 256)?;
        if let (Some(start), Some(end)) = (mention.start, mention.end) {
            prop_assert!(message.content.get(start as usize..end as usize).is_some());
        }
    }
    for attachment in &message.attachments {
        url(Some(&attachment.url))?;
        line(attachment.media_type.as_ref(), 128)?;
        line(attachment.alt_text.as_ref(), 4096)?;
        line(attachment.title.as_ref(), limits::TITLE_BYTES)?;
    }
    extra(&message.extra)
}

fn activity(activity: &Activity) -> Checked {
    id(&activity.id)?;
    match &activity.object {
        ActivityObject::Create(m) | ActivityObject::Update(m) => message(m),
        ActivityObject::Delete { external_id, .. } => id(external_id),
        ActivityObject::Announce(r) | ActivityObject::Like(r) => {
            id(&r.object)?;
            actor(&r.attributed_to)
        }
        ActivityObject::Follow(who) => actor(who),
    }
}

fn evidence(all: &[Evidence]) -> Checked {
    prop_assert!(all.len() <= limits::EVIDENCE);
    for one in all {
        prop_assert!(
            CONTENT.get(one.start as usize..one.end as usize).is_some(),
            "{one:?}"
        );
        text(&one.note, 256)?;
    }
    Ok(())
}

fn localized(all: &[Localized]) -> Checked {
    prop_assert!(all.len() <= 16);
    for one in all {
        text(&one.language, 35)?;
        text(&one.text, limits::TEXT_BYTES)?;
    }
    Ok(())
}

fn body(body: &EffectBody) -> Checked {
    match body {
        EffectBody::Rewrite(content) => text(content, limits::CONTENT_BYTES),
        EffectBody::Hold(to) | EffectBody::Route(to) => text(to, limits::TEXT_BYTES),
        EffectBody::Label(name) | EffectBody::PauseCampaign(name) => text(name, limits::TEXT_BYTES),
        EffectBody::OpenCase(case) => text(&case.title, 256),
        EffectBody::Task(task) => {
            text(&task.title, 256)?;
            line(task.team.as_ref(), 256)
        }
        EffectBody::Suppress(suppression) => line(suppression.channel.as_ref(), 256),
        EffectBody::Notify { to, text: said } => {
            text(to, limits::TEXT_BYTES)?;
            text(said, limits::TEXT_BYTES)
        }
        EffectBody::Allow
        | EffectBody::Deny
        | EffectBody::LeaveAlone
        | EffectBody::Respond(_)
        | EffectBody::Priority(_) => Ok(()),
    }
}

/// A fault that has a name of the host's, and a message that can be shown.
fn fault(fault: &HostFault) -> Checked {
    prop_assert!(
        ["contract", "output-too-large"].contains(&fault.name()),
        "{fault}"
    );
    text(&fault.to_string(), limits::TEXT_BYTES + 64)
}

fn as_json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Checked {
    let written = serde_json::to_string(value).expect("it can be written");
    let read: T = serde_json::from_str(&written).expect("it can be read");
    prop_assert_eq!(&read, value);
    Ok(())
}

/// Ids of an activity without which it can't be stored.
fn ids(activity: &wire::social::Activity) -> Vec<&str> {
    use wire::social::ActivityObject as Object;
    let mut ids = vec![activity.id.as_str()];
    match &activity.object {
        Object::Create(m) | Object::Update(m) => {
            ids.extend([m.external_id.as_str(), &m.attributed_to.external_id]);
            ids.extend(m.conversation_external_id.as_deref());
            ids.extend(m.in_reply_to.as_deref());
        }
        Object::Delete(tombstone) => ids.push(&tombstone.external_id),
        Object::Announce(r) | Object::Like(r) => {
            ids.extend([r.object.as_str(), &r.attributed_to.external_id]);
        }
        Object::Follow(actor) => ids.push(&actor.external_id),
    }
    ids
}

proptest! {
    #[test]
    fn activities_of_any_kind(given in random::activities()) {
        let is_good = |a: &&wire::social::Activity| ids(a).into_iter().all(sanitize::external_id);
        let found = activities_in(given.clone());
        let kept: Vec<_> = found.good.iter().map(|a| (a.id.as_str(), a.published)).collect();
        let said = given.iter().filter(is_good);
        let said: Vec<_> = said.map(|a| (a.id.as_str(), a.published)).collect();
        prop_assert_eq!(kept, said, "the good ones, in their order");
        for one in &found.good {
            activity(one)?;
        }
        as_json(&found.good)?;
        let refused: Vec<_> = found.refused.iter().map(|r| r.element - 1).collect();
        let bad = given.iter().enumerate().filter(|(_, a)| !is_good(a));
        prop_assert_eq!(refused, bad.map(|(index, _)| index).collect::<Vec<_>>());
    }

    #[test]
    fn pages_of_any_kind(given in random::page()) {
        match page_in(given.clone()) {
            Ok(page) => {
                // As it was, or the next poll would go on somewhere else.
                prop_assert_eq!(&page.cursor, &given.cursor);
                prop_assert!(page.cursor.len() <= limits::CURSOR_BYTES && !page.cursor.contains('\0'));
            }
            Err(broken) => fault(&broken)?,
        }
    }

    #[test]
    fn webhook_answers_of_any_kind(given in random::webhook()) {
        match webhook_in(given) {
            Ok(answer) => {
                prop_assert!((200..600).contains(&answer.status));
                prop_assert!(answer.headers.len() <= 32);
                prop_assert!(answer.body.len() <= limits::WEBHOOK_BODY_BYTES);
            }
            Err(broken) => fault(&broken)?,
        }
    }

    #[test]
    fn accounts_and_receipts_of_any_kind(who in random::account(), sent in random::receipt()) {
        match account_in(who) {
            Ok(account) => {
                actor(&account.actor)?;
                prop_assert!(account.send_visibilities.len() <= 8);
                as_json(&account.actor)?;
            }
            Err(broken) => fault(&broken)?,
        }
        match receipt_in(sent) {
            Ok(receipt) => {
                id(&receipt.external_id)?;
                url(receipt.url.as_ref())?;
            }
            Err(broken) => fault(&broken)?,
        }
    }

    #[test]
    fn errors_of_any_kind(given in random::plugin_error()) {
        let error = PluginError::from(given);
        text(&error.to_string(), limits::TEXT_BYTES + 64)?;
        if let PluginError::RetryAfter { delay_ms, .. } | PluginError::RateLimited { delay_ms, .. } = error {
            prop_assert!(delay_ms.is_none_or(|ms| ms <= 86_400_000));
        }
    }

    #[test]
    fn classifications_of_any_kind(given in random::classifications()) {
        let count = given.len();
        let scores: Vec<f64> = given.iter().map(|c| c.score).collect();
        let good = scores.iter().all(|score| (-1.0..=1.0).contains(score));
        match classifications_in(given, CONTENT, "p", "1.0.0") {
            Ok(found) => {
                prop_assert!(good && count <= limits::CLASSIFICATIONS_PER_MESSAGE);
                prop_assert_eq!(found.len(), count);
                for one in &found {
                    line(Some(&one.dimension), 64)?;
                    line(Some(&one.label), 64)?;
                    evidence(&one.evidence)?;
                    extra(&one.extra)?;
                }
                as_json(&found)?;
            }
            Err(broken) => fault(&broken)?,
        }
    }

    #[test]
    fn effects_of_any_kind(given in random::effects()) {
        let known = given.iter().all(|e| e.rule == "on" || e.rule == "off");
        let wanted = given.iter().filter(|e| e.rule == "on").count();
        let good = known && given.len() <= limits::EFFECTS_PER_CASE;
        match effects_in(given, &random::case(CONTENT), &random::rules()) {
            Ok(effects) => {
                prop_assert!(good);
                prop_assert_eq!(effects.len(), wanted, "one of a rule that is off goes, no other");
                for one in &effects {
                    body(&one.body)?;
                    localized(&one.reason)?;
                    evidence(&one.evidence)?;
                }
                as_json(&effects)?;
            }
            Err(broken) => {
                prop_assert!(!good, "refused: {broken}");
                fault(&broken)?;
            }
        }
    }

    #[test]
    fn titles_of_rules_of_any_kind(given in prop::collection::vec((random::text(), random::text()), 0..40)) {
        let given = given.into_iter();
        let given = given.map(|(language, text)| wire::common::Localized { language, text });
        localized(&localized_in(given.collect()))?;
    }

    #[test]
    fn texts_are_cleaned_and_otherwise_as_they_were(given in random::text()) {
        let kept = crate::domain::text::line_ends(given.clone());
        let kept: String = kept.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let out = sanitize::text(given.clone());
        text(&out, limits::TEXT_BYTES)?;
        prop_assert!(kept.starts_with(&out));
        prop_assert!(out == kept || out.len() > limits::TEXT_BYTES - 4, "cut too short");
        let out = sanitize::content(given.clone());
        text(&out, limits::CONTENT_BYTES)?;
        line(sanitize::short(Some(given), 64).as_ref(), 64)?;
    }

    #[test]
    fn log_lines_of_any_kind(given in prop::collection::vec(random::text(), 0..120)) {
        let mut state = HostState::pure(1);
        for message in &given {
            let written = state.write(Level::Info, message.clone());
            let long: usize = given.iter().map(String::len).sum();
            prop_assert!(written.is_ok() || long > limits::LOG_FLOOD_BYTES);
        }
        prop_assert!(state.log.len() <= limits::LOG_LINES);
        for kept in &state.log {
            prop_assert!(!kept.text.contains(char::is_control));
            text(&kept.text, limits::LOG_LINE_BYTES)?;
        }
    }
}
