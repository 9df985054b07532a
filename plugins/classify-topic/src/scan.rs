//! What a text holds: the cues found, negation worked out, added up per topic, intent and urgency.
//!
//! A cue inside a longer one of the same kind does not count. A cue in another language than the
//! message's counts half. A repeated cue counts a fifth, once. Time is proportional to the text.
//! Deliberately absent: what the sums mean, see `topic`, `intent` and `urgency`.

use rapport_lexicon::{Folded, Hit};
use rapport_sdk::annotation::Evidence;

use crate::context::{Context, OPENER_WORDS, Place};
use crate::cues::{Intent, Role};
use crate::standing::{self, Standing};
use crate::tables::Tables;

/// Most pieces of evidence kept for one label.
const MAX_EVIDENCE: usize = 16;
/// Most matches counted of one regular expression; bounds its time on hostile texts.
const MAX_MATCHES: usize = 4;
/// Weight of a cue of another language.
const FOREIGN: f64 = 0.5;
/// Weight of the second occurrence of a cue.
const REPEATED: f64 = 0.2;
/// Weight in a complaint of what ought to have happened, or is said to be settled, and is not.
const DENIED: f64 = 1.2;
/// Weight in a complaint of thanks for something bad.
const SCORN: f64 = 0.8;

/// A sum with what made it.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub sum: f64,
    pub evidence: Vec<Evidence>,
}

impl Tally {
    /// Adds a weight. Evidence needs a span that is not empty.
    pub fn add(&mut self, weight: f64, span: (u32, u32), note: &str) {
        self.sum += weight;
        if self.evidence.len() < MAX_EVIDENCE && span.0 < span.1 {
            self.evidence.push(Evidence {
                start: span.0,
                end: span.1,
                note: note.to_owned(),
            });
        }
    }
}

/// All that was found in one text.
#[derive(Debug, Clone)]
pub struct Signals {
    /// One for each topic of the tables.
    pub topics: Vec<Tally>,
    intents: [Tally; 6],
    pub urgency: Tally,
    /// Durations; they count when somebody waits.
    pub durations: Tally,
    /// Words of many people; they count in an outage.
    pub crowd: Tally,
    pub waits: bool,
    pub links: u32,
    pub standing: Standing,
}

impl Signals {
    pub fn intent(&self, intent: Intent) -> &Tally {
        let index = Intent::ALL.iter().position(|&i| i == intent).unwrap_or(0);
        &self.intents[index]
    }

    pub fn intent_mut(&mut self, intent: Intent) -> &mut Tally {
        let index = Intent::ALL.iter().position(|&i| i == intent).unwrap_or(0);
        &mut self.intents[index]
    }

    /// Adds what a title holds: its weight without its evidence, whose offsets are of another text.
    pub fn add_title(&mut self, title: &Self) {
        for (own, other) in self.topics.iter_mut().zip(&title.topics) {
            own.sum += other.sum;
        }
        for (own, other) in self.intents.iter_mut().zip(&title.intents) {
            own.sum += other.sum;
        }
        self.urgency.sum += title.urgency.sum;
        self.durations.sum += title.durations.sum;
        self.crowd.sum += title.crowd.sum;
        self.waits |= title.waits;
        self.links += title.links;
        self.standing.add_title(&title.standing);
    }
}

/// Finds and adds up everything in a text in this language (none: unclear).
pub fn scan(tables: &Tables, text: &str, folded: &Folded<'_>, language: Option<&str>) -> Signals {
    let mut signals = Signals {
        topics: vec![Tally::default(); tables.topics.len()],
        intents: Default::default(),
        urgency: Tally::default(),
        durations: Tally::default(),
        crowd: Tally::default(),
        waits: false,
        links: folded.links(),
        standing: Standing::of(folded),
    };
    let found = weighed(
        tables,
        outermost(tables, tables.lexicon.find(folded)),
        language,
    );
    let context = Context::of(&found, folded);
    for item in &found {
        add(&mut signals, item, folded, &context);
    }
    add_patterns(tables, text, language, &mut signals);
    add_durations(tables, folded, &context, &mut signals);
    add_marks(folded, &mut signals);
    signals
}

