//! Four eyes: who may release a draft that is held. Nobody who wrote any of its text, in this draft or in
//! another one of the conversation, as a person or through a program of theirs; and only somebody whom
//! every hold names. Deliberately absent: what nobody can see, such as one person with two accounts, or
//! with the operator's api-token besides (see `api-token` in examples/rapport.toml).

use super::decide::PolicyAnswer;
use super::outbound::OutboundError;
use crate::db::Tx;
use crate::db::outbound::{draft_is_by_in_tx, draft_siblings_in_tx};
use crate::domain::access::Caller;
use crate::domain::effects::EffectBody;
use crate::domain::outbound::Draft;

/// Letters and digits from which on one text within another is no chance.
const QUOTE_MIN_CHARS: usize = 16;

/// Refuses who may not release the draft, in the transaction that sends it.
pub async fn check_in_tx(
    tx: &mut Tx<'_>,
    by: &Caller,
    draft: &Draft,
    answers: &[PolicyAnswer],
) -> Result<(), OutboundError> {
    // A program of theirs is the same actor.
    let actor = by.actor();
    let mut theirs = draft_is_by_in_tx(tx, &draft.id, &actor).await?;
    if !theirs {
        let texts = draft_siblings_in_tx(tx, &draft.id, &actor).await?;
        theirs = texts.iter().any(|text| is_part(text, &draft.content));
    }
    if theirs {
        return Err(OutboundError::NotYours(
            "Nobody releases what they wrote or changed, in this draft or another one of the \
             conversation; ask somebody else."
                .into(),
        ));
    }
    for effect in answers.iter().flat_map(|answer| &answer.effects) {
        if let EffectBody::Hold(named) = &effect.body
            && !by.may_release_for(named)
        {
            return Err(OutboundError::NotYours(format!(
                "The rule {} holds it for the role {named}.",
                effect.rule
            )));
        }
    }
    Ok(())
}

/// Whether one of the texts is the other, or a part of it, whatever stands between letters and digits.
fn is_part(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (plain(one), plain(other));
    let within =
        |part: &str, whole: &str| part.chars().count() >= QUOTE_MIN_CHARS && whole.contains(part);
    one == other || within(&one, &other) || within(&other, &one)
}

#[cfg(test)]
mod tests {
    use super::is_part;

    #[test]
    fn a_text_is_known_in_another_one() {
        let text = "Had u zelf kunnen lezen, sukkel!";
        for other in [
            "HAD U ZELF KUNNEN LEZEN SUKKEL",
            "Beste Lotte. Had u zelf kunnen lezen, sukkel! Groet, Mo",
            "had  u zelf kunnen-lezen",
        ] {
            assert!(is_part(text, other), "{other}");
        }
        for other in ["Dat kan in de app onder Contract.", "sukkel", ""] {
            assert!(!is_part(text, other), "{other}");
        }
        assert!(is_part("Nee.", "nee"), "short, and the same");
    }
}
