//! Trees of good and bad documents.

use super::*;

fn item_texts(source: &str) -> Vec<String> {
    let document = parse(source);
    let rss = document.top.first(Ns::Rss, "rss").unwrap();
    rss.all(Ns::Rss, "item")
        .map(|i| i.child_text(Ns::Rss, "t").unwrap_or_default())
        .collect()
}

#[test]
fn reads_namespaces_entities_and_cdata() {
    let document = parse(
        "<?xml version='1.0'?><!DOCTYPE f [<!ENTITY boe \"x\">]><f:feed xmlns:f='http://www.w3.org/2005/Atom'>\
         <f:title a='1 &amp; 2'>caf&eacute; &amp; &#x20ac;<![CDATA[ <b>]]></f:title><title>&boe;</title></f:feed>",
    );
    let feed = document.top.first(Ns::Atom, "feed").unwrap();
    let title = feed.first(Ns::Atom, "title").unwrap();
    assert_eq!(title.text(), "café & € <b>");
    assert_eq!(title.attribute("a"), Some("1 & 2"));
    assert_eq!(feed.child_text(Ns::Rss, "title").unwrap(), "x");
    assert!(!document.truncated);
}

#[test]
fn survives_what_is_not_xml() {
    for (source, expected) in [
        (
            "<rss><item><t>Jan & Piet, 1 < 2, AT&T</t></item></rss>",
            "Jan & Piet, 1 < 2, AT&T",
        ),
        (
            "<rss><item><t>a\u{b}b&nbsp;c\u{0}</t></item></rss>",
            "ab\u{a0}c",
        ),
        ("<rss><item><t a=b c>x</t></item></rss>", "x"),
        ("<rss><item><t>x</T><u>y</t></item></rss>", "x"),
        (
            "<rss><item><t>I <3 <!boe> this</t></item></rss>",
            "I <3 <!boe> this",
        ),
        (
            "<RSS><item><t>&#0;&#xD800;x</t></item></RSS>",
            "\u{fffd}\u{fffd}x",
        ),
    ] {
        assert_eq!(item_texts(source), [expected], "{source}");
    }
}

#[test]
fn missing_end_tags_close_with_what_is_around() {
    assert_eq!(
        item_texts("<rss><item><t>een</t><item><t>twee</item></rss>"),
        ["een", "twee"]
    );
    let document = parse("<rss><item><d><p>een<br>twee<p>drie</d><t>x</t></item></rss>");
    let rss = document.top.first(Ns::Rss, "rss").unwrap();
    let item = rss.first(Ns::Rss, "item").unwrap();
    assert_eq!(item.child_text(Ns::Rss, "t").unwrap(), "x");
    assert_eq!(
        item.first(Ns::Rss, "d").unwrap().markup(),
        "<p>een<br>twee<p>drie</p></p>"
    );
}

#[test]
fn a_cut_off_end_loses_the_open_entry_only() {
    let whole = "<rss><item><t>een</t></item><item><t>twee</t><guid>https://x.example/12</guid></item></rss>";
    for end in 0..whole.len() {
        let document = parse(&whole[..end]);
        let Some(rss) = document.top.first(Ns::Rss, "rss") else {
            continue;
        };
        assert!(document.truncated, "{end}");
        for item in rss.all(Ns::Rss, "item") {
            let guid = item.child_text(Ns::Rss, "guid");
            assert!(guid.is_none_or(|g| g == "https://x.example/12"), "{end}");
        }
    }
    assert!(!parse(whole).truncated);
}

#[test]
fn entities_of_the_document_are_text() {
    let document = parse(
        "<!DOCTYPE rss [<!-- it's ] here --><!ENTITY merk \"Zon [&amp;] > Wind\"><!ENTITY xxe SYSTEM 'file:///etc/passwd'>]>\
         <rss a='&merk;'><t>Klacht &merk;!&xxe;</t></rss>",
    );
    let rss = document.top.first(Ns::Rss, "rss").unwrap();
    assert_eq!(rss.attribute("a"), Some("Zon [&] > Wind"));
    assert_eq!(
        rss.child_text(Ns::Rss, "t").unwrap(),
        "Klacht Zon [&] > Wind!&xxe;"
    );
}

#[test]
fn names_of_namespaces_and_attributes_in_any_case() {
    for (name, expected) in [
        ("http://www.itunes.com/DTDs/PodCast-1.0.dtd", Ns::Itunes),
        ("HTTPS://SEARCH.yahoo.com/MRSS", Ns::Media),
        ("http://www.w3.org/2005/ATOM/", Ns::Atom),
        ("http://purl.org/DC/Terms/", Ns::Dc),
        ("http://purl.org/rss/1.0/modules/Content/", Ns::Content),
        ("http://example.org/mrss", Ns::Other),
    ] {
        assert_eq!(Ns::of_name(name), expected, "{name}");
    }
    let document = parse("<RSS><ITEM><GUID IsPermalink='false'>1</GUID></ITEM></RSS>");
    let item = document
        .top
        .elements()
        .next()
        .unwrap()
        .elements()
        .next()
        .unwrap();
    assert!(item.is_entry());
    assert_eq!(
        item.first(Ns::Rss, "guid")
            .unwrap()
            .attribute("isPermaLink"),
        Some("false")
    );
}

#[test]
fn undeclared_prefixes_mean_what_they_mean_by_custom() {
    let document = parse("<rss><dc:creator>Jan</dc:creator><x:y>z</x:y></rss>");
    let rss = document.top.first(Ns::Rss, "rss").unwrap();
    assert_eq!(rss.child_text(Ns::Dc, "creator").unwrap(), "Jan");
    assert_eq!(rss.child_text(Ns::Other, "y").unwrap(), "z");
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!(
        "<rss>{}x{}</rss>",
        "<a>".repeat(100_000),
        "</b>".repeat(100_000)
    );
    assert_eq!(parse(&deep).top.text(), "x");
    let wide = "<a/>".repeat(NODES_MAX + 10);
    assert!(parse(&wide).truncated);
    let entities = format!(
        "<!DOCTYPE x [{}]><rss>&a;</rss>",
        "<!ENTITY a \"&b;&b;\">".repeat(1000)
    );
    assert_eq!(parse(&entities).top.text(), "&b;&b;");
}

proptest::proptest! {
    #[test]
    fn soup_never_panics(soup in "(<|>|/|item|entry|<!\\[CDATA\\[|\\]\\]>|<!--|-->|<!DOCTYPE|\\[|\\]|&|amp;|\"|'|=|:| |xmlns|\u{e9}|\u{1}){0,160}") {
        let document = parse(&soup);
        document.top.markup();
    }
}