/// Adds one cue.
fn add(signals: &mut Signals, item: &Found, folded: &Folded<'_>, context: &Context) {
    let Found { hit, role, weight } = *item;
    let span = folded.origin(hit.start, hit.end);
    let place = Place::of(&hit, folded);
    match role {
        Role::Topic(topic) => {
            if let Some(tally) = signals.topics.get_mut(topic) {
                tally.add(weight, span, "topic word");
            }
        }
        Role::Opener if place.in_clause < OPENER_WORDS => {
            let weight = if context.asks { weight } else { weight * 0.75 };
            signals
                .intent_mut(Intent::Question)
                .add(weight, span, "question word");
        }
        Role::Intent(Intent::Complaint) | Role::Trouble if context.negates(place) => {}
        Role::Intent(Intent::Complaint) | Role::Trouble => {
            let named = role == Role::Trouble || context.past(place);
            signals.standing.soften(weight, named);
            let tally = signals.intent_mut(Intent::Complaint);
            tally.add(weight, span, Intent::Complaint.label());
        }
        Role::Intent(intent) => add_intent(signals, intent, weight, span, context.negates(place)),
        Role::Settled if context.negates(place) || context.denies_word(place) => {
            let tally = signals.intent_mut(Intent::Complaint);
            tally.add(DENIED, span, "negated");
        }
        Role::Settled if context.wishes(place) || standing::is_asked(folded, hit.end) => {}
        Role::Thanks if context.complains_behind(place) => {
            let tally = signals.intent_mut(Intent::Complaint);
            tally.add(SCORN, span, "thanks for something bad");
        }
        Role::Settled | Role::Thanks => signals.standing.settled.add(weight, span, "settled"),
        Role::Verb if context.negates(place) || context.negates_behind(place) => {
            signals
                .intent_mut(Intent::Complaint)
                .add(weight, span, "negated");
        }
        Role::Urgency if weight > 0.0 && context.negates(place) => {
            signals.urgency.add(-weight.min(1.2), span, "negated");
        }
        Role::Urgency if weight > 0.0 => signals.urgency.add(weight, span, "urgency"),
        Role::Urgency => signals.urgency.add(weight, span, "calm"),
        Role::Crowd => signals.crowd.add(weight, span, "many people"),
        Role::Wait => signals.waits = true,
        Role::Opener | Role::Verb | Role::Break | Role::Ignore | Role::Wish => {}
        Role::Negator | Role::Past | Role::Author | Role::Addressed | Role::Remark(_) => {
            signals.standing.note(role, weight);
        }
    }
}

fn add_intent(signals: &mut Signals, intent: Intent, weight: f64, span: (u32, u32), negated: bool) {
    match (intent, negated) {
        // "niet blij", "not happy"
        (Intent::Compliment, true) => signals
            .intent_mut(Intent::Complaint)
            .add(weight, span, "negated"),
        // "geen offerte"
        (Intent::Lead | Intent::Idea, true) => {}
        (intent, _) => signals.intent_mut(intent).add(weight, span, intent.label()),
    }
}

/// Drops every hit that lies within a longer one of its group. Groups: each topic, what tells intent,
/// what tells urgency, who speaks and what remarks tell. The hits are sorted by start, the longest first.
fn outermost(tables: &Tables, hits: Vec<Hit>) -> Vec<Hit> {
    let mut widest = vec![(0, 0); tables.topics.len() + 3];
    let mut kept = hits;
    kept.retain(|hit| {
        let Some(cue) = tables.cues.get(hit.pattern) else {
            return false;
        };
        let group = match cue.role {
            Role::Topic(topic) => topic,
            Role::Urgency | Role::Wait | Role::Crowd => tables.topics.len(),
            Role::Author | Role::Addressed | Role::Remark(_) => tables.topics.len() + 2,
            _ => tables.topics.len() + 1,
        };
        let Some(last) = widest.get_mut(group) else {
            return false;
        };
        if hit.end <= last.1 && (hit.start, hit.end) != *last {
            return false;
        }
        *last = (hit.start, hit.end);
        true
    });
    kept
}

/// A cue found, with what it weighs here.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub hit: Hit,
    pub role: Role,
    weight: f64,
}

