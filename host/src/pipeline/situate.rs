//! Puts a message or a draft among the facts that the host alone knows.

use super::classify::Classified;
use crate::db::situation::{ConversationFacts, Facts};
use crate::db::{Db, DbError};
use crate::domain::annotation::{Classification, Moment};
use crate::domain::case::{Case, Suppression};
use crate::domain::contact::Contact;
use crate::domain::outbound::Draft;
use crate::domain::policy::{
    CaseView, ContactView, ConversationView, DraftView, HashtagCount, IdentityView, PolicyCase,
    Situation, SuppressionView,
};
use crate::domain::social::{Actor, Message, SourceMessage};
use crate::domain::{Id, TimestampMs, new_id};
use std::collections::BTreeSet;

/// The window in which hashtags are counted.
pub const HASHTAG_WINDOW_MS: i64 = 3600 * 1000;

/// Cases for a wave of inbound messages, in order.
pub async fn inbound(db: &Db, wave: &[Classified]) -> Result<Vec<PolicyCase>, DbError> {
    let contacts: BTreeSet<Id> = wave.iter().map(|c| c.message.contact_id.clone()).collect();
    let conversations: BTreeSet<Id> = wave
        .iter()
        .map(|c| c.message.conversation_id.clone())
        .collect();
    let heard = wave
        .iter()
        .map(|c| (c.message.source.tags.as_slice(), c.message.at));
    let (facts, hashtags) = tokio::try_join!(
        db.facts_load(&contacts, &conversations),
        count_hashtags(db, heard.collect())
    )?;
    let mut cases = Vec::with_capacity(wave.len());
    for (classified, hashtags) in wave.iter().zip(hashtags) {
        let judge = &classified.message;
        let now = judge.at;
        let classifications = classified.classifications();
        cases.push(PolicyCase {
            id: new_id(),
            moment: Moment::Inbound,
            now,
            message: Some(judge.source.clone()),
            contact: contact_view(&facts, &judge.contact_id, &classifications),
            classifications,
            draft: None,
            conversation: facts
                .conversations
                .get(&judge.conversation_id)
                .map(conversation_view),
            situation: situation(&facts, &judge.contact_id, now, hashtags),
            withheld: Vec::new(),
        });
    }
    Ok(cases)
}

/// The case for a draft that is about to go out. `answered` is the message it answers.
pub async fn outbound(
    db: &Db,
    draft: &Draft,
    answered: Option<&Message>,
    now: TimestampMs,
) -> Result<PolicyCase, DbError> {
    let contact_id = answered.and_then(|m| m.contact_id.clone());
    let contacts: BTreeSet<Id> = contact_id.iter().cloned().collect();
    let conversations = BTreeSet::from([draft.conversation_id.clone()]);
    let facts = db.facts_load(&contacts, &conversations).await?;
    let classifications = match answered {
        Some(message) => db.classification_list(&message.id).await?,
        None => Vec::new(),
    };
    let tags = hashtags_of(&draft.content);
    let hashtags = count_hashtags(db, vec![(&tags, now)]).await?;
    let hashtags = hashtags.into_iter().next().unwrap_or_default();
    let contact_id = contact_id.unwrap_or_default();
    Ok(PolicyCase {
        id: new_id(),
        moment: Moment::Outbound,
        now,
        message: answered.map(source_of),
        contact: contact_view(&facts, &contact_id, &classifications),
        classifications,
        draft: Some(DraftView {
            id: draft.id.clone(),
            purpose: draft.purpose,
            content: draft.content.clone(),
            language: draft.language.clone(),
            tags,
            visibility: draft.visibility,
            in_reply_to: answered.map(|m| m.external_id.clone()),
            author: draft.author.clone(),
            automated: false,
            named_account: draft.named_account,
        }),
        conversation: facts
            .conversations
            .get(&draft.conversation_id)
            .map(conversation_view),
        situation: situation(&facts, &contact_id, now, hashtags),
        withheld: Vec::new(),
    })
}

