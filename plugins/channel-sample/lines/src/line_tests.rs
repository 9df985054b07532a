//! Scenarios for [`super::parse`]: every type of line, the defaults, and what is refused and how.

use proptest::prelude::*;

use super::*;

const FULL: &str = r#"{"id":"a-2","type":"Create","published":"2026-03-02T09:15:00+01:00",
 "object":{"id":"m-2","context":"m-1","inReplyTo":"m-1","ancestors":["m-1"],
 "attributedTo":{"id":"p-1","handle":"lotte","name":"Lotte","url":"https://social.example/lotte",
 "followers":123,"verified":true,"kind":"person"},"published":"2026-03-02T08:14:00Z",
 "updated":"2026-03-02T08:14:30Z","name":"Koude","content":"Al twee dagen kou 🥶 #zonnewind",
 "language":"nl","url":"https://social.example/m-2","visibility":"semi-private",
 "reach":"third-party","tag":["zonnewind"],"mention":[{"id":"brand","handle":"zonnewind"}],
 "attachment":[{"kind":"image","url":"https://media.example/1.jpg","mediaType":"image/jpeg","alt":"thermostaat"}]}}"#;

fn created(text: &str) -> Message {
    match parse(text).unwrap().object {
        ActivityObject::Create(message) => message,
        other => panic!("{other:?}"),
    }
}

fn fault(text: &str) -> Fault {
    parse(text).unwrap_err()
}

#[test]
fn reads_every_field_of_a_message() {
    let activity = parse(FULL).unwrap();
    assert_eq!(
        (activity.id.as_str(), activity.published),
        ("a-2", 1_772_439_300_000)
    );
    let message = created(FULL);
    assert_eq!(message.external_id, "m-2");
    assert_eq!(message.conversation_external_id.as_deref(), Some("m-1"));
    assert_eq!(message.in_reply_to.as_deref(), Some("m-1"));
    assert_eq!(message.ancestors, ["m-1"]);
    assert_eq!(message.attributed_to.display_name.as_deref(), Some("Lotte"));
    assert_eq!(message.attributed_to.follower_count, Some(123));
    assert!(message.attributed_to.verified);
    assert_eq!(message.attributed_to.kind, ActorKind::Person);
    assert_eq!(message.published, activity.published - 60_000);
    assert_eq!(message.updated, Some(activity.published - 30_000));
    assert_eq!(message.title.as_deref(), Some("Koude"));
    assert_eq!(message.content, "Al twee dagen kou 🥶 #zonnewind");
    assert_eq!(message.language.as_deref(), Some("nl"));
    assert_eq!(
        (message.visibility, message.reach),
        (Visibility::SemiPrivate, Reach::ThirdParty)
    );
    assert_eq!(message.tags, ["zonnewind"]);
    assert_eq!(message.mentions[0].handle.as_deref(), Some("zonnewind"));
    assert_eq!(
        message.attachments[0].alt_text.as_deref(),
        Some("thermostaat")
    );
}

#[test]
fn the_least_line_gets_sensible_defaults() {
    let text = r#"{"id":"a","type":"Create","published":"2026-03-02T08:15:00Z",
        "object":{"id":"m","attributedTo":{"id":"p"},"content":"Goedemorgen"}}"#;
    let message = created(text);
    assert_eq!(message.published, 1_772_439_300_000);
    assert_eq!(message.updated, None);
    assert_eq!(
        (message.visibility, message.reach),
        (Visibility::Public, Reach::Directed)
    );
    assert_eq!(message.attributed_to.kind, ActorKind::Unknown);
    assert!(message.tags.is_empty() && message.conversation_external_id.is_none());
}

#[test]
fn an_update_is_dated_by_its_activity() {
    let text = r#"{"id":"a-u1","type":"Update","published":"2026-03-02T08:20:00Z","object":{"id":"m",
        "published":"2026-03-02T08:15:00Z","attributedTo":{"id":"p"},"content":"Good morning"}}"#;
    let ActivityObject::Update(message) = parse(text).unwrap().object else {
        panic!("{text}")
    };
    assert_eq!(message.updated, Some(message.published + 300_000));
}

