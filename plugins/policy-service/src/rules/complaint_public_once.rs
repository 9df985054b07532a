//! `complaint-public-once`: a complaint is answered in public once; then it goes on in private.
//!
//! The first public answer is free. When open cases are withheld, the intent of the answered
//! message stands in for them, and the reason says so.

use rapport_sdk::policy::{Effect, EffectKind, Moment, PolicyCase};
use rapport_sdk::social::Visibility;

use crate::reason::effect;
use crate::settings::ComplaintPublicOnce;
use crate::view;

pub const ID: &str = "complaint-public-once";

/// Adds what the rule asks for.
pub fn decide(settings: &ComplaintPublicOnce, case: &PolicyCase, effects: &mut Vec<Effect>) {
    let (Moment::Outbound, Some(draft), Some(conversation)) =
        (case.moment, &case.draft, &case.conversation)
    else {
        return;
    };
    if draft.visibility != Visibility::Public || conversation.public_answer_count == 0 {
        return;
    }
    let known = view::open_complaint(case).is_some();
    let blind = view::withheld(case, "situation.cases");
    let likely = blind && view::best(case, "intent").is_some_and(|c| c.label == "complaint");
    if !(known || likely) {
        return;
    }
    let mut nl = "Deze klacht is al een keer openbaar beantwoord. Ga privé verder.".to_owned();
    let mut en = "This complaint has been answered in public once. Continue in private.".to_owned();
    if settings
        .networks_without_direct
        .contains(&conversation.network)
    {
        nl = format!(
            "Deze klacht is al een keer openbaar beantwoord en privéberichten kunnen hier niet. {}",
            settings.private_invitation.nl
        );
        en = format!(
            "This complaint has been answered in public once and private messages are not possible here. {}",
            settings.private_invitation.en
        );
    }
    if !known {
        nl.push_str(
            " Open zaken zijn voor deze regel niet zichtbaar; het bericht zelf lijkt een klacht.",
        );
        en.push_str(
            " Open cases are not visible to this rule; the message itself looks like a complaint.",
        );
    }
    effects.push(effect(
        ID,
        EffectKind::Hold(settings.release_role.clone()),
        &nl,
        &en,
        Vec::new(),
    ));
}
