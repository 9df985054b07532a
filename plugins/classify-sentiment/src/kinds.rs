//! Whole kinds of message that a lexicon alone reads wrongly, each with the labels that are right:
//! litotes, hashtags of several words, waits, idioms, questions about a bad event, names, emphasis by
//! bad words, mockery, `never` that compares, and what somebody else said.

use crate::{classify_text, configured};

fn check(accepted: &[&str], texts: &[&str]) {
    let judge = configured("{}").unwrap();
    for text in texts {
        let got = classify_text(text, None, &judge).unwrap();
        assert!(
            accepted.contains(&got.label.as_str()),
            "{text}: {} {} {:?}",
            got.label,
            got.score,
            got.evidence
        );
    }
}

#[test]
fn a_denied_fault_is_no_complaint() {
    check(
        &["neutral", "positive"],
        &[
            "Niet slecht hoor!",
            "Ik ben allesbehalve ontevreden",
            "Verre van slecht",
            "Far from terrible actually",
            "Not a bad experience at all",
        ],
    );
}

#[test]
fn hashtags_of_several_words_count() {
    check(
        &["negative"],
        &[
            "@united #epicfail #neveragain",
            "#nooitmeer #waardeloos",
            "@ziggo #ziggofail",
            "@klm #worstairlineever",
        ],
    );
}

#[test]
fn long_waits_are_trouble() {
    check(
        &["negative"],
        &[
            "Ik wacht nu al drie weken op mijn pakket",
            "Still waiting for a reply after 9 days",
            "Drie uur in de wacht gestaan vandaag",
            "Waited 50 minutes for a bus",
            "We zitten al zes uur zonder stroom",
            "Al 45 minuten geen trein te zien",
            "It's been three weeks and no refund",
        ],
    );
}

#[test]
fn other_times_are_none() {
    check(
        &["neutral"],
        &[
            "Ik wacht op mijn pakket",
            "Levertijd is drie dagen",
            "Hoe lang moet ik wachten, twee weken?",
            "I've been a customer for ten years",
        ],
    );
}

#[test]
fn idioms_of_anger() {
    check(
        &["negative"],
        &[
            "Daar zakt mijn broek van af",
            "Hier breekt mijn klomp",
            "Dat loopt de spuigaten uit",
            "Ik kan er niet meer tegen",
            "I cannot stand this any longer",
            "You must be joking",
            "The answer you gave is not right",
            "Returning something is a lengthy affair",
            "Wat een belabberde service",
            "Baggerservice",
            "I never enjoyed the way your people talk to me",
        ],
    );
}

#[test]
fn idioms_of_praise() {
    check(
        &["positive"],
        &[
            "Chapeau voor de monteur van vandaag",
            "Petje af voor jullie",
            "Hats off to your support team",
            "Zonder twijfel een goede keus",
            "Beyond any doubt a brilliant move",
            "Without a doubt an excellent choice",
        ],
    );
}

#[test]
fn who_asks_for_help_does_not_complain() {
    check(
        &["neutral"],
        &[
            "Hoe kan ik een storing melden?",
            "How do I report a lost card?",
            "Ik ben mijn ov-chipkaart verloren, wat moet ik doen?",
            "My card was stolen. How do I block it?",
            "Kan ik schade online melden?",
            "I want to make a complaint",
            "Wat te doen bij stroomuitval?",
            "How do I dispute a charge?",
        ],
    );
}

#[test]
fn a_reproach_is_not_such_a_question() {
    check(
        &["negative"],
        &[
            "Hoe kan het dat mijn pakket alweer kwijt is?",
            "Waarom is er weer storing?",
            "Why is your service so terrible?",
        ],
    );
}

#[test]
fn names_feel_nothing() {
    check(
        &["neutral"],
        &[
            "Ik heb Angry Birds gekocht",
            "We hebben Happy Socks besteld",
            "Do you have Dead Island in stock?",
            "Ik zoek het spel Dead Cells",
        ],
    );
}

#[test]
fn bad_words_can_strengthen() {
    check(
        &["positive"],
        &[
            "Verschrikkelijk mooi geworden!",
            "That was terribly good",
            "damn good coffee",
            "Belachelijk snel geleverd",
            "Awfully kind of you",
        ],
    );
}

#[test]
fn praise_before_trouble_mocks() {
    check(
        &["negative"],
        &[
            "Lekker slecht bereik hier",
            "Heerlijk traag internet vandaag",
            "Wonderfully useless support",
        ],
    );
}

#[test]
fn never_can_compare() {
    check(
        &["positive"],
        &[
            "Your app has never worked this well",
            "Jullie app werkte nog nooit zo goed",
            "It has never been this easy",
            "Nog nooit zo snel geholpen",
        ],
    );
}

#[test]
fn never_can_compare_what_is_bad() {
    check(
        &["negative"],
        &[
            "Nog nooit zo slecht behandeld",
            "Never been so badly treated",
        ],
    );
}

#[test]
fn what_others_said_is_no_complaint() {
    check(
        &["neutral", "positive", "uncertain"],
        &[
            "RT @x: 'Worst airline ever' lol they fixed it in 5 min, respect",
            "> this is the worst service ever\nThanks for explaining",
            "that concert was sick!!",
        ],
    );
}

#[test]
fn condolences_are_not_praise() {
    check(
        &["neutral", "negative", "uncertain"],
        &[
            "Gecondoleerd met het verlies van jullie collega",
            "Sorry for your loss",
        ],
    );
}

#[test]
fn never_with_a_comparative_is_a_superlative() {
    check(
        &["positive"],
        &[
            "Never had better coffee",
            "Never had a better experience",
            "Never been more satisfied",
            "I have never been happier with a purchase",
            "You'll never find a friendlier crew",
            "Nooit beter geslapen dan op dit matras",
            "Nog nooit zo'n fijne winkel gezien",
            "Nog nooit lekkerder gegeten",
            "Nooit een betere service gehad",
            "Never been this good",
            "Can't praise them enough",
            "I cannot recommend this place highly enough",
            "Couldn't thank the driver enough",
            "Ik kan ze niet genoeg prijzen",
        ],
    );
    check(
        &["negative"],
        &[
            "Never had a worse meal",
            "Never been more disappointed",
            "Nooit slechter gegeten",
            "Nog nooit slechtere service gehad",
            "It never got better",
            "Het is nooit beter geworden",
            "Never satisfied with the service",
            "Not good enough",
            "Niet goed genoeg",
        ],
    );
}