#[test]
fn reads_what_is_not_a_message() {
    let at = r#""published":"2026-03-02T08:15:00Z""#;
    let delete = parse(&format!(
        r#"{{"id":"a","type":"Delete",{at},"object":{{"id":"m"}}}}"#
    ));
    let expected = Tombstone {
        external_id: "m".into(),
        deleted: 1_772_439_300_000,
    };
    assert_eq!(delete.unwrap().object, ActivityObject::Delete(expected));
    let who = r#""attributedTo":{"id":"p","kind":"organization"}"#;
    for (kind, is_announce) in [("Like", false), ("Announce", true)] {
        let text = format!(r#"{{"id":"a","type":"{kind}",{at},{who},"object":"m"}}"#);
        match parse(&text).unwrap().object {
            ActivityObject::Announce(r) if is_announce => assert_eq!(r.object, "m"),
            ActivityObject::Like(r) if !is_announce => assert_eq!(r.attributed_to.external_id, "p"),
            other => panic!("{other:?}"),
        }
    }
    let follow = parse(&format!(r#"{{"id":"a","type":"Follow",{at},{who}}}"#)).unwrap();
    let ActivityObject::Follow(actor) = follow.object else {
        panic!("{follow:?}")
    };
    assert_eq!(actor.kind, ActorKind::Organization);
}

#[test]
fn a_fault_names_the_field_and_the_remedy() {
    for (from, to, field, message, remedy) in [
        (
            r#""id":"p-1","#,
            "",
            "object.attributedTo.id",
            "is missing",
            "add id",
        ),
        (
            r#""handle":"lotte""#,
            r#""handel":"lotte""#,
            "object.attributedTo.handel",
            "unknown field `handel`",
            "correct its name",
        ),
        (
            "2026-03-02T08:14:00Z",
            "2 maart",
            "object.published",
            "`2 maart`",
            "RFC 3339",
        ),
        (
            "2026-03-02T09:15:00+01:00",
            "2026-13-40T00:00:00Z",
            "published",
            "not a time",
            "RFC 3339",
        ),
        (
            r#""semi-private""#,
            r#""secret""#,
            "object.visibility",
            "unknown variant",
            "values named",
        ),
        (
            "123",
            "-1",
            "object.attributedTo.followers",
            "invalid value",
            "kind that the format",
        ),
        (
            "Create",
            "Shout",
            "type",
            "unknown variant `Shout`",
            "values named",
        ),
        (
            r#""tag":["zonnewind"]"#,
            r##""tag":["ok","#zonnewind"]"##,
            "object.tag[1]",
            "not a tag",
            "without #",
        ),
        (
            r#""language":"nl""#,
            r#""language":"het nederlands""#,
            "object.language",
            "not a language tag",
            "BCP 47",
        ),
        (
            "https://media.example",
            "javascript:x",
            "object.attachment[0].url",
            "not a web address",
            "https://",
        ),
        (
            r#""id":"m-2""#,
            r#""id":"""#,
            "object.id",
            "is empty",
            "512",
        ),
        (r#""id":"a-2","#, "", "id", "is missing", "add id"),
    ] {
        let text = FULL.replace(from, to);
        assert_ne!(text, FULL, "{from}");
        let fault = fault(&text);
        assert_eq!(fault.field, field, "{fault:?}");
        assert!(fault.message.contains(message), "{fault:?}");
        assert!(fault.remedy.contains(remedy), "{fault:?}");
    }
}

#[test]
fn broken_json_is_placed() {
    for text in [
        "",
        "{",
        "nothing",
        r#"{"id":"a""#,
        "{} {}",
        "null",
        r#"["a","Follow","2026-03-02T08:15:00Z",{"id":"p"},null]"#,
    ] {
        let fault = fault(text);
        assert!(
            !fault.message.is_empty() && !fault.remedy.is_empty(),
            "{text}: {fault:?}"
        );
    }
    assert!(
        fault(&format!("{} x", FULL))
            .message
            .contains("trailing characters")
    );
    let deep = FULL.replace("\"zonnewind\"}]", &"[".repeat(5000));
    assert!(
        fault(&deep).message.contains("recursion limit"),
        "{:?}",
        fault(&deep)
    );
}

#[test]
fn what_does_not_belong_to_the_type_is_refused() {
    let at = r#""published":"2026-03-02T08:15:00Z""#;
    for (line, field) in [
        (format!(r#"{{"id":"a","type":"Create",{at}}}"#), "object"),
        (
            format!(r#"{{"id":"a","type":"Like",{at},"object":"m"}}"#),
            "attributedTo",
        ),
        (
            format!(
                r#"{{"id":"a","type":"Like",{at},"attributedTo":{{"id":"p"}},"object":{{"id":"m"}}}}"#
            ),
            "object",
        ),
        (
            format!(
                r#"{{"id":"a","type":"Follow",{at},"attributedTo":{{"id":"p"}},"object":"m"}}"#
            ),
            "object",
        ),
        (
            format!(
                r#"{{"id":"a","type":"Delete",{at},"attributedTo":{{"id":"p"}},"object":{{"id":"m"}}}}"#
            ),
            "attributedTo",
        ),
        (
            format!(r#"{{"id":"a","type":"Delete",{at},"object":{{"id":"m","content":"x"}}}}"#),
            "object.content",
        ),
    ] {
        assert_eq!(fault(&line).field, field, "{line}");
    }
}

#[test]
fn the_limits_of_the_contract_hold() {
    let with = |field: &str, value: String| {
        FULL.replace(r#""name":"Koude""#, r#""name":"""#).replace(
            r#""reach":"third-party","#,
            &format!(r#""reach":"third-party",{field}{value},"#),
        )
    };
    let long = |n: usize| "é".repeat(n / 2);
    let text = FULL.replace("Al twee dagen", &long(65_600));
    assert_eq!(fault(&text).field, "object.content");
    assert!(parse(&FULL.replace("Al twee dagen", &long(65_000))).is_ok());
    assert_eq!(
        fault(&FULL.replace("\"m-2\"", &format!("{:?}", long(514)))).field,
        "object.id"
    );
    assert_eq!(
        fault(&FULL.replace("Koude", &long(1026))).field,
        "object.name"
    );
    let tags = format!("{:?}", vec!["t"; 65]);
    assert_eq!(
        fault(&FULL.replace(r#"["zonnewind"]"#, &tags)).field,
        "object.tag"
    );
    let ids = format!("{:?}", vec!["m"; 65]);
    assert_eq!(
        fault(&FULL.replace(r#"["m-1"]"#, &ids)).field,
        "object.ancestors"
    );
    let huge = fault(&with("\"", format!("{}\":1", "x".repeat(5000))));
    assert!(huge.message.chars().count() <= FAULT_CHARS && huge.field.len() <= FAULT_CHARS);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,300}") {
        let _ = parse(&text);
    }

    /// A valid line cut or altered anywhere gives an activity or a fault, never a panic.
    #[test]
    fn altered_lines_never_panic(at in 0usize..FULL.len(), put in "[\\PC\"{}\\[\\],:\\\\0-9]{0,4}") {
        let at = (0..=at).rev().find(|&i| FULL.is_char_boundary(i)).unwrap_or(0);
        let _ = parse(&FULL[..at]);
        let _ = parse(&format!("{}{put}{}", &FULL[..at], &FULL[at..]));
    }

    #[test]
    fn any_content_comes_through_unchanged(content in any::<String>()) {
        let line = serde_json::json!({"id": "a", "type": "Create", "published": "2026-03-02T08:15:00Z",
            "object": {"id": "m", "attributedTo": {"id": "p"}, "content": content}});
        prop_assert_eq!(created(&line.to_string()).content, content);
    }
}

/// The demo's stream is what this format is for, so it is read here.
#[test]
fn every_activity_of_the_demo_is_read() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../examples/demo/stream.jsonl"
    );
    let stream = std::fs::read_to_string(path).unwrap();
    let mut activities = 0;
    for (index, text) in stream.lines().enumerate() {
        let event: Value = serde_json::from_str(text).unwrap();
        if event["type"] == "activity" {
            let read = parse(&event["activity"].to_string());
            assert!(read.is_ok(), "line {}: {read:?}", index + 1);
            activities += 1;
        }
    }
    assert!(activities >= 420, "{activities}");
}
