//! A plugin is an ordinary crate: its logic is tested with `cargo test -p classify-hello`.

use super::judge;

#[test]
fn tells_a_greeting_in_dutch_and_english() {
    for (text, label) in [
        ("Hoi, waar blijft mijn pakket?", "yes"),
        ("  HELLO there", "yes"),
        ("Hoist the flag", "no"),
        ("Zeg maar hoi", "no"),
        ("👋", "no"),
        ("", "no"),
    ] {
        assert_eq!(judge(text).label, label, "{text}");
    }
}
