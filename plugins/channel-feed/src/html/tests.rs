//! What HTML comes out as.

use super::*;

#[test]
fn blocks_become_lines_and_links_keep_their_text() {
    let html = "<h2>Nieuws</h2><p>Een <b>mooie</b>\n dag, <a href=\"https://x.example\">lees meer</a>.<br>Tot&nbsp;ziens</p>\
                <ul><li>een</li><li>twee</li></ul><div>a</div><div>b</div>";
    assert_eq!(
        to_text(html),
        "Nieuws\n\nEen mooie dag, lees meer.\nTot ziens\n\n- een\n- twee\n\na\nb"
    );
}

#[test]
fn machinery_vanishes() {
    for html in [
        "<p>voor</p><script>if (a < b) document.write('<p>boe</p>')</script><p>na</p>",
        "<p>voor<style>p { color: red }</style></p><!-- weg --><p>na</p>",
        "<p>voor</p><svg><title>x</title><svg></svg><path/></svg><p onclick=\"boe()\">na</p>",
        "<html><head><title>x</title></head><body><p>voor</p><iframe src=x>boe</iframe><p>na</body>",
        "<p>voor</p><noscript><img src=x></noscript><p>na",
    ] {
        assert_eq!(to_text(html), "voor\n\nna", "{html}");
    }
    assert_eq!(to_text("<p>voor</p><script>boe"), "voor");
}

#[test]
fn plain_text_keeps_its_lines_and_signs() {
    assert_eq!(
        to_text("regel een\nregel twee\n\n\n\nI <3 NY, 2 < 3"),
        "regel een\nregel twee\n\nI <3 NY, 2 < 3"
    );
    assert_eq!(
        to_text("Fish &amp; chips &#8212; caf&eacute;"),
        "Fish & chips — café"
    );
    assert_eq!(to_text("R&D; AT&T"), "R&D; AT&T");
}

#[test]
fn escaped_once_too_often() {
    assert_eq!(
        to_text("&lt;p&gt;It&amp;#8217;s &lt;b&gt;late&lt;/b&gt;&lt;/p&gt;"),
        "It’s late"
    );
    assert_eq!(to_text("&amp;lt;p&amp;gt;Twice&amp;lt;/p&amp;gt;"), "Twice");
    assert_eq!(
        to_text("<div>&lt;p&gt;Half&lt;br/&gt;done&lt;/p&gt;</div>"),
        "Half\ndone"
    );
    assert_eq!(to_text("<p>It&amp;#8217;s &amp;nbsp;on</p>"), "It’s  on");
    assert_eq!(
        to_text("<p>&lt;p&gt;&amp;lt;b&amp;gt;Diep&amp;lt;/b&amp;gt;&lt;/p&gt;</p>"),
        "Diep"
    );
    assert_eq!(
        to_text("&lt;scr&#8203;ipt&gt;alert(1)&lt;/script&gt;Hoi"),
        "Hoi"
    );
    assert_eq!(to_text("&lt;script&gt;alert(1)&lt;/script&gt;Hoi"), "Hoi");
}

#[test]
fn code_samples_keep_their_markup_as_text() {
    assert_eq!(
        to_text("<p>Use <code>&lt;br&gt;</code>:</p><pre>if a\n  b\n</pre>"),
        "Use <br>:\n\nif a\n  b"
    );
}

#[test]
fn quotations_are_marked_and_smileys_kept() {
    let html = "<blockquote><p>Werkt het?</p><p>Echt?</p></blockquote><p>Nee <img alt=\"😡\" src=x><img alt=\"de winkel\" src=y></p>";
    assert_eq!(to_text(html), "> Werkt het?\n\n> Echt?\n\nNee 😡");
    assert_eq!(
        to_text("<blockquote>Eén<br>twee</blockquote>drie"),
        "> Eén\n> twee\n\ndrie"
    );
}

#[test]
fn tables_become_lines() {
    assert_eq!(
        to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"),
        "a b\nc"
    );
}

#[test]
fn tags_are_told_from_signs() {
    for html in [
        "x<br>",
        "<P CLASS=a>",
        "</div>",
        "<!-- a -->",
        "<img/>",
        "<b",
    ] {
        assert!(has_tag(html), "{html}");
    }
    for plain in [
        "a < b",
        "<3",
        "<foo>",
        "<jan@voorbeeld.example>",
        "<",
        "x <bb> <",
    ] {
        assert!(!has_tag(plain), "{plain}");
    }
}

#[test]
fn long_input_is_cut_short() {
    let html = "<p>woord</p>".repeat(200_000);
    assert!(to_text(&html).len() <= OUTPUT_MAX_BYTES + 16);
}

proptest::proptest! {
    #[test]
    fn nothing_panics_and_no_script_survives(before in ".{0,80}", after in "\\PC{0,80}") {
        to_text(&before);
        to_text(&format!("<p>{before}</p>&lt;{after}<pre>{before}"));
        let text = to_text(&format!("<p>ok</p><script>GEHEIM</script>{after}"));
        proptest::prop_assert!(!text.contains("GEHEIM"), "{}", text);
    }

    #[test]
    fn tag_soup_leaves_no_tag(soup in "(<|>|&lt;|&gt;|&amp;|/|p|script|br|!--|blockquote|svg| |\n|a=\"|\u{301}|\u{200b}|&#8203;|😀){0,120}") {
        let text = to_text(&soup);
        proptest::prop_assert!(!has_tag(&text), "{}", text);
    }
}
