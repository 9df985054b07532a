//! `tone-of-voice`: an answer that shouts, mocks, insults or breaks the house style is held.
//!
//! One effect for each check, with the words in question. Most rude words are polite elsewhere, so it
//! counts who is called something (`address`) and where a put-down stands (`placement`). Greeting and name
//! are asked for in our first answer of a conversation only; when the conversation's turns are withheld
//! every answer counts as the first, and when the name is unknown or withheld it is not asked for.
//! Deliberately absent: any judgement of meaning; this looks at words.

mod address;
mod inflect;
mod language;
mod lists;
mod masked;
mod placement;
mod reading;
mod shouting;
mod spelled;

use rapport_lexicon::Folded;
use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Draft, Effect, EffectKind, Moment, PolicyCase};
use rapport_sdk::social::Visibility;

use crate::reason::{MAX_EVIDENCE, effect, quoted};
use crate::settings::ToneOfVoice;
use crate::view;

use lists::List;
pub use lists::Tables;
use reading::Reading;

pub const ID: &str = "tone-of-voice";

/// Words at the beginning of an answer among which the greeting must be.
const GREETING_WORDS: usize = 4;

/// What was found in a draft, check by check.
#[derive(Debug, Default)]
struct Found {
    /// What takes the force from an insult, sorted by start.
    decent: Vec<(u32, u32)>,
    sarcasm: Vec<Evidence>,
    insults: Vec<Evidence>,
    greeted: bool,
}

/// Adds what the rule asks for: a hold for each check that fails.
pub fn decide(
    settings: &ToneOfVoice,
    tables: &Tables,
    case: &PolicyCase,
    effects: &mut Vec<Effect>,
) {
    let (Moment::Outbound, Some(draft)) = (case.moment, &case.draft) else {
        return;
    };
    let text = draft.content.as_str();
    let folded = Folded::new(text).uncovered(&tables.vocabulary);
    let reading = Reading::new(&folded, text);
    let mut found = find(settings, tables, &reading, &folded);
    if settings.check_insults {
        let spelled = spelled::insults(tables, case, draft, &reading, &found.decent);
        found.insults.extend(spelled);
        masked::find(text, &mut found.insults);
        found.insults.sort_by_key(|e| (e.start, e.end));
        found.insults.dedup_by(|b, a| b.start < a.end);
    }
    let shouting = if settings.check_shouting {
        shouting::find(settings, &tables.ordinary, text)
    } else {
        Vec::new()
    };
    let mut hold = |found: Vec<Evidence>, nl: [&str; 2], en: [&str; 2]| {
        if !found.is_empty() {
            let words = quoted(text, &found);
            let nl = format!("{} {words}. {}", nl[0], nl[1]);
            let en = format!("{} {words}. {}", en[0], en[1]);
            let kind = EffectKind::Hold(settings.release_role.clone());
            effects.push(effect(ID, kind, &nl, &en, found));
        }
    };
    hold(
        spelled::forbidden(tables, case, draft, &reading),
        [
            "Dit antwoord bevat woorden die we niet gebruiken:",
            "Zeg het anders.",
        ],
        [
            "This answer has words that we don't use:",
            "Put it differently.",
        ],
    );
    hold(
        shouting,
        [
            "Dit antwoord bevat hoofdletters of leestekens als geschreeuw:",
            "Schrijf het in gewone letters.",
        ],
        [
            "This answer shouts with capitals or punctuation marks:",
            "Write it in ordinary letters.",
        ],
    );
    hold(
        found.sarcasm,
        [
            "Dit antwoord klinkt sarcastisch of afwijzend:",
            "Leg het gewoon nog eens uit.",
        ],
        [
            "This answer sounds sarcastic or dismissive:",
            "Just explain it once more.",
        ],
    );
    hold(
        found.insults,
        ["Dit antwoord is beledigend:", "Haal dit weg."],
        ["This answer is insulting:", "Remove this."],
    );
    manners(settings, case, draft, &folded, found.greeted, effects);
}

