//! How names are written, and what only looks like them.

use super::*;

fn matches(query: &str, text: &str) -> bool {
    let monitor = Monitor {
        id: "m".into(),
        query: query.into(),
    };
    Query::parse(&monitor).matches(&Haystack::new([text]))
}

fn check(query: &str, there: &[&str], absent: &[&str]) {
    for text in there {
        assert!(matches(query, text), "{query} is in: {text}");
    }
    for text in absent {
        assert!(!matches(query, text), "{query} is not in: {text}");
    }
}

#[test]
fn a_name_is_found_however_it_is_joined() {
    let there = [
        "Zilt",
        "ZILT.",
        "Zilt's levering is weer te laat",
        "Zilt’s webwinkel",
        "Weer een Zilt-klant minder",
        "Zilt–klant, Zilt—klant",
        "de ex-Zilt monteur",
        "gekocht op zilt.com",
        "https://www.zilt.com/hulp",
        "info@zilt.nl",
        "Nooit meer.Zilt antwoordt niet",
        "vraag,Zilt;vraag",
        "@zilt_webcare zwijgt",
        "_Zilt_ en *Zilt* en #zilt",
        "(Zilt)/Ander",
        "Zilt™ en Zilt® en Zilt¹",
        "🔥Zilt🔥",
        "1️⃣Zilt ℹ️Zilt",
        "Zi\u{ad}lt",
        "Z\u{200b}i\u{2060}lt\u{feff}",
        "Ｚｉｌｔ",
        "𝐙𝐢𝐥𝐭 in het vet",
        "Ziltの店",
        "Zilt는 느려요",
        "以Zilt为例",
    ];
    check(
        "zilt",
        &there,
        &[
            "geziltheid",
            "Ziltig",
            "zil t",
            "zilt2",
            "Zilts",
            "вzilt",
            "",
        ],
    );
    check("Zilt", &there, &["ziltë", "ongezilt"]);
}

#[test]
fn accents_and_their_lack() {
    let cafes = [
        "Café",
        "CAFE",
        "cafe\u{301}",
        "Ｃａｆé",
        "het café-restaurant",
        "CAFÉ's",
    ];
    check("café", &cafes, &["cafés", "cafeïne"]);
    check("cafe", &cafes, &["cafetaria"]);
    check(
        "straße",
        &["Strasse", "STRASSE", "STRAẞE", "straße"],
        &["strase"],
    );
    check(
        "Søren Łódź",
        &["soren uit Lodz", "SØREN in łódź"],
        &["sren lodz"],
    );
    check("ISTANBUL", &["İstanbul", "istanbul", "ıstanbul"], &[]);
    check("Σίσυφος", &["ΣΊΣΥΦΟΣ", "σισυφοσ"], &[]);
    check("Ёлка", &["елка", "ЁЛКА"], &["ёлкам"]);
    check("ﬁets", &["Fiets"], &[]);
    check("œuvre", &["Oeuvre"], &[]);
    check("محمد", &["مُحَمَّد"], &[]);
}

#[test]
fn phrases_have_any_space_or_hyphen_between() {
    let there = [
        "Weer een lege\naccu.",
        "lege\u{a0}accu",
        "lege \t\r\n accu",
        "lege-accu",
        "lege ‑ accu",
        "LEGE\u{2011}ACCU",
        "“lege accu”",
        "lege\u{3000}accu",
    ];
    let absent = [
        "accu lege",
        "lege, accu",
        "lege. Accu",
        "legeaccu",
        "lege accu's.",
    ];
    check("\"lege accu\"", &there, &absent[..4]);
    check("\"lege accu\"", &absent[4..], &[]);
    check("„lege accu”", &there, &absent[..4]);
    check("lege-accu", &there, &[]);
    check("\"na na\"", &["xna na na"], &["xna na nax"]);
    check("\"out of stock", &["It is out of stock"], &[]);
    let parts = Haystack::new(["Een lege", "accu"]);
    let query = |query: &str| {
        Query::parse(&Monitor {
            id: "m".into(),
            query: query.into(),
        })
    };
    assert!(query("lege accu").matches(&parts));
    assert!(!query("\"lege accu\"").matches(&parts));
}

#[test]
fn a_phrase_has_no_spaces_in_hashtags_and_handles() {
    let there = [
        "weer een #LegeAccu",
        "#legeaccu.",
        "(#lege_accu)",
        "@Lege_Accu zwijgt",
        "# #LEGEACCU",
    ];
    let absent = [
        "legeaccu",
        "#legeaccus",
        "#nooitlegeaccu",
        "#lege accus",
        "#",
    ];
    check("\"lege accu\"", &there, &absent);
}