/// For each text's tags, how often each was heard in the window that ends at the text's time.
async fn count_hashtags(
    db: &Db,
    texts: Vec<(&[String], TimestampMs)>,
) -> Result<Vec<Vec<HashtagCount>>, DbError> {
    let distinct = |tags: &[String]| -> BTreeSet<String> {
        tags.iter().map(|tag| tag.to_lowercase()).collect()
    };
    let windows: Vec<(String, TimestampMs)> = texts
        .iter()
        .flat_map(|(tags, at)| distinct(tags).into_iter().map(|tag| (tag, *at)))
        .collect();
    let counts = db.hashtag_counts(&windows, HASHTAG_WINDOW_MS).await?;
    let mut counted = windows.into_iter().zip(counts);
    let of_text = |(tags, _): &(&[String], TimestampMs)| {
        let some = counted.by_ref().take(distinct(tags).len());
        some.map(|((tag, _), count)| HashtagCount {
            tag,
            count,
            window_ms: HASHTAG_WINDOW_MS as u64,
        })
        .collect()
    };
    Ok(texts.iter().map(of_text).collect())
}

/// Hashtags in a text, without `#`: letters, digits and underscores after a `#` that stands free.
fn hashtags_of(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut before = ' ';
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '#' && !before.is_alphanumeric() {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            if end > 0 {
                tags.push(rest[..end].to_owned());
            }
        }
        before = c;
    }
    tags
}

fn situation(
    facts: &Facts,
    contact_id: &str,
    now: TimestampMs,
    hashtag_counts: Vec<HashtagCount>,
) -> Situation {
    let open_cases = facts
        .open_cases
        .get(contact_id)
        .map_or(&[][..], Vec::as_slice);
    let suppressions = facts
        .suppressions
        .get(contact_id)
        .map_or(&[][..], Vec::as_slice);
    Situation {
        open_cases: open_cases.iter().map(case_view).collect(),
        suppressions: suppressions
            .iter()
            .filter(|s| s.holds_at(now))
            .map(suppression_view)
            .collect(),
        hashtag_counts,
    }
}

fn case_view(case: &Case) -> CaseView {
    CaseView {
        id: case.id.clone(),
        kind: case.kind,
        priority: case.priority,
        opened: case.opened,
        respond_by: case.respond_by,
        conversation_id: case.conversation_id.clone(),
    }
}

fn suppression_view(s: &Suppression) -> SuppressionView {
    SuppressionView {
        purpose: s.purpose,
        channel: s.channel.clone(),
        reason: s.reason.clone(),
        until: s.until,
    }
}

fn contact_view(
    facts: &Facts,
    contact_id: &str,
    classifications: &[Classification],
) -> Option<ContactView> {
    let contact: &Contact = facts.contacts.get(contact_id)?;
    let language = classifications
        .iter()
        .find(|c| c.dimension == "language" && c.label != "unknown")
        .map(|c| c.label.clone());
    Some(ContactView {
        id: contact.id.clone(),
        display_name: contact.display_name.clone(),
        language,
        identities: contact
            .identities
            .iter()
            .map(|i| IdentityView {
                network: i.network.clone(),
                handle: i.handle.clone(),
                verified: i.verified,
            })
            .collect(),
        labels: Vec::new(),
        since: Some(contact.first_seen),
        message_count: contact.message_count,
    })
}

fn conversation_view(known: &ConversationFacts) -> ConversationView {
    ConversationView {
        id: known.conversation.id.clone(),
        network: known.conversation.network.clone(),
        reach: known.conversation.reach,
        visibility: known.conversation.visibility,
        participant_count: known.participant_count,
        involves_us: known.involves_us,
        public_answer_count: known.public_answer_count,
        turns: known.turns.clone(),
    }
}

/// A stored message in the form that plugins know.
pub fn source_of(message: &Message) -> SourceMessage {
    SourceMessage {
        external_id: message.external_id.clone(),
        conversation_external_id: None,
        in_reply_to: message.in_reply_to.clone(),
        ancestors: Vec::new(),
        attributed_to: message.attributed_to.clone().unwrap_or_else(Actor::unknown),
        published: message.published,
        updated: message.updated,
        title: message.title.clone(),
        content: message.content.clone(),
        language: message.language.clone(),
        url: message.url.clone(),
        visibility: message.visibility,
        reach: message.reach,
        tags: message.tags.clone(),
        mentions: message.mentions.clone(),
        attachments: message.attachments.clone(),
        monitor: message.monitor.clone(),
        extra: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::hashtags_of;

    #[test]
    fn hashtags_stand_free() {
        assert_eq!(
            hashtags_of("#Eén én (#twee_2), a#drie # vier ##vijf"),
            ["Eén", "twee_2", "vijf"]
        );
        assert!(hashtags_of("").is_empty());
    }
}
