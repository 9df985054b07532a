//! Whole documents, in the shapes of many generators and from real ones, read to messages.
//! The documents are in `tests/fixtures`.

use std::collections::BTreeMap;

use rapport_sdk::social::{ActivityObject, ActorKind, AttachmentKind, Message, Reach, Visibility};
use url::Url;

use crate::changes::{Context, changes};
use crate::feed;
use crate::identity::Habits;
use crate::memory::Seen;

const NOW: i64 = 1_715_000_000_000; // 2024-05-06T12:53:20Z

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/",
            $name
        ))
        .as_slice()
    };
}

/// Reads a document as a first poll would, oldest first.
fn read(bytes: &[u8], content_type: Option<&str>) -> Vec<Message> {
    let url = Url::parse("https://feed.example/feed").unwrap();
    let feed = feed::parse(bytes, content_type, &url).unwrap();
    let context = Context {
        feed_id: "f",
        url: &url,
        seen: &Seen::default(),
        habits: &Habits::default(),
        queries: &[],
        now_ms: NOW,
        elsewhere: &BTreeMap::new(),
        allowed: 1000,
    };
    let messages = changes(&feed, &context)
        .activities
        .into_iter()
        .map(|(activity, _)| {
            let ActivityObject::Create(message) = activity.object else {
                panic!()
            };
            assert_eq!(activity.id, message.external_id);
            assert_eq!(
                (message.reach, message.visibility),
                (Reach::ThirdParty, Visibility::Public)
            );
            assert!(message.published <= NOW);
            message
        });
    messages.collect()
}

fn name(message: &Message) -> &str {
    message
        .attributed_to
        .display_name
        .as_deref()
        .unwrap_or_default()
}

#[test]
fn wordpress_post_and_comment_meet() {
    let [post] = read(fixture!("wordpress.xml"), None).try_into().unwrap();
    assert_eq!(post.external_id, "f:https://reisblog.example/?p=1204");
    assert_eq!(
        post.title.as_deref(),
        Some("Drie uur vertraging & geen koffie")
    );
    assert_eq!(
        post.content,
        "Gisteren stond ik drie uur stil op een perron. 😡\n\n> “Er komt zo een bus”\n\nHet perron\n\n\
         Die bus kwam niet. Ik heb geklaagd."
    );
    assert_eq!(
        (name(&post), post.language.as_deref()),
        ("Marloes", Some("nl-NL"))
    );
    assert_eq!(post.attributed_to.external_id, "reisblog.example/marloes");
    assert_eq!(post.tags, ["Trein", "Klachten & lof"]);
    assert_eq!(post.published, 1_714_979_561_000);
    assert!(post.extra.contains(&("comment-count".into(), "2".into())));
    let [comment] = read(fixture!("wordpress-comments.xml"), None)
        .try_into()
        .unwrap();
    assert_eq!(comment.content, "Bij mij ook.\nSchandalig!");
    assert_eq!(
        comment.conversation_external_id,
        post.conversation_external_id
    );
    assert_eq!(
        comment.conversation_external_id.as_deref(),
        Some("https://reisblog.example/2024/05/vertraging/")
    );
}

#[test]
fn forum_posts_of_a_topic_are_one_conversation() {
    let [first, second] = read(fixture!("phpbb.xml"), None).try_into().unwrap();
    assert_eq!((name(&first), name(&second)), ("tailor", "stitcher42"));
    assert_eq!(
        first.conversation_external_id.as_deref(),
        Some("https://forum.example/viewtopic.php?t=12")
    );
    assert_eq!(
        first.conversation_external_id,
        second.conversation_external_id
    );
    assert!(second.content.starts_with("> tailor wrote:Have you tried another needle?\n\nYes, three of them. :-(\n\nIt snaps every time."), "{}", second.content);
    assert_eq!(second.language.as_deref(), Some("en-GB"));

    let [first, second] = read(fixture!("discourse.xml"), None).try_into().unwrap();
    assert_eq!(first.external_id, "f:talk.example-post-812-1");
    assert_eq!(
        first.conversation_external_id.as_deref(),
        Some("https://talk.example/t/app-crasht-na-update/812")
    );
    assert_eq!(
        first.conversation_external_id,
        second.conversation_external_id
    );
    assert!(
        second
            .content
            .contains("> Sinds versie 3 crasht de app.\n\nHier ook :rage:, op Android."),
        "{}",
        second.content
    );
}