#[test]
fn signs_that_belong_to_a_name_count() {
    check("C++", &["wij doen C++.", "c++/c"], &["C", "C+", "abc++"]);
    check("C#", &["in C#, graag"], &["C"]);
    check(
        "AT&T",
        &["AT&T's netwerk", "(at&t)"],
        &["AT T", "CAT&T", "AT&Tower"],
    );
    check("H&M", &["bij H&M"], &["H & M", "H&Mode"]);
    check(
        "d'Or",
        &["Ballon d’Or", "D´OR", "d'or"],
        &["d or", "d'orange"],
    );
    check(".NET", &["ASP.NET", ".net"], &["in het net"]);
    check("node.js", &["Wij doen Node.js."], &["node js"]);
    check("e-mail", &["per e-mail", "per e mail"], &["email"]);
    check("Yahoo!", &["yahoo"], &["yahooo"]);
    check("foto's", &["de foto’s"], &["de foto"]);
    check("#Voorbeeldmerk", &["Dag voorbeeldmerk!"], &[]);
    check("@zilt_webcare", &["hé @Zilt_Webcare!"], &["zilt"]);
    check("24/7", &["24/7 open"], &["124/7"]);
}

#[test]
fn scripts_without_spaces_have_no_boundaries() {
    check("東京", &["私は東京都に住む"], &["京東"]);
    check(
        "メルカリ",
        &["メルカリで買った", "ﾒﾙｶﾘ", "新メルカリ"],
        &["メルカリスト", "アメルカリ"],
    );
    check("삼성", &["삼성은 좋다", "삼성"], &["신삼성", "삼섬"]);
    check("กรุงเทพ", &["อยู่กรุงเทพมหานคร"], &[]);
    check("कल", &["कल मिलेंगे"], &["कुल", "कला"]);
    check("か", &["か"], &["が"]);
}

#[test]
fn all_terms_in_any_order_and_nothing_asked_matches_nothing() {
    check(
        "fiets accu",
        &["Mijn ACCU van de Fiets is stuk."],
        &["Mijn accu is stuk"],
    );
    check("Zilt & Zoet", &["zoet en zilt"], &["zilt"]);
    for query in ["", "  ", "\"\"", "!!", "#", "\u{200b}"] {
        assert!(!matches(query, "iets ! # 🎉 "), "{query}");
    }
    assert!(matches(
        &format!("woord {}", "é".repeat(300)),
        &format!("woord {}", "é".repeat(125))
    ));
}

proptest::proptest! {
    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
        proptest::prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn a_word_stands_between_any_signs(word in "[a-zé]{1,8}", before in "[ .,;:!?/_'@#&()🎉—-]{0,3}", behind in "[ .,;:!?/_'@#&()🎉—-]{0,3}") {
        let text = format!("{before}{word}{behind}");
        proptest::prop_assert!(matches(&word, &text), "{}", text);
        proptest::prop_assert!(matches(&word.to_uppercase(), &text), "{}", text);
        let within = format!("{before}x{word}{behind}");
        proptest::prop_assert!(!matches(&word, &within), "{}", within);
    }

    #[test]
    fn nothing_panics(query in "\\PC{0,60}", text in "\\PC{0,60}", signs in "[\u{300}\u{94d}\u{ac00}\u{30ab}a'\"_. -]{0,12}") {
        matches(&query, &text);
        matches(&signs, &text);
        matches(&signs, &signs);
    }
}

#[test]
fn an_emoji_matches_itself() {
    check(
        "🍕",
        &["🍕", "Vandaag 🍕🍕 bij Zilt", "zilt🍕zilt"],
        &["pizza", "🍔", ""],
    );
    check("❤️", &["❤", "❤️ Zilt"], &["<3"]);
    check("👍", &["👍🏽"], &["👎"]);
    check("🇳🇱", &["Zilt 🇳🇱"], &["Zilt 🇧🇪"]);
    check("zilt 🍕", &["🍕 van Zilt"], &["Zilt", "🍕"]);
    check("\"🍕 zilt\"", &["de 🍕 Zilt"], &["Zilt 🍕"]);
}

#[test]
fn what_can_match_nothing_is_known() {
    let nothing = |query: &str| {
        let (id, query) = ("m".to_owned(), query.to_owned());
        Query::parse(&Monitor { id, query }).matches_nothing()
    };
    for query in ["!!!", "", "  ", "\"\"", "#", "@", "...", "?!", "+", "$ €"] {
        assert!(
            nothing(query) && !matches(query, "!!! # @ ... + $ € zilt"),
            "{query}"
        );
    }
    for query in ["🍕", "zilt", "1", "店", "C++", "☎"] {
        assert!(!nothing(query), "{query}");
    }
}
