use super::Plugin;
use rapport_sdk::channel::OutboundMessage;
use rapport_sdk::common::PluginError;
use rapport_sdk::{Connector, testing};

fn plugin() -> Plugin {
    testing::configured(r#"{"server": "https://api.example.org"}"#)
}

#[test]
fn takes_what_is_new() {
    testing::respond(
        "GET",
        "https://api.example.org/v1/messages?after=41",
        200,
        r#"{"messages": [{"id": "42", "author": {"id": "7", "name": "Sanne"}, "text": "Hoi", "sent": 5}], "next": "42"}"#,
    );
    let page = plugin().poll(Some("41".into()), &[]).unwrap();
    assert_eq!(page.cursor, "42");
    assert_eq!(page.activities[0].id, "42");
}

#[test]
fn sends_with_its_key_and_finds_it_again() {
    testing::respond(
        "POST",
        "https://api.example.org/v1/messages",
        201,
        r#"{"id": "43", "author": {"id": "1", "name": "Us"}, "text": "Onderweg!", "sent": 6}"#,
    );
    testing::respond("GET", "https://api.example.org/v1/sent/key", 404, "");
    let message = OutboundMessage {
        content: "Onderweg!".into(),
        ..OutboundMessage::default()
    };
    assert_eq!(plugin().send(&message, "key").unwrap().external_id, "43");
    assert_eq!(plugin().find_sent("key").unwrap(), None);
    let sent = &testing::requests()[0];
    assert!(
        sent.headers
            .contains(&("idempotency-key".into(), "key".into()))
    );
}

#[test]
fn a_refused_token_is_the_admins_to_renew() {
    testing::respond("GET", "https://api.example.org/v1/me", 401, "");
    assert!(matches!(plugin().check(), Err(PluginError::AuthExpired(_))));
}
