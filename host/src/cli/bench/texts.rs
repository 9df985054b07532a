//! Invented texts, put together from parts: Dutch and English, questions, praise, chatter and
//! complaints, from a few words to a letter. The same seed gives the same texts.

use fastrand::Rng;

/// What a text is meant to be. Which it is found to be is for the classifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Complaint,
    Question,
    Praise,
    Chatter,
}

impl Mood {
    /// A quarter complains, as service inboxes have it.
    pub fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..100) {
            0..25 => Mood::Complaint,
            25..60 => Mood::Question,
            60..75 => Mood::Praise,
            _ => Mood::Chatter,
        }
    }
}

/// The parts of one language. `{d}` is a day, `{p}` a product, `{n}` a number.
struct Parts {
    code: &'static str,
    greetings: &'static [&'static str],
    complaints: &'static [&'static str],
    questions: &'static [&'static str],
    praise: &'static [&'static str],
    chatter: &'static [&'static str],
    details: &'static [&'static str],
    endings: &'static [&'static str],
    days: &'static [&'static str],
    products: &'static [&'static str],
}

const DUTCH: Parts = Parts {
    code: "nl",
    greetings: &["", "", "Hoi,", "Goedemorgen,", "Beste mensen,", "@bench"],
    complaints: &[
        "mijn {p} is nu voor de derde keer kapot en niemand belt terug.",
        "ik wacht al sinds {d} op mijn {p}, dit is echt onacceptabel.",
        "er is twee keer {n} euro afgeschreven voor mijn {p}. Wat een slechte service!",
        "jullie beloofden {d} een monteur en er kwam weer niemand opdagen.",
        "belachelijk dat ik {n} minuten in de wacht sta voor een simpele vraag.",
    ],
    questions: &[
        "hoe laat is de winkel {d} open?",
        "kan ik mijn {p} nog ruilen als de doos open is?",
        "weet iemand hoe ik de {p} opnieuw instel?",
        "wanneer wordt bestelling {n} geleverd?",
        "kunnen jullie mijn adres wijzigen voor {d}?",
    ],
    praise: &[
        "super snel geholpen met mijn {p}, bedankt!",
        "wat een fijne {p}, ik ben er heel blij mee.",
        "complimenten voor de monteur van {d}, topservice.",
    ],
    chatter: &[
        "{d} de nieuwe {p} uitgeprobeerd, nu koffie.",
        "mijn buurman heeft ook zo'n {p}, grappig.",
        "vandaag nummer {n} in de rij, het is druk.",
        "zag net een reclame voor een {p} voorbijkomen.",
    ],
    details: &[
        "Ik heb er {d} al over gemaild.",
        "Het nummer van de bestelling is {n}.",
        "Aan de handleiding heb ik niets, die gaat over een ander model.",
        "Op de website staat iets anders dan in de brief.",
        "Mijn vorige {p} deed het tien jaar zonder problemen.",
        "Ik ben de hele week thuis, behalve {d}.",
    ],
    endings: &[
        "",
        "",
        "Groet",
        "Alvast bedankt!",
        "Ik hoor graag van jullie.",
    ],
    days: &["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag"],
    products: &["thermostaat", "wasmachine", "router", "fiets", "koelkast"],
};

const ENGLISH: Parts = Parts {
    code: "en",
    greetings: &["", "", "Hi,", "Good morning,", "Dear team,", "@bench"],
    complaints: &[
        "my {p} broke down for the third time and nobody calls me back.",
        "I have been waiting for my {p} since {d}, this is unacceptable.",
        "you charged me {n} euros twice for the {p}. Terrible service!",
        "an engineer was promised for {d} and again nobody showed up.",
        "{n} minutes on hold for a simple question, ridiculous.",
    ],
    questions: &[
        "what time does the shop open on {d}?",
        "can I still return the {p} if the box is open?",
        "does anybody know how to reset the {p}?",
        "when will order {n} be delivered?",
        "could you change my address before {d}?",
    ],
    praise: &[
        "really quick help with my {p}, thank you!",
        "what a lovely {p}, I am very happy with it.",
        "compliments to the engineer who came on {d}, great service.",
    ],
    chatter: &[
        "tried the new {p} on {d}, now coffee.",
        "my neighbour has the same {p}, funny.",
        "number {n} in the queue today, it is busy.",
        "just saw an advert for a {p} go by.",
    ],
    details: &[
        "I already wrote to you about it on {d}.",
        "The order number is {n}.",
        "The manual is no help, it describes another model.",
        "The website says something else than the letter.",
        "My previous {p} worked for ten years without a problem.",
        "I am at home all week, except on {d}.",
    ],
    endings: &[
        "",
        "",
        "Regards",
        "Thanks in advance!",
        "Looking forward to your answer.",
    ],
    days: &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    products: &[
        "thermostat",
        "washing machine",
        "router",
        "bicycle",
        "fridge",
    ],
};

/// Hashtags that come along with one message in eight.
const TAGS: &[&str] = &["storing", "service", "winter", "verhuizen", "fail", "help"];

/// An invented text.
pub struct Text {
    pub content: String,
    /// What the network says of it; half of them say nothing.
    pub language: Option<&'static str>,
    pub tags: Vec<String>,
}

/// Two thirds Dutch; one message in twenty is a letter.
pub fn text(rng: &mut Rng, mood: Mood) -> Text {
    let parts = if rng.u8(0..3) < 2 { &DUTCH } else { &ENGLISH };
    let core = match mood {
        Mood::Complaint => parts.complaints,
        Mood::Question => parts.questions,
        Mood::Praise => parts.praise,
        Mood::Chatter => parts.chatter,
    };
    let mut sentences = vec![pick(rng, parts.greetings), pick(rng, core)];
    let details = match rng.u8(0..20) {
        0 => rng.usize(8..16),
        1..8 => rng.usize(1..4),
        _ => 0,
    };
    for _ in 0..details {
        sentences.push(pick(rng, parts.details));
    }
    sentences.push(pick(rng, parts.endings));
    let mut content = String::new();
    for sentence in sentences.iter().filter(|s| !s.is_empty()) {
        if !content.is_empty() {
            content.push(' ');
        }
        fill(rng, parts, sentence, &mut content);
    }
    let mut tags = Vec::new();
    if rng.u8(0..8) == 0 {
        let tag = pick(rng, TAGS);
        content.push_str(" #");
        content.push_str(tag);
        tags.push(tag.to_owned());
    }
    Text {
        content,
        language: rng.bool().then_some(parts.code),
        tags,
    }
}

fn pick(rng: &mut Rng, from: &[&'static str]) -> &'static str {
    from[rng.usize(0..from.len())]
}

fn fill(rng: &mut Rng, parts: &Parts, sentence: &str, into: &mut String) {
    let mut rest = sentence;
    while let Some(at) = rest.find('{') {
        into.push_str(&rest[..at]);
        match rest.as_bytes().get(at + 1) {
            Some(b'd') => into.push_str(pick(rng, parts.days)),
            Some(b'p') => into.push_str(pick(rng, parts.products)),
            _ => into.push_str(&rng.u32(10..99_999).to_string()),
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    into.push_str(rest);
}
