//! How a matter stands: whether trouble is there or only named, settled, of another time or reported
//! by others; and what a message is that asks nothing.
//!
//! "Thanks for solving my complaint so fast" holds the words of a complaint and is none. So every cue
//! of a complaint has a share that goes when the matter is over: all of what only names trouble, half
//! of a plain word ("broken"), nothing of an outcry ("nobody answers").

use rapport_lexicon::Folded;

use crate::cues::{Intent, Remark, Role};
use crate::scan::{Signals, Tally};

/// Weight from which a cue is an outcry, which nothing softens.
const OUTCRY: f64 = 1.5;
/// Weight below which a cue is a faint sign, as good as trouble only named.
const FAINT: f64 = 0.7;
/// Weight of a complaint that is not taken for news or a joke.
const SERIOUS: f64 = 1.6;
/// Praise from which trouble of another time is over.
const PRAISE: f64 = 0.7;
/// Part of the softened weight that a joke takes.
const JOKE: f64 = 0.6;
/// Most words of a note.
const NOTE_WORDS: usize = 3;
/// Bytes looked through for the end of a sentence.
const SENTENCE_BYTES: usize = 160;

/// What was found about the standing of a matter.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// It is over, or somebody is thanked for something.
    pub settled: Tally,
    /// Of the complaint's weight: what goes when the matter is over.
    softened: f64,
    past: bool,
    author: bool,
    addressed: bool,
    denied: bool,
    asked: bool,
    news: f64,
    joke: f64,
    greeting: f64,
    words: usize,
}

impl Standing {
    /// Of a text, before its cues.
    pub fn of(folded: &Folded<'_>) -> Self {
        Self {
            words: folded.words().len(),
            asked: folded.text().contains('?'),
            ..Self::default()
        }
    }

    /// Takes note of a cue that only matters here.
    pub fn note(&mut self, role: Role, weight: f64) {
        match role {
            Role::Past => self.past = true,
            Role::Author => self.author = true,
            Role::Addressed => self.addressed = true,
            Role::Negator => self.denied = true,
            Role::Remark(Remark::News) => self.news += weight,
            Role::Remark(Remark::Joke) => self.joke += weight,
            Role::Remark(Remark::Greeting) => self.greeting += weight,
            _ => {}
        }
    }

    /// A complaint's cue was added: what of it goes when the matter is over?
    pub fn soften(&mut self, weight: f64, only_named: bool) {
        self.softened += match weight {
            _ if only_named => weight,
            w if w >= OUTCRY => 0.0,
            w if w < FAINT => w,
            w => w * 0.5,
        };
    }

    /// Adds what a title holds.
    pub fn add_title(&mut self, title: &Self) {
        self.settled.sum += title.settled.sum;
        self.softened += title.softened;
        self.past |= title.past;
        self.author |= title.author;
        self.addressed |= title.addressed;
        self.denied |= title.denied;
        self.asked |= title.asked;
        self.news += title.news;
        self.joke += title.joke;
        self.greeting += title.greeting;
        self.words += title.words;
    }
}

/// What a message weighs as a complaint, and what of that is more than named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grievance {
    pub whole: f64,
    pub said: f64,
}

/// The complaint's weight as the matter stands.
pub fn grievance(signals: &Signals) -> Grievance {
    let standing = &signals.standing;
    let sum = signals.intent(Intent::Complaint).sum.max(0.0);
    let praise = signals.intent(Intent::Compliment).sum + standing.settled.sum;
    let over = standing.settled.sum > 0.0 || (standing.past && praise >= PRAISE);
    let gone = if over {
        standing.softened
    } else if standing.joke > 0.0 {
        standing.softened * JOKE
    } else {
        0.0
    };
    Grievance {
        whole: (sum - gone).max(0.0),
        said: (sum - standing.softened).max(0.0),
    }
}

/// Told by others or to be read elsewhere: nobody speaks of themselves, to us, or in an outcry.
pub fn reported(signals: &Signals) -> bool {
    let standing = &signals.standing;
    (signals.links > 0 || standing.news >= 1.0)
        && !standing.author
        && !standing.addressed
        && signals.intent(Intent::Complaint).sum < SERIOUS
}

/// Meant to amuse.
pub fn joking(signals: &Signals) -> bool {
    signals.standing.joke > 0.0 && grievance(signals).said < SERIOUS
}

/// What kind of remark a message is of which no intent is known. None: it may well ask something.
pub fn remark(signals: &Signals) -> Option<Remark> {
    let standing = &signals.standing;
    if joking(signals) {
        return Some(Remark::Joke);
    }
    let asks = standing.asked || signals.intent(Intent::Question).sum > 0.0;
    if asks || signals.urgency.sum > 0.0 {
        return None;
    }
    if reported(signals) {
        return Some(Remark::News);
    }
    let wants = |intent| signals.intent(intent).sum > 0.0;
    if wants(Intent::Complaint) || wants(Intent::Lead) || wants(Intent::Idea) {
        return None;
    }
    if standing.greeting > 0.0 && !standing.denied {
        return Some(Remark::Greeting);
    }
    let on_topic = signals.topics.iter().any(|t| t.sum > 0.0);
    if standing.words <= NOTE_WORDS && !on_topic && !standing.denied {
        return Some(Remark::Note);
    }
    (!standing.addressed && !standing.denied).then_some(Remark::Chatter)
}

