//! Whether a person is called something: `je bent een eikel`, `you clown`, `eikel!`, but not `the clown
//! arrives at three`, `mevrouw Eikel` or `you are no fool`.
//!
//! Looks at the words around in the same clause, at most a handful each way, so its time is bounded.
//! Deliberately absent: grammar; these are the turns of phrase in which people are called names.

use std::ops::Range;

use super::reading::Reading;

/// Most words of a clause before what somebody is called out.
const NEAR: usize = 8;
const YOU: &str = "je jij jou u jullie ge gij you ya thou";
/// `you` and its verb in one word.
const YOU_ARE: &str = "you're youre ur you've u're y'all";
const CUSTOMERS: &str = "klant klanten customer customers people mensen lot";
const BE: &str = "ben bent is zijn was waren lijkt blijft are were be been being am sound look seem klinkt \
    wordt";
/// Between pronoun, verb and what somebody is called.
const ADVERBS: &str = "net precies exactly basically echt gewoon nu nou eenmaal toch ook wel zelf maar helemaal \
    werkelijk duidelijk vast altijd zo zoo zooo soo sooo soooo zeker allemaal beslist soms really just simply truly such \
    still clearly obviously all always so too very quite must a bit being pretty te heel erg \
    best behoorlijk knap kind of sort like nothing but niks anders dan moet zou would might";
/// Before a noun.
const MODIFIERS: &str = "een 'n n zo'n a an such echte enorme grote gigantische ongelooflijke ongelofelijke \
    onvoorstelbare absolute complete totale kleine real total utter big little huge proper right \
    old fat oude dikke luie rare gekke zielige sneue arrogante irritante verwende brutale lompe \
    lelijke hypocriete vuile vieze smerige whiny whining cheap greedy miserable silly crazy lazy \
    pathetic arrogant sad spoiled spoilt rotten entitled ugly dirty filthy stubborn koppige \
    eigenwijze stuk stukje waardeloze worthless useless";
/// Before a noun, and rude by itself.
pub const RUDE: &str = "domme stomme achterlijke debiele idiote verdomde verrekte kut klote pokke stupid dumb bloody \
    fucking goddamn damn lying idiotic blithering freaking frigging";
const GROUPS: &str = "stelletje zootje zooitje kudde troep stelletjes";
const GROUPS_OF: &str = "bunch pack load gang herd stel";
const NEGATIONS: &str = "geen niet nooit niemand not no never nobody isn't aren't wasn't ain't";
/// Behind what somebody is called.
const TAGS: &str = "toch zeg hoor joh";
const FELT: &str = "feel feels felt feeling voel voelt voelde voelden voelen";
const THOUGHT: &str = "thinks think says said believes denkt zegt vindt beweert zei";
const ACTS: &str = "gedraagt gedraag gedragen doet doe klinkt praat reageert act acting behave behaving sound \
    sounding look talk talking write schrijft";
const CALLS: &str = "vind vinden noem noemen call consider find think";
const SELVES: &str = "ik i i'm we wij we're me ons onszelf mezelf myself";
/// Before the name of a place.
const PLACES: &str = "in te naar uit bij en and from to near of";
const FEELINGS: &str = "ben am i'm voel voelde voelen feel felt feeling was were waren we're";
const TITLES: &str = "mevrouw mevr mw meneer mijnheer heer dhr familie fam mr mrs ms miss mister dr dokter sir \
    lady drs prof van de the het von";
/// Words before a name that is called out, or before a retort.
pub const LEADS: &str = "sure fine can could why don't nou tja ja nee well oh o ach ah goh so en and maar but just \
    please yeah yep ok okay then sorry hey he hee zeg now nu dus gewoon alstublieft aub dan hi \
    hoi hallo hello dag listen luister look kijk ook really echt kindly right kom toch even \
    beste dear zo no yes you come on ga";

/// The word is one of a list, in which white space parts the words.
pub fn is(word: &str, list: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|own| own == word)
}

/// The words `noun` are what a person is called. An `animal` may be cried out about.
pub fn is_called(r: &Reading<'_, '_>, noun: Range<usize>, animal: bool) -> bool {
    let (first, clause) = (noun.start, r.clause(noun.start));
    let mut at = first;
    let mut rude = false;
    while at > clause.start && first - at < 4 && is_modifier(r.word(at - 1)) {
        at -= 1;
        rude |= is(r.word(at), RUDE);
    }
    if is_told_not_to_be(r, at) {
        return true;
    }
    if is_negated(r, first, 6) || is_supposed(r, first) {
        return false;
    }
    let bare = at == first || !is(r.word(at), "a an een");
    let named = r.is_capitalised(first) && first > r.sentence(first).start;
    if is_said_of_you(r, at) && !(named && at == first) || is_followed_by_you(r, &noun) {
        return true;
    }
    let tags = (noun.end..clause.end).take_while(|i| is(r.word(*i), TAGS));
    let ends = noun.end + tags.count() == clause.end;
    let head = |index: usize| {
        index - clause.start <= NEAR && (clause.start..index).all(|i| is(r.word(i), LEADS))
    };
    let you = is(r.before(at), "jij u jullie you ya gij");
    if you && bare && ends && head(at - 1) {
        return true;
    }
    let group = is(r.before(at), GROUPS)
        || (is(r.before(at), "of stel") && is(r.word(at.saturating_sub(2)), GROUPS_OF));
    if ends && (group || rude && r.end_mark(first) != '?') {
        return true;
    }
    if animal {
        return false;
    }
    let wondered = is(r.before(at), "wat what") && at < first;
    wondered && ends || (head(at) && ends && !named && is_called_out(r, &noun))
}