/// Weighs every expression of the lists where it stands.
fn find(
    settings: &ToneOfVoice,
    tables: &Tables,
    reading: &Reading<'_, '_>,
    folded: &Folded<'_>,
) -> Found {
    let hits = tables.lexicon.find(folded);
    let list = |pattern: usize| tables.lists.get(pattern);
    // Sorted by start, so the furthest end so far tells whether a hit lies inside one of them.
    let decent: Vec<(usize, usize)> = hits
        .iter()
        .filter(|h| list(h.pattern) == Some(&List::Decent))
        .map(|h| (h.start, h.end))
        .collect();
    let mut found = Found {
        decent: decent.iter().map(|d| folded.origin(d.0, d.1)).collect(),
        ..Found::default()
    };
    let mut reproaches = Vec::new();
    let (mut covered, mut furthest) = (decent.iter().peekable(), 0);
    for hit in &hits {
        while let Some((_, end)) = covered.next_if(|(start, _)| *start <= hit.start) {
            furthest = furthest.max(*end);
        }
        if hit.end <= furthest {
            continue;
        }
        let words = reading.words_of(hit.start, hit.end);
        let (start, end) = folded.origin(hit.start, hit.end);
        let add = |to: &mut Vec<Evidence>, note: &str| {
            if to.last().is_none_or(|e| e.end < end) {
                to.push(Evidence {
                    start,
                    end,
                    note: note.to_owned(),
                });
            }
        };
        // No more is looked for than can be shown; that bounds the time as well.
        let insults = settings.check_insults && found.insults.len() < MAX_EVIDENCE;
        let sarcasm = settings.check_sarcasm && found.sarcasm.len() < MAX_EVIDENCE;
        match list(hit.pattern) {
            Some(List::Greeting) => found.greeted |= words.start < GREETING_WORDS,
            Some(List::Reproach) if sarcasm && reproaches.len() < MAX_EVIDENCE => {
                add(&mut reproaches, "sarcasm")
            }
            Some(list) if insults && is_insult(reading, list, words.clone()) => {
                add(&mut found.insults, "insult")
            }
            Some(list) if sarcasm && is_sarcasm(reading, list, &words) => {
                add(&mut found.sarcasm, "sarcasm")
            }
            _ => {}
        }
    }
    if !found.sarcasm.is_empty() {
        found.sarcasm.extend(reproaches);
        found.sarcasm.sort_by_key(|e| e.start);
    }
    found
}

fn is_insult(reading: &Reading<'_, '_>, list: &List, words: std::ops::Range<usize>) -> bool {
    match list {
        List::Insult => !address::is_excused(reading, words),
        List::Person => address::is_called(reading, words, false),
        List::Animal => address::is_called(reading, words, true),
        List::Trait => address::is_described(reading, words),
        _ => false,
    }
}

fn is_sarcasm(reading: &Reading<'_, '_>, list: &List, words: &std::ops::Range<usize>) -> bool {
    match list {
        List::Sarcasm => true,
        List::Clause => placement::is_clause(reading, words),
        List::Opening => placement::is_opening(reading, words),
        List::Sentence => placement::is_sentence(reading, words),
        List::Mock => placement::is_mocking(reading, words),
        _ => false,
    }
}

/// Greeting and name in a first answer.
fn manners(
    settings: &ToneOfVoice,
    case: &PolicyCase,
    draft: &Draft,
    folded: &Folded<'_>,
    greeted: bool,
    effects: &mut Vec<Effect>,
) {
    let place = match draft.visibility {
        Visibility::Public => "public",
        Visibility::SemiPrivate => "semi-private",
        Visibility::Direct => "direct",
    };
    let answered = case
        .conversation
        .as_ref()
        .is_some_and(|c| c.turns.iter().any(|t| t.ours));
    if answered || !settings.greeting_where.iter().any(|w| w == place) {
        return;
    }
    let blind = view::withheld(case, "conversation.turns");
    let note = if blind {
        [
            " Eerdere antwoorden zijn voor deze regel niet zichtbaar.",
            " Earlier answers are not visible to this rule.",
        ]
    } else {
        ["", ""]
    };
    let mut hold = |nl: String, en: String| {
        let (nl, en) = (nl + note[0], en + note[1]);
        effects.push(effect(
            ID,
            EffectKind::Hold(settings.release_role.clone()),
            &nl,
            &en,
            Vec::new(),
        ));
    };
    if settings.require_greeting && !greeted {
        hold(
            "Een eerste antwoord begint met een groet. Zet er een voor.".to_owned(),
            "A first answer begins with a greeting. Put one in front.".to_owned(),
        );
    }
    let name = case
        .contact
        .as_ref()
        .and_then(|c| c.display_name.as_deref())
        .map(str::trim)
        .filter(|n| !n.is_empty());
    if let Some(name) = name.filter(|_| settings.require_name)
        && folded.handles() == 0
        && !mentions(folded, name)
    {
        hold(
            format!("Noem de klant bij naam: {name}."),
            format!("Call the customer by name: {name}."),
        );
    }
}

/// One of the name's words of two letters or more stands in the text. A name without any such word
/// can't be asked for.
fn mentions(folded: &Folded<'_>, name: &str) -> bool {
    let name = Folded::new(name);
    let mut parts = name
        .words()
        .iter()
        .map(|&w| name.word(w))
        .filter(|w| w.chars().count() > 1)
        .take(8)
        .peekable();
    parts.peek().is_none()
        || parts.any(|part| folded.words().iter().any(|&w| folded.word(w) == part))
}