/// The sentence that goes on at this byte of the folded text ends in a question mark.
pub fn is_asked(folded: &Folded<'_>, at: usize) -> bool {
    let rest = folded.text().get(at..).unwrap_or_default();
    rest.bytes()
        .take(SENTENCE_BYTES)
        .find(|b| matches!(b, b'.' | b'!' | b'?'))
        == Some(b'?')
}

#[cfg(test)]
mod tests {
    use crate::tests::{judged, labels};

    fn intent(text: &str) -> String {
        labels(&judged(text), "intent").join(",")
    }

    fn all(intent_wanted: &str, texts: &[&str]) {
        let wrong: Vec<String> = texts
            .iter()
            .map(|text| (intent(text), text))
            .filter(|(got, _)| got != intent_wanted)
            .map(|(got, text)| format!("{got}: {text}"))
            .collect();
        assert!(wrong.is_empty(), "not {intent_wanted}: {wrong:#?}");
    }

    #[test]
    fn thanks_that_name_the_trouble_are_no_complaint() {
        all(
            "compliment",
            &[
                "Bedankt dat jullie mijn klacht zo snel hebben opgelost",
                "Super, mijn klacht is netjes afgehandeld. Dank jullie wel!",
                "Dank voor de snelle afhandeling van mijn klacht",
                "Probleem opgelost, bedankt voor de hulp!",
                "De storing is verholpen, top gedaan",
                "Fijn dat het probleem met de factuur zo snel is rechtgezet",
                "Dankjewel, het gedoe met de levering is gelukkig opgelost",
                "Thanks for solving my complaint so quickly",
                "Thank you for fixing the issue with my broken meter",
                "My problem is solved, great support",
                "Cheers for sorting out the error on my bill",
                "All working again, thanks for the quick fix of the outage",
            ],
        );
    }

    #[test]
    fn trouble_denied_or_of_another_time_is_no_complaint() {
        all(
            "compliment",
            &[
                "Nog nooit problemen gehad met jullie, top!",
                "Geen klachten over de bezorging, prima geregeld",
                "Vorig jaar veel gedoe gehad maar nu ben ik heel tevreden",
                "Never had a problem with you, great service",
                "I had a terrible time with you two years ago but this was excellent",
            ],
        );
    }

    #[test]
    fn what_is_not_settled_is_a_complaint() {
        all(
            "complaint",
            &[
                "Mijn klacht is nog niet opgelost",
                "Het probleem is na drie weken nog steeds niet verholpen",
                "Bedankt voor het eindeloze wachten en de slechte service",
                "Jullie zouden het oplossen maar er gebeurt niets",
                "Thanks for the terrible service",
                "The issue isn't fixed and nobody answers",
                "Al drie weken de container niet geleegd",
                "My complaint has not been resolved",
            ],
        );
    }

    #[test]
    fn asking_about_a_complaint_is_a_question() {
        all(
            "question",
            &[
                "Waar kan ik een klacht indienen?",
                "Ik heb een klacht ingediend, wat is de status?",
                "Wanneer is het probleem opgelost?",
                "Where can I file a complaint?",
                "When will the problem be fixed?",
            ],
        );
    }

    #[test]
    fn others_complaints_and_remarks_are_named() {
        let remark = |text: &str| {
            let all = judged(text);
            let other = all.iter().find(|c| c.dimension == "intent").unwrap();
            let found = other.extra.iter().find(|e| e.0 == "remark");
            (other.label.clone(), found.map(|e| e.1.clone()))
        };
        for (text, kind) in [
            (
                "Aantal klachten over pakketbedrijven stijgt https://nieuws.example/1",
                "news",
            ),
            (
                "Regulator opens inquiry into telecom complaints https://news.example/1",
                "news",
            ),
            ("Relatietest in de meubelwinkel geslaagd 😂", "joke"),
            ("Happy new year everyone", "greeting"),
            ("Ok dan", "note"),
            ("In de trein naar Maastricht, op weg naar oma", "chatter"),
        ] {
            assert_eq!(
                remark(text),
                ("other".to_owned(), Some(kind.to_owned())),
                "{text}"
            );
        }
        // Somebody who asks or addresses us is not waved off.
        for text in [
            "Kijken jullie hier nog naar",
            "Postcode 3511, please check",
            "Niet bij mij",
        ] {
            assert_eq!(remark(text).1, None, "{text}");
        }
    }
}
