//! `tone-of-voice`: an answer that shouts, mocks, insults or breaks the house style is held.
//!
//! One effect for each check, with the words in question. Greeting and name are asked for in our
//! first answer of a conversation only; when the conversation's turns are withheld every answer
//! counts as the first, and when the name is unknown or withheld it is not asked for. Deliberately
//! absent: any judgement of meaning; this looks at words.

use rapport_lexicon::{Folded, Lexicon};
use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Draft, Effect, EffectKind, Moment, PolicyCase};
use rapport_sdk::social::Visibility;

use crate::reason::{effect, quoted};
use crate::rules::tone_shouting;
use crate::settings::{ToneOfVoice, Words};
use crate::view;

pub const ID: &str = "tone-of-voice";

/// Words at the beginning of an answer among which the greeting must be.
const GREETING_WORDS: usize = 4;

/// What an expression is an instance of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum List {
    /// In this language, or `any`.
    Forbidden(String),
    Sarcasm,
    Insult,
    Greeting,
}

/// The word lists, ready to be searched for in one pass.
#[derive(Debug)]
pub struct Tables {
    lexicon: Lexicon,
    lists: Vec<List>,
}

impl Tables {
    /// Refuses a word that can't be searched for, naming the field.
    pub fn new(settings: &ToneOfVoice) -> Result<Self, String> {
        let (mut patterns, mut lists, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |text: &str, list: List, place: String| {
            patterns.push(text.to_owned());
            lists.push(list);
            places.push(place);
        };
        for (name, pattern) in built_in() {
            let list = if name == "insults" {
                List::Insult
            } else {
                List::Sarcasm
            };
            add(pattern, list, format!("words.txt {name}"));
        }
        for (field, own, list) in [
            ("sarcasm", &settings.sarcasm, List::Sarcasm),
            ("insults", &settings.insults, List::Insult),
        ] {
            for (index, text) in own.iter().enumerate() {
                add(text, list.clone(), format!("{ID}.{field}[{index}]"));
            }
        }
        let mut add_words = |field: &str, words: &Words, list: fn(&str) -> List| {
            for (language, own) in words {
                for (index, text) in own.iter().enumerate() {
                    add(
                        text,
                        list(language),
                        format!("{ID}.{field}.{language}[{index}]"),
                    );
                }
            }
        };
        add_words("forbidden-words", &settings.forbidden_words, |l| {
            List::Forbidden(l.to_owned())
        });
        add_words("greetings", &settings.greetings, |_| List::Greeting);
        let lexicon = Lexicon::new(&patterns).map_err(|(index, e)| {
            format!("{}: {e}", places.get(index).map_or(ID, String::as_str))
        })?;
        Ok(Self { lexicon, lists })
    }
}

/// The lists of `words.txt`: name of the list and pattern.
fn built_in() -> Vec<(&'static str, &'static str)> {
    let mut name = "";
    let mut all = Vec::new();
    for line in include_str!("../words.txt").lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name = head;
        } else if !line.is_empty() && !line.starts_with('#') {
            all.extend(
                line.split('|')
                    .map(str::trim)
                    .filter(|p| !p.is_empty())
                    .map(|p| (name, p)),
            );
        }
    }
    all
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
    let folded = Folded::new(&draft.content);
    let text = draft.content.as_str();
    let (mut forbidden, mut sarcasm, mut insults) = (Vec::new(), Vec::new(), Vec::new());
    let mut greeted = false;
    for hit in tables.lexicon.find(&folded) {
        let (start, end) = folded.origin(hit.start, hit.end);
        let evidence = |note: &str| Evidence {
            start,
            end,
            note: note.to_owned(),
        };
        match tables.lists.get(hit.pattern) {
            Some(List::Forbidden(language)) if speaks(draft, language) => {
                forbidden.push(evidence("forbidden word"))
            }
            Some(List::Sarcasm) if settings.check_sarcasm => sarcasm.push(evidence("sarcasm")),
            Some(List::Insult) if settings.check_insults => insults.push(evidence("insult")),
            Some(List::Greeting) => greeted |= folded.word_at(hit.start) < GREETING_WORDS,
            _ => {}
        }
    }
    let shouting = if settings.check_shouting {
        tone_shouting::find(settings, text)
    } else {
        Vec::new()
    };
    let mut hold = |found: Vec<Evidence>, nl: [&str; 2], en: [&str; 2]| {
        if !found.is_empty() {
            let words = quoted(text, &found);
            let (nl, en) = (
                format!("{} {words}. {}", nl[0], nl[1]),
                format!("{} {words}. {}", en[0], en[1]),
            );
            effects.push(effect(
                ID,
                EffectKind::Hold(settings.release_role.clone()),
                &nl,
                &en,
                found,
            ));
        }
    };
    hold(
        forbidden,
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
            "Dit antwoord bevat hoofdletters of uitroeptekens als geschreeuw:",
            "Schrijf het in gewone letters.",
        ],
        [
            "This answer shouts with capitals or exclamation marks:",
            "Write it in ordinary letters.",
        ],
    );
    hold(
        sarcasm,
        [
            "Dit antwoord klinkt sarcastisch:",
            "Leg het gewoon nog eens uit.",
        ],
        [
            "This answer sounds sarcastic:",
            "Just explain it once more.",
        ],
    );
    hold(
        insults,
        ["Dit antwoord is beledigend:", "Haal dit weg."],
        ["This answer is insulting:", "Remove this."],
    );
    manners(settings, case, draft, &folded, greeted, effects);
}

/// A list in a language counts when the draft is in that language, or in none that is known.
fn speaks(draft: &Draft, language: &str) -> bool {
    let Some(own) = draft.language.as_deref() else {
        return true;
    };
    let own = own.split(['-', '_']).next().unwrap_or_default();
    language == "any" || own.is_empty() || own.eq_ignore_ascii_case(language)
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