/// Gives every hit its weight: by language, less when repeated, and only the heaviest where two
/// patterns of one role stand at the same place.
fn weighed(tables: &Tables, hits: Vec<Hit>, language: Option<&str>) -> Vec<Found> {
    let mut seen = vec![0_u8; tables.cues.len()];
    let mut found: Vec<Found> = Vec::with_capacity(hits.len());
    for hit in hits {
        let (Some(cue), Some(count)) = (tables.cues.get(hit.pattern), seen.get_mut(hit.pattern))
        else {
            continue;
        };
        *count = count.saturating_add(1);
        let repeat = match *count {
            1 => 1.0,
            2 => REPEATED,
            _ => 0.0,
        };
        let weight = cue.weight * repeat * factor(&cue.language, language);
        let same_place = |f: &&mut Found| (f.hit.start, f.hit.end) == (hit.start, hit.end);
        let twin = found
            .iter_mut()
            .rev()
            .take_while(same_place)
            .find(|f| f.role == cue.role);
        match twin {
            Some(twin) => twin.weight = twin.weight.max(weight),
            None => found.push(Found {
                hit,
                role: cue.role,
                weight,
            }),
        }
    }
    // A cue heard for the third time adds nothing; those without weight of their own still work.
    found.retain(|f| {
        f.weight != 0.0 || !matches!(f.role, Role::Topic(_) | Role::Intent(_) | Role::Urgency)
    });
    found
}

fn factor(cue: &str, message: Option<&str>) -> f64 {
    match message {
        Some(language) if cue != "any" && !cue.eq_ignore_ascii_case(language) => FOREIGN,
        _ => 1.0,
    }
}

fn add_patterns(tables: &Tables, text: &str, language: Option<&str>, signals: &mut Signals) {
    for pattern in &tables.patterns {
        let Some(tally) = signals.topics.get_mut(pattern.topic) else {
            continue;
        };
        let mut weight = pattern.weight * factor(&pattern.language, language);
        for found in pattern
            .regex
            .find_iter(text)
            .filter(|m| !m.is_empty())
            .take(MAX_MATCHES)
        {
            tally.add(weight, span(found.start(), found.end()), "topic pattern");
            weight *= REPEATED;
        }
    }
}

/// Durations. With a negation in the same clause they are a complaint: "al drie weken niet".
fn add_durations(tables: &Tables, folded: &Folded<'_>, context: &Context, signals: &mut Signals) {
    for found in tables
        .duration
        .captures_iter(folded.text())
        .take(MAX_MATCHES)
    {
        let Some(whole) = found.get(0) else { continue };
        let unit = found
            .iter()
            .skip(1)
            .flatten()
            .next()
            .map_or("", |m| m.as_str());
        let weight = match unit {
            "uur" | "uren" | "hour" | "hours" => 0.5,
            "dag" | "day" => 0.6,
            _ => 0.95,
        };
        let (start, end) = folded.origin(whole.start(), whole.end());
        signals.durations.add(weight, (start, end), "duration");
        if context.denies_clause(folded, whole.start()) {
            let tally = signals.intent_mut(Intent::Complaint);
            tally.add(weight, (start, end), "so long and still not");
        }
    }
    if let Some(found) = tables.elderly.find(folded.text()) {
        let span = folded.origin(found.start(), found.end());
        signals.urgency.add(0.9, span, "vulnerable");
    }
}

/// Question marks, repetition and heaps of hashtags.
fn add_marks(folded: &Folded<'_>, signals: &mut Signals) {
    let text = folded.text();
    let mut weight = 1.0;
    for (at, mark) in text.match_indices('?').take(MAX_MATCHES) {
        let span = folded.origin(at, at + mark.len());
        signals
            .intent_mut(Intent::Question)
            .add(weight, span, "question mark");
        weight = 0.15;
    }
    let spam = signals.intent_mut(Intent::Spam);
    if text.bytes().filter(|&b| b == b'#').count() >= 8 {
        spam.sum += 0.7;
    }
    let words = folded.words();
    if words.len() >= 20 {
        let mut distinct: Vec<&str> = words.iter().map(|&w| folded.word(w)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        // Long texts repeat themselves by nature: the bound falls with the length.
        if distinct.len() * 100 < 35 * words.len().min(100) {
            spam.sum += 1.0;
        }
    }
}

fn span(start: usize, end: usize) -> (u32, u32) {
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (clip(start), clip(end))
}
