use super::Plugin;
use rapport_sdk::{Judge, social::Message, testing};

#[test]
fn tells_thanks_in_dutch_and_english() {
    let plugin: Plugin = testing::configured(r#"{"words": ["bedankt", "thank"]}"#);
    for (content, label) in [
        ("Bedankt voor de hulp!", "yes"),
        ("THANKS a lot", "yes"),
        ("Waar blijft mijn pakket?", "no"),
        ("", "no"),
    ] {
        let message = Message {
            content: content.into(),
            ..Message::default()
        };
        assert_eq!(plugin.judge(&message).unwrap()[0].label, label, "{content}");
    }
}