/// The words `what` are what a person is said to be: an adjective.
pub fn is_described(r: &Reading<'_, '_>, what: Range<usize>) -> bool {
    let (first, clause) = (what.start, r.clause(what.start));
    let mut at = first;
    while at > clause.start && first - at < 3 && is(r.word(at - 1), ADVERBS) {
        at -= 1;
    }
    let next = if what.end < clause.end {
        r.word(what.end)
    } else {
        ""
    };
    if is(next, "op van about for over met in with") {
        return false;
    }
    let of_a_thing = is(r.before(first), "a an een")
        && !next.is_empty()
        && !is(
            next,
            "klant customer mens person man woman vrouw vent people mensen",
        );
    if of_a_thing || is(clause_head(r, first), "if als wanneer when voor for") {
        return false;
    }
    if is_told_not_to_be(r, at) {
        return true;
    }
    let how = is(r.before(first), "how hoe")
        && is(next, "ben bent are kun kunt kan can")
        && is(r.word(what.end + 1), YOU);
    let said = superlative(r, first);
    how || (!is_negated(r, first, 4) && !is_supposed(r, first) && is_said_of_you(r, said))
}

/// Where `the dumbest`, `de meest irritante` begins; else the word itself.
fn superlative(r: &Reading<'_, '_>, first: usize) -> usize {
    let most = is(r.before(first), "most meest");
    let at = first - usize::from(most);
    let most = most || r.word(first).ends_with("st") || r.word(first).ends_with("ste");
    at - usize::from(most && is(r.before(at), "the de het our onze"))
}

/// An insult that is none here: a name, a quotation, about ourselves, denied or apologised for.
pub fn is_excused(r: &Reading<'_, '_>, words: Range<usize>) -> bool {
    let first = words.start;
    if is_called(r, words.clone(), true) {
        return false;
    }
    let named =
        r.is_capitalised(first) && first > r.sentence(first).start && !r.before(first).is_empty();
    let titled = is(r.before(first), TITLES)
        || is(r.before(first), PLACES)
        || r.is_capitalised(first.saturating_sub(1));
    if r.is_quoted(first) || (named && titled) || is_negated(r, first, 4) {
        return true;
    }
    let mut back = r.clause(first).start.max(first.saturating_sub(7))..first;
    if is_negated(r, first, 7) && back.any(|i| is(r.word(i), THOUGHT)) {
        return true;
    }
    let denied = is(r.word(words.end), "bestaan bestaat don't do")
        && is(r.word(words.end + 1), "niet exist not");
    let clause = r.clause(first);
    let near = clause.start.max(first.saturating_sub(6))..first;
    let any = |list: &str| near.clone().any(|i| is(r.word(i), list));
    let ourselves = any(SELVES) && any(FEELINGS) && !any(YOU);
    // `I understand that you feel like an idiot`, `no one thinks that you are one`.
    let mut behind = words.end..clause.end.min(words.end + 3);
    let felt = any(FELT) || behind.any(|i| is(r.word(i), FELT));
    denied || ourselves || felt || is_apologised_for(r, first)
}

/// `Sorry that our colleague called you an idiot`.
fn is_apologised_for(r: &Reading<'_, '_>, at: usize) -> bool {
    let sentence = r.sentence(at);
    let mut near = sentence.start.max(at.saturating_sub(20))..sentence.end.min(at + 20);
    let sorry = |w: &str| {
        is(
            w,
            "sorry spijt excuses excuus apologise apologize apologies",
        )
    };
    let told = |w: &str| {
        is(
            w,
            "noemde noemden genoemd uitgescholden uitgemaakt called said zei schold",
        )
    };
    near.clone().any(|i| sorry(r.word(i))) && near.any(|i| told(r.word(i)))
}

fn is_modifier(word: &str) -> bool {
    is(word, MODIFIERS) || is(word, RUDE)
}

fn clause_head<'r>(r: &'r Reading<'_, '_>, at: usize) -> &'r str {
    r.word(r.clause(at).start)
}