#[test]
fn blogger_comment_answers_its_post() {
    let [post, comment] = read(fixture!("blogger.xml"), None).try_into().unwrap();
    assert_eq!(post.title.as_deref(), Some("Tulips & rain"));
    assert_eq!(
        post.content,
        "Rain again.\n\nThe hose I bought from Acme leaks & nobody answers."
    );
    assert_eq!(
        post.attributed_to.external_id,
        "http://www.blogger.example/profile/0042"
    );
    assert_eq!(
        post.attributed_to.avatar_url.as_deref(),
        Some("https://img.blogger.example/b16.gif")
    );
    assert_eq!(post.updated, Some(1_714_901_400_000));
    assert_eq!(comment.in_reply_to.as_ref(), Some(&post.external_id));
    assert_eq!(comment.ancestors, std::slice::from_ref(&post.external_id));
    assert_eq!(
        comment.conversation_external_id,
        post.conversation_external_id
    );
    assert_eq!(comment.attributed_to.external_id, "garden.example/pat");
}

#[test]
fn hugo_keeps_code_and_the_year_one_is_no_date() {
    let [post, undated] = read(fixture!("hugo.xml"), None).try_into().unwrap();
    assert_eq!(post.content, "Kabels die <br> heten.\n\nif x:\n    y()");
    assert_eq!(name(&post), "Lot");
    assert!(post.attributed_to.external_id.starts_with("email-sha256:"));
    assert_eq!(
        (undated.content.as_str(), undated.published),
        ("Over deze site.", NOW)
    );
}

#[test]
fn json_feed_is_read_leniently() {
    let [podcast, note, link] = read(fixture!("jsonfeed.json"), Some("application/feed+json"))
        .try_into()
        .unwrap();
    assert_eq!(note.content, "1 < 2 & dat is zo.\n\nEcht <b>waar</b>.");
    assert_eq!((note.external_id.as_str(), note.tags.len()), ("f:4012", 1));
    assert_eq!(note.attributed_to.external_id, "https://iris.example/about");
    assert_eq!(
        (podcast.language.as_deref(), name(&podcast)),
        (Some("en"), "Gast")
    );
    assert_eq!(podcast.attachments.len(), 1);
    assert_eq!(
        (
            podcast.attachments[0].kind,
            podcast.attachments[0].size_bytes
        ),
        (AttachmentKind::Audio, Some(1_048_576))
    );
    assert_eq!(link.external_id, "f:https://feed.example/4010");
    assert_eq!(
        (link.content.as_str(), link.published),
        ("Een verwijzing", NOW)
    );
}

#[test]
fn old_formats() {
    let [recall] = read(fixture!("rdf.xml"), None).try_into().unwrap();
    assert_eq!(recall.external_id, "f:https://science.example/n/1");
    assert_eq!(recall.content, "The lamp may overheat.");
    assert_eq!(
        (name(&recall), recall.tags.len(), recall.language.as_deref()),
        ("L. Writer", 2, Some("en-US"))
    );
    let [bridge, market] = read(fixture!("rss091.xml"), None).try_into().unwrap();
    assert_eq!(market.external_id, "f:https://dorp.example/markt.html");
    assert!(bridge.external_id.starts_with("f:sha256:"));
    assert_eq!(
        (name(&bridge), bridge.attributed_to.kind),
        ("Dorpsnieuws", ActorKind::Service)
    );
}

#[test]
fn files_come_as_attachments() {
    let messages = read(fixture!("podcast.xml"), None);
    let by_id = |id: &str| messages.iter().find(|m| m.external_id == id).unwrap();
    let sound = by_id("f:praat-1");
    assert_eq!(sound.content, "Over klantenservice.");
    assert_eq!(
        (sound.attachments.len(), sound.attachments[0].url.as_str()),
        (1, "https://praat.example/1.mp3")
    );
    assert_eq!(sound.attachments[0].size_bytes, None);
    let clip = &by_id("f:praat-2").attachments;
    assert_eq!(clip.len(), 1);
    assert_eq!(
        (clip[0].kind, clip[0].media_type.as_deref()),
        (AttachmentKind::Video, Some("video/mp4"))
    );
    assert_eq!(
        (clip[0].title.as_deref(), clip[0].alt_text.as_deref()),
        (Some("De clip"), Some("Iemand belt"))
    );
    assert_eq!(
        by_id("f:praat-3").attachments[0].kind,
        AttachmentKind::Image
    );
}

#[test]
fn wrong_encodings() {
    for header in [
        None,
        Some("text/xml; charset=utf-8"),
        Some("application/rss+xml; charset=ISO-8859-1"),
    ] {
        let [dessert] = read(fixture!("latin1.xml"), header).try_into().unwrap();
        assert_eq!(dessert.title.as_deref(), Some("Crème brûlée – nu € 5"));
        assert_eq!(
            dessert.content,
            "Onze chef: “één per gast”. Geïnteresseerd?"
        );
    }
    let [street] = read(fixture!("utf16.xml"), Some("text/xml; charset=utf-8"))
        .try_into()
        .unwrap();
    assert_eq!(
        (street.title.as_deref(), street.content.as_str()),
        (Some("Größe 😀"), "Straße gesperrt")
    );
}

