//! What is marked in a text, and what only looks like it.

use super::*;
use proptest::prelude::*;

fn seen(text: &str) -> Vec<(&str, Feature)> {
    marks(text)
        .into_iter()
        .map(|m| (&text[m.start..m.end], m.feature))
        .collect()
}

fn link(uri: &str) -> Feature {
    Feature::Link(uri.to_owned())
}

fn tag(name: &str) -> Feature {
    Feature::Tag(name.to_owned())
}

fn mention(handle: &str) -> Feature {
    Feature::Mention(handle.to_owned())
}

#[test]
fn counts_bytes_not_characters() {
    let text = "Dag 👋🏽 @Anna.example.com, zie https://example.com/één?x=1#top! #bedankt 🎉 #Köln";
    let marks = marks(text);
    let cut: Vec<_> = marks.iter().map(|m| &text[m.start..m.end]).collect();
    assert_eq!(
        cut,
        [
            "@Anna.example.com",
            "https://example.com/één?x=1#top",
            "#bedankt",
            "#Köln"
        ]
    );
    assert_eq!(marks[0].start, 13);
    assert_eq!(marks[0].feature, mention("anna.example.com"));
    assert_eq!(marks[3].feature, tag("Köln"));
}

#[test]
fn punctuation_at_the_end_does_not_belong() {
    assert_eq!(
        seen("(https://example.com/a_(b)). Of www.example.com/x, ja?"),
        [
            (
                "https://example.com/a_(b)",
                link("https://example.com/a_(b)")
            ),
            ("www.example.com/x", link("https://www.example.com/x")),
        ]
    );
    assert_eq!(
        seen("#klacht! (#vertraging) #a.b, ＃日本語。"),
        [
            ("#klacht", tag("klacht")),
            ("#vertraging", tag("vertraging")),
            ("#a.b", tag("a.b")),
            ("＃日本語", tag("日本語"))
        ]
    );
    assert_eq!(
        seen("thanks @bram.test. bye"),
        [("@bram.test", mention("bram.test"))]
    );
}

#[test]
fn what_is_no_mark() {
    for text in [
        "mail info@example.com",
        "@anna",
        "@anna@social.example.com",
        "# los",
        "#1",
        "#2026",
        "#️⃣",
        "a#b",
        "https://",
        "http://?x",
        "www.example",
        "#!",
        "@.test",
        "@-a.test",
        "@a.1",
        "",
        "()",
        "@",
        "#\u{200b}x",
    ] {
        assert_eq!(seen(text), [], "{text}");
    }
    assert_eq!(seen(&format!("#{}", "a".repeat(65))), []);
}

/// What the network's own client marks, run over the same words.
#[test]
fn a_domain_alone_is_a_link() {
    for (text, marked) in [
        ("zonnewind.nl", "zonnewind.nl"),
        ("Zie zonnewind.nl.", "zonnewind.nl"),
        ("(zonnewind.nl), ja", "zonnewind.nl"),
        ("Zonnewind(zonnewind.nl)", "zonnewind.nl"),
        (
            "zonnewind.nl/storing?pc=1234#nu!",
            "zonnewind.nl/storing?pc=1234#nu",
        ),
        ("shop.zonnewind.co.uk:8080", "shop.zonnewind.co.uk:8080"),
        ("Zonnewind.nl", "Zonnewind.nl"),
        ("www.zonnewind.nl", "www.zonnewind.nl"),
        ("www.zon-wind.nl", "www.zon-wind.nl"),
        ("bsky.app/profile/anna.test", "bsky.app/profile/anna.test"),
        ("README.md", "README.md"),
        ("node.js.org", "node.js.org"),
        ("zonnewind.nl...", "zonnewind.nl"),
        ("“zonnewind.nl”", ""),
        ("zonnewind.nl’s", "zonnewind.nl’s"),
    ] {
        let expected: Vec<_> = [marked]
            .into_iter()
            .filter(|m| !m.is_empty())
            .map(|m| (m, link(&format!("https://{m}"))))
            .collect();
        assert_eq!(seen(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_domain() {
    for text in [
        "e.g.",
        "d.w.z.",
        "z.o.z.",
        "t.a.v.",
        "b.v",
        "N.V.",
        "a.u.b.",
        "1.2.3",
        "v1.2.3",
        "3.nl",
        "10.30",
        "€1.250,00",
        "klaar.Wij",
        "end.Next",
        "main.rs.txt",
        "ZONNEWIND.NL",
        "zon-wind.nl",
        "zonnewind.niks",
        "zonnewind..nl",
        ".nl",
        "nl.",
        "jan.de@example.com",
        "info@zonnewind.nl",
        "en/of.nl",
        "\"zonnewind.nl\"",
        "é.nl",
        "zonnewind.nl@",
    ] {
        assert_eq!(seen(text), [], "{text}");
    }
}

#[test]
fn a_mention_after_a_parenthesis_and_after_another() {
    assert_eq!(
        seen("Wij(@winkel.test)(@anna.test) en @bram.test, (@ciel.test)"),
        ["winkel.test", "anna.test", "bram.test", "ciel.test"]
            .map(|handle| (format!("@{handle}"), mention(handle)))
            .iter()
            .map(|(text, feature)| (text.as_str(), feature.clone()))
            .collect::<Vec<_>>()
    );
    assert_eq!(seen("a(#b)"), []);
}

#[test]
fn limits_are_in_graphemes_and_bytes() {
    assert_eq!(too_long(&"a".repeat(300)), None);
    assert_eq!(too_long(&"e\u{301}".repeat(300)), None);
    assert_eq!(too_long(&"🇳🇱".repeat(300)), None);
    assert_eq!(
        too_long(&"a".repeat(312)),
        Some("312 graphemes, at most 300".into())
    );
    assert_eq!(
        too_long(&"👨‍👩‍👧‍👦".repeat(121)),
        Some("3025 bytes, at most 3000".into())
    );
}

#[test]
fn a_mention_of_nobody_is_plain_text() {
    let marks = marks("@anna.test @niemand.test");
    let facets = facets::<()>(&marks, |handle| {
        Ok((handle == "anna.test").then(|| "did:plc:anna".to_owned()))
    })
    .unwrap();
    assert_eq!(
        facets,
        [json!({
            "index": {"byteStart": 0, "byteEnd": 10},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:anna"}],
        })]
    );
}

proptest! {
    #[test]
    fn marks_are_ranges_of_any_text(text in r"[@#＃(). a-zéA-Z0-9👋🏽\u{200d}/:?]{0,80}|\PC{0,60}|(https?://|www\.|@|#)\PC{0,20}") {
        let mut last = 0;
        for mark in marks(&text) {
            prop_assert!(mark.start >= last && mark.end > mark.start);
            prop_assert!(text.get(mark.start..mark.end).is_some());
            last = mark.end;
        }
    }
}