/// `If you are …`: nobody is meant.
fn is_supposed(r: &Reading<'_, '_>, at: usize) -> bool {
    is(
        clause_head(r, at),
        "if als wanneer when indien suppose stel",
    )
}

/// `don't be`, `stop being`, `doe niet zo`, `wees geen`.
fn is_told_not_to_be(r: &Reading<'_, '_>, at: usize) -> bool {
    let mut at = at;
    while is(r.before(at), "zo such so that a an zo'n als like") {
        at -= 1;
    }
    let two = (r.before(at), if at > 0 { r.before(at - 1) } else { "" });
    let be = is(two.0, "be being act acting") && is(two.1, "don't dont not stop quit never");
    be || is(two.0, "niet geen") && is(two.1, "doe wees weest gedraag")
}

fn is_negated(r: &Reading<'_, '_>, at: usize, words: usize) -> bool {
    let near = r.clause(at).start.max(at.saturating_sub(words))..at;
    near.clone().any(|i| is(r.word(i), NEGATIONS))
        || near.clone().any(|i| {
            is(r.word(i), "don't doesn't didn't dont")
                && is(r.word(i + 1), "think find believe consider mean")
        })
}

/// Before `at`: `you are`, `are you`, `you're`, `customers are`, `I call you`, `you act like`.
fn is_said_of_you(r: &Reading<'_, '_>, at: usize) -> bool {
    let start = r.clause(at).start;
    let back = |mut at: usize| {
        let from = at;
        while at > start
            && from - at < 5
            && (is(r.word(at - 1), ADVERBS) || is_modifier(r.word(at - 1)))
        {
            at -= 1;
        }
        at
    };
    let verb = back(at);
    if is(r.before(verb), YOU_ARE) {
        return true;
    }
    let subject = |index: usize| {
        index > start && (is(r.word(index - 1), YOU) || is(r.word(index - 1), CUSTOMERS))
    };
    if verb > start && is(r.word(verb - 1), BE) && subject(back(verb - 1)) {
        return true;
    }
    let acts = (start..at).rev().take(6).any(|i| is(r.word(i), ACTS));
    let like = (start..at).rev().take(4).any(|i| is(r.word(i), "als like"));
    if acts && like && (start..at).rev().take(8).any(|i| is(r.word(i), YOU)) {
        return true;
    }
    if !(verb > start && is(r.word(verb - 1), YOU)) {
        return false;
    }
    let asked = verb > start + 1 && is(r.word(verb - 2), BE);
    asked || (start..verb).rev().take(4).any(|i| is(r.word(i), CALLS))
}

/// Behind the noun: `are you`, `that you are`, `you are`, `like you`.
fn is_followed_by_you(r: &Reading<'_, '_>, noun: &Range<usize>) -> bool {
    let end = r
        .clause(noun.start)
        .end
        .max(r.sentence(noun.start).end.min(noun.end + 4));
    let word = |offset: usize| {
        if noun.end + offset < end {
            r.word(noun.end + offset)
        } else {
            ""
        }
    };
    let (a, b, c) = (word(0), word(1), word(2));
    let you = |w: &str| is(w, YOU);
    (is(a, BE) && you(b))
        || (is(a, "die dat that which") && you(b) && is(c, BE))
        || (is(a, "like zoals als") && you(b) && b != "je")
        || (is(a, "you") && is(b, BE) && r.clause(noun.start).end > noun.end + 1)
}

/// A clause that holds the noun alone, at the head or the end of its sentence: `eikel, lees eens`.
fn is_called_out(r: &Reading<'_, '_>, noun: &Range<usize>) -> bool {
    let (clause, sentence) = (r.clause(noun.start), r.sentence(noun.start));
    let mark = r.end_mark(noun.start);
    if !matches!(mark, '.' | '!') && clause == sentence {
        return false;
    }
    let word = r.word(noun.end - 1);
    let singular = ["us", "ss", "as", "is", "os"];
    let plural =
        word.ends_with("en") || word.ends_with('s') && !singular.iter().any(|e| word.ends_with(e));
    let said_to_many = mark == '!'
        || sentence
            .clone()
            .take(40)
            .any(|i| is(r.word(i), "jullie you"));
    if plural && !said_to_many && clause != sentence {
        return false;
    }
    let leads = |range: Range<usize>| range.take(8).all(|i| is(r.word(i), LEADS));
    if leads(sentence.start..clause.start) {
        let next = r.clause(clause.end);
        // A second word alone, or two with `and`, make a list.
        let listed = clause.end < sentence.end
            && (next.len() == 1 || is(r.word(next.start + 1), "en and of or"));
        return !listed;
    }
    let previous = r.clause(clause.start.saturating_sub(1));
    clause.end == sentence.end && previous.len() >= 2
}