#[test]
fn broken_xml_is_read_as_far_as_it_goes() {
    let messages = read(fixture!("broken.xml"), None);
    assert_eq!(messages.len(), 2);
    let first = messages.iter().find(|m| m.external_id == "f:k1").unwrap();
    assert_eq!(first.title.as_deref(), Some("Prijs < 5 euro & toch goed €"));
    assert_eq!(first.content, "Regel een\nregel twee vet schuin & klaar");
    assert_eq!(
        first.url.as_deref(),
        Some("https://kapot.example/item?id=1&x=2")
    );
    assert!(
        first
            .extra
            .contains(&("feed-title".into(), "Q&A van R&D".into()))
    );
    let second = messages.iter().find(|m| m.external_id == "f:k2").unwrap();
    assert_eq!(second.content, "Tekst met [31m code");
}

#[test]
fn wrong_dates() {
    let messages = read(fixture!("dates.xml"), None);
    let at = |id: &str| {
        messages
            .iter()
            .find(|m| m.external_id == format!("f:{id}"))
            .unwrap()
            .published
    };
    assert!(
        ["1", "2", "3", "4"]
            .iter()
            .all(|id| at(id) == 1_714_982_400_000)
    );
    assert!(["5", "6", "7"].iter().all(|id| at(id) == NOW));
}

#[test]
fn feeds_of_real_generators_agree() {
    for bytes in [
        fixture!("generated/feedgen-atom.xml"),
        fixture!("generated/feedgen-rss.xml"),
    ] {
        let [battery, saddle] = read(bytes, None).try_into().unwrap();
        assert_eq!(
            battery.external_id,
            "f:https://fietsforum.example/berichten/1"
        );
        assert_eq!(battery.title.as_deref(), Some("Accu leeg na 10 km <help>"));
        assert_eq!(battery.tags, ["accu", "Vraag & antwoord"]);
        assert_eq!(battery.published, 1_714_897_800_000);
        // feedgen writes no enclosures in Atom.
        assert!(
            battery
                .attachments
                .iter()
                .all(|a| a.size_bytes == Some(20_480))
        );
        assert_eq!(saddle.content, "Het zadel zit prima, dank!");
    }
    for bytes in [
        fixture!("generated/pelican-atom.xml"),
        fixture!("generated/pelican-rss.xml"),
    ] {
        let [tyre, brakes] = read(bytes, None).try_into().unwrap();
        assert_eq!((name(&tyre), name(&brakes)), ("Wim Proef", "Ann Sample"));
        assert_eq!(
            tyre.title.as_deref(),
            Some("Lekke band? \"Zo\" plak je hem")
        );
        assert_eq!(
            tyre.content,
            "Een lekke band plak je zo:\n\n- Haal de band eraf\n- Zoek het gat & schuur\n\n> Vergeet de ventieldop niet.\n\nprint(\"<b>\")"
        );
        assert_eq!(brakes.content, "The brakes squeal. Read on.");
    }
    for bytes in [
        fixture!("generated/npm-feed-atom.xml"),
        fixture!("generated/npm-feed-rss.xml"),
        fixture!("generated/npm-feed.json"),
    ] {
        let [cake, soup] = read(bytes, None).try_into().unwrap();
        assert_eq!(soup.content, "Soep\n\nSnijd de ui fijn.\n\n- ui\n- prei");
        assert_eq!(
            (soup.title.as_deref(), cake.content.as_str()),
            (Some("Soep van <de> dag"), "Taart 🎂 voor wie jarig is")
        );
        assert_eq!(soup.external_id, "f:https://keuken.example/soep");
        assert_eq!(soup.tags, ["soep", "winter"]);
    }
    for bytes in [
        fixture!("generated/hexo-atom.xml"),
        fixture!("generated/hexo-rss.xml"),
    ] {
        let [slugs] = read(bytes, None).try_into().unwrap();
        assert_eq!(slugs.title.as_deref(), Some("Slakken & sla"));
        assert!(
            slugs.content.starts_with("De slakken eten alles op."),
            "{}",
            slugs.content
        );
        assert!(
            slugs.content.contains("if (slak < 3) { wacht(); }"),
            "{}",
            slugs.content
        );
        assert_eq!(slugs.published, 1_714_763_700_000);
    }
}

mod hostile;
mod odd;
