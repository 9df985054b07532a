//! Messages judged by hand, by the bundled classifier and these rules together: what the author
//! wants, whom to answer, what becomes a case. `tests/data/README.md` says how they were judged.
//!
//! `cargo test -p policy-service judged -- --nocapture` prints the figures and the mistakes of `dev`.

use std::sync::LazyLock;

use native_classify_topic::Topic;
use rapport_sdk::Classifier;

use super::*;

const DATA: &str = include_str!("../../tests/data/judged.tsv");

static CONFIGURED: LazyLock<()> = LazyLock::new(|| Topic::configure("{}".to_owned()).unwrap());

struct Row {
    split: &'static str,
    language: &'static str,
    reach: Reach,
    /// `new`; `ours`: it answers us; `others`: a dialogue in which we have no part.
    thread: &'static str,
    intent: &'static str,
    answer: &'static str,
    case: &'static str,
    text: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [
            split,
            language,
            _sector,
            reach,
            thread,
            intent,
            _topics,
            answer,
            case,
            text,
        ] = columns[..]
        else {
            panic!("ten columns: {line}");
        };
        let reach = match reach {
            "directed" => Reach::Directed,
            "searched" => Reach::Searched,
            "third-party" => Reach::ThirdParty,
            other => panic!("{other}: no reach: {line}"),
        };
        Row {
            split,
            language,
            reach,
            thread,
            intent,
            answer,
            case,
            text,
        }
    };
    DATA.lines().skip(1).map(row).collect()
}

/// The question that the host would ask about the message.
fn asked(row: &Row) -> PolicyCase {
    LazyLock::force(&CONFIGURED);
    let mut message = message(row.text, row.reach);
    message.language = Some(row.language.to_owned());
    message.in_reply_to = (row.thread != "new").then(|| "m-0".to_owned());
    let mut case = case(Moment::Inbound);
    let judged = Topic::classify(vec![message.clone()]).unwrap().remove(0);
    case.classifications = judged
        .unwrap()
        .into_iter()
        .map(|classification| AttributedClassification {
            plugin: "classify-topic".to_owned(),
            classification,
        })
        .collect();
    case.message = Some(message);
    case.contact = Some(contact(None));
    case.conversation = Some(ConversationView {
        reach: row.reach,
        participant_count: 1 + u32::from(row.thread == "others"),
        involves_us: row.reach == Reach::Directed,
        public_answer_count: u32::from(row.thread == "ours"),
        ..conversation()
    });
    case
}

/// Whether the rules say of this message what a person said. `either` is never wrong. A remark to us
/// that asks nothing may get an answer, but none is demanded; to others' remarks we stay silent.
fn answered_well(row: &Row, effects: &[Effect]) -> bool {
    let demand = effects.iter().find_map(|e| match &e.kind {
        EffectKind::Respond(demand) => Some(demand.required),
        _ => None,
    });
    match (row.answer, row.reach, demand) {
        ("either", ..) => true,
        ("yes", Reach::Directed, Some(required)) => required,
        ("yes", _, demand) => demand.is_some(),
        ("no", Reach::Directed, demand) => demand != Some(true),
        (_, _, demand) => demand.is_none(),
    }
}

fn case_of(effects: &[Effect]) -> &'static str {
    let kind = effects.iter().find_map(|e| match &e.kind {
        EffectKind::OpenCase(request) => Some(request.kind),
        _ => None,
    });
    match kind {
        None => "-",
        Some(CaseKind::Complaint) => "complaint",
        Some(CaseKind::Lead) => "lead",
        Some(_) => "another",
    }
}

#[derive(Debug, Default)]
struct Figures {
    rows: usize,
    intents_right: usize,
    /// Rows that a person did not leave to taste, and those judged so.
    to_answer: usize,
    answers_right: usize,
    opened: usize,
    opened_wrongly: usize,
    missed: usize,
}

impl Figures {
    fn intent(&self) -> f64 {
        self.intents_right as f64 / self.rows as f64
    }

    fn answer(&self) -> f64 {
        self.answers_right as f64 / self.to_answer as f64
    }
}

fn measure(split: &str, show_mistakes: bool) -> Figures {
    let pack = pack("{}");
    let mut figures = Figures::default();
    for row in rows().iter().filter(|r| r.split == split) {
        let case = asked(row);
        let effects = pack.decide(&case);
        let judged = case.classifications.iter().map(|c| &c.classification);
        let intent = judged
            .filter(|c| c.dimension == "intent")
            .map(|c| c.label.as_str())
            .next()
            .unwrap();
        let (well, opened) = (answered_well(row, &effects), case_of(&effects));
        figures.rows += 1;
        figures.intents_right += usize::from(intent == row.intent);
        figures.to_answer += usize::from(row.answer != "either");
        figures.answers_right += usize::from(row.answer != "either" && well);
        figures.opened += usize::from(opened != "-");
        figures.opened_wrongly += usize::from(opened != "-" && opened != row.case);
        figures.missed += usize::from(row.case != "-" && opened != row.case);
        let right = intent == row.intent && well && opened == row.case;
        if show_mistakes && !right {
            let answer = if well { "" } else { "ANSWER" };
            println!(
                "{:>10} as {intent:<10} case {} as {opened} {answer} | {}",
                row.intent, row.case, row.text
            );
        }
    }
    println!(
        "{split}: intent {:.3}, answer {:.3}, {figures:?}",
        figures.intent(),
        figures.answer()
    );
    figures
}

/// The figures reached, less a little: what goes below them is worse than it was.
#[test]
fn messages_are_judged_as_a_person_does() {
    for (split, intent, answer, opened_wrongly, missed) in [
        ("dev", 0.88, 0.95, 2, 3),
        ("held", 0.79, 0.89, 2, 8),
        ("dev-terse", 0.6, 0.78, 1, 13),
        ("held-terse", 0.65, 0.84, 1, 10),
    ] {
        let figures = measure(split, split.starts_with("dev"));
        assert!(
            figures.intent() >= intent
                && figures.answer() >= answer
                && figures.opened_wrongly <= opened_wrongly
                && figures.missed <= missed,
            "{split}: {figures:?}"
        );
    }
}
