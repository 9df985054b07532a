//! Long waits: `ik wacht al drie weken`, `still nothing after 9 days`, `two hours on hold`.
//!
//! None of these words is bad by itself. A stretch of time of twenty minutes or more, in a sentence
//! that waits or goes without, is trouble.

use crate::score::Hit;
use crate::units::{Parsed, Unit};

/// What a wait weighs.
const WEIGHT: f32 = -0.45;
/// Shortest wait in minutes.
const MINUTES: u32 = 20;
/// Words before a unit of time among which its number is looked for.
const NUMBER_REACH: usize = 3;

const LONG: &[&str] = &[
    "dag",
    "dagen",
    "week",
    "weken",
    "maand",
    "maanden",
    "uur",
    "uren",
    "uurtje",
    "kwartier",
    "jaar",
    "jaren",
    "day",
    "days",
    "weeks",
    "month",
    "months",
    "hour",
    "hours",
    "hrs",
    "fortnight",
    "year",
    "years",
    "ages",
];
const SHORT: &[&str] = &["minuut", "minuten", "min", "minute", "minutes", "mins"];
/// Plurals that are long without a number.
const PLURALS: &[&str] = &[
    "dagen", "weken", "maanden", "uren", "days", "weeks", "months", "hours", "ages",
];
const NUMBERS: &[&str] = &[
    "een",
    "één",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "veertien",
    "dertig",
    "veertig",
    "vijftig",
    "zestig",
    "anderhalf",
    "anderhalve",
    "halve",
    "half",
    "paar",
    "meer",
    "hele",
    "ruim",
    "bijna",
    "a",
    "an",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "ninety",
    "few",
    "several",
    "couple",
    "half",
    "whole",
    "entire",
    "solid",
    "full",
    "many",
    "over",
    "enkele",
    "tig",
    "twintig",
    "vele",
];
/// The sentence waits.
const WAITS: &[&str] = &[
    "wacht",
    "wachten",
    "wachtte",
    "wachtten",
    "gewacht",
    "wachtend",
    "wachtrij",
    "wachtstand",
    "wacht al",
    "wachten al",
    "wacht nog steeds",
    "in de wacht",
    "lang wachten",
    "uur wachten",
    "uren wachten",
    "dagen wachten",
    "weken wachten",
    "nog steeds niet",
    "nog steeds geen",
    "nog steeds niks",
    "nog steeds niets",
    "nog altijd niet",
    "nog altijd geen",
    "wait",
    "waiting",
    "waited",
    "waits",
    "on hold",
    "still waiting",
    "queue",
    "queuing",
    "queueing",
    "queued",
    "still no",
    "still not",
    "still nothing",
    "nog niet",
    "nog niks",
    "nog niets",
    "nog geen",
    "geen reactie",
    "geen antwoord",
    "no reply",
    "no response",
    "no answer",
    "onbereikbaar",
    "zonder",
    "without",
    "dicht",
    "stilgestaan",
    "stilstaan",
    "stranded",
    "stuck",
    "vast",
    "chasing",
    "offline",
];
/// It took too long: weeks or months.
const TOOK: &[&str] = &["took", "taken", "duurde", "duurden", "geduurd", "kostte"];
const TOOK_LONG: &[&str] = &["weken", "maanden", "weeks", "months", "jaar", "years"];
/// Short after all, or still to come.
const BUT_SHORT: &[&str] = &[
    "maar", "slechts", "binnen", "only", "just", "within", "less", "minder", "over", "every",
    "elke", "iedere", "per", "open",
];
const GOES_ON: &[&str] = &[
    "al",
    "nu al",
    "steeds",
    "nog steeds",
    "already",
    "still",
    "been",
    "now",
    "it's been",
];
/// Beside what goes on: nothing came.
const NOTHING: &[&str] = &[
    "geen", "niks", "niets", "niemand", "no", "nothing", "nobody",
];

/// The units of time that are waits, as feelings of their own, added to the others in order.
pub fn add(hits: &mut Vec<Hit>, parsed: &Parsed) {
    for (index, unit) in parsed.units.iter().enumerate() {
        if unit.meaning.weight.is_some() || !is_long(&parsed.units, index) {
            continue;
        }
        if !waits(parsed, index) {
            continue;
        }
        let at = hits.partition_point(|h| h.unit < index);
        let hit = Hit {
            unit: index,
            value: WEIGHT,
            notes: vec!["a long wait".into()],
        };
        hits.insert(at, hit);
        // One for a text: two times in it are the same wait.
        return;
    }
}

/// `drie weken`, `45 minutes`, `weeks`; not `binnen een uur` and not `only two days`.
fn is_long(units: &[Unit], index: usize) -> bool {
    let text = units[index].text.as_str();
    let (long, short) = (LONG.contains(&text), SHORT.contains(&text));
    if !long && !short {
        return false;
    }
    let from = index.saturating_sub(NUMBER_REACH);
    let before = &units[from..index];
    if before
        .iter()
        .any(|u| BUT_SHORT.contains(&u.text.as_str()) && u.text != "over")
    {
        return false;
    }
    let digits = before.iter().rev().find_map(|u| u.text.parse::<u32>().ok());
    match digits {
        Some(number) if short => number >= MINUTES,
        Some(number) => number > 0,
        None if short => {
            let tens = [
                "twintig", "dertig", "veertig", "vijftig", "zestig", "twenty", "thirty", "forty",
                "fifty", "sixty", "ninety",
            ];
            before.iter().any(|u| tens.contains(&u.text.as_str()))
        }
        None => {
            PLURALS.contains(&text) || before.iter().any(|u| NUMBERS.contains(&u.text.as_str()))
        }
    }
}

/// The sentence of a stretch of time says that somebody waited it out.
fn waits(parsed: &Parsed, index: usize) -> bool {
    let sentence = parsed.units[index].sentence;
    let within = || parsed.units.iter().filter(|u| u.sentence == sentence);
    let has = |list: &[&str]| within().any(|u| list.contains(&u.text.as_str()));
    let asks = parsed.sentences[sentence].end.question || parsed.sentences[sentence].asks;
    if asks && !has(GOES_ON) {
        return false;
    }
    // `tien jaar zonder problemen` waits for nothing.
    let good = within().any(|u| u.meaning.weight.is_some_and(|w| w > 0.2));
    let took = has(TOOK) && TOOK_LONG.contains(&parsed.units[index].text.as_str());
    (has(WAITS) || took || has(GOES_ON) && has(NOTHING)) && !good
}
