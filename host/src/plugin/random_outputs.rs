//! What a plugin may return, at random and mostly wrong: texts with control characters, NULs and
//! right-to-left marks, as long as a limit or one character longer; offsets inside a character; times
//! before and after all time; lists over their limits. For tests only.

mod judged;

pub use judged::{CONTENT, case, checked, classifications, effects, rules};

use super::limits;
use super::wire::{channel_types as wc, common, social as ws};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// Sizes in bytes at which a text is cut or refused.
const SIZES: [usize; 11] = [
    35,
    64,
    128,
    256,
    limits::EXTERNAL_ID_BYTES,
    limits::TEXT_BYTES,
    limits::URL_BYTES,
    limits::EXTRA_VALUE_BYTES,
    limits::CURSOR_BYTES,
    limits::CONTENT_BYTES,
    2 * limits::CONTENT_BYTES,
];

/// Texts that somebody means harm with.
const BAD: [&str; 12] = [
    "",
    "\0",
    "a\0b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}txt.exe\u{2066}",
    "line\r\nx-evil: 1",
    "\u{feff}\u{fffd}\u{d7ff}\u{e000}\u{10ffff}",
    "\\ud800",
    "e\u{301}\u{1f468}\u{200d}\u{1f469}",
    "\u{85}\u{7f}\u{9f}",
    "'; DROP TABLE message; --",
    "<script>alert(1)</script>",
];

pub fn text() -> BoxedStrategy<String> {
    let long = (
        select(&SIZES),
        0..3usize,
        select(vec!['x', 'é', '𝄞', '\0', '\u{202e}']),
    );
    prop_oneof![
        6 => "[a-z]{1,12}",
        3 => any::<String>(),
        3 => select(&BAD).prop_map(String::from),
        // One too few, just right, one too many.
        1 => long.prop_map(|(size, more, c)| {
            let count = (size / c.len_utf8() + more).saturating_sub(1);
            std::iter::repeat_n(c, count).collect()
        }),
    ]
    .boxed()
}

fn id() -> BoxedStrategy<String> {
    prop_oneof![40 => "[a-z0-9:/]{1,12}", 1 => text()].boxed()
}

fn url() -> BoxedStrategy<String> {
    prop_oneof![
        2 => "https://[a-z]{1,8}\\.example/[a-z?#é]{0,8}",
        1 => text(),
        1 => text().prop_map(|rest| format!("https://example.org/{rest}")),
        1 => select(vec!["javascript:alert(1)", "data:text/html,x", "https://", "HTTPS://é.example/", "http://a@b:99999/", "file:///etc/passwd"]).prop_map(String::from),
    ].boxed()
}

fn time() -> BoxedStrategy<i64> {
    prop_oneof![
        4 => 1_600_000_000_000..1_800_000_000_000i64,
        1 => any::<i64>(),
        1 => select(vec![i64::MIN, -1, 0, i64::MAX]),
    ]
    .boxed()
}

fn count() -> BoxedStrategy<u64> {
    prop_oneof![0..100_000u64, any::<u64>(), Just(u64::MAX)].boxed()
}

/// Few, or as many as the limit and a few more.
fn some<T: std::fmt::Debug + Clone + 'static>(
    of: impl Strategy<Value = T> + 'static,
    limit: usize,
) -> BoxedStrategy<Vec<T>> {
    let few = vec(of, 0..3);
    (few, prop_oneof![20 => Just(0), 1 => limit - 1..limit + 3])
        .prop_map(|(few, many)| match few.is_empty() {
            true => few,
            false => few
                .iter()
                .cycle()
                .take(many.max(few.len()))
                .cloned()
                .collect(),
        })
        .boxed()
}

fn extra() -> BoxedStrategy<Vec<(String, String)>> {
    some((text(), text()), limits::EXTRA).boxed()
}

fn actor() -> BoxedStrategy<ws::Actor> {
    let kinds = select(vec![
        ws::ActorKind::Person,
        ws::ActorKind::Organization,
        ws::ActorKind::Service,
        ws::ActorKind::Unknown,
    ]);
    let texts = (id(), of(text()), of(text()), of(url()), of(url()));
    (texts, of(count()), any::<bool>(), kinds, extra())
        .prop_map(
            |(
                (external_id, handle, display_name, profile_url, avatar_url),
                follower_count,
                verified,
                kind,
                extra,
            )| ws::Actor {
                external_id,
                handle,
                display_name,
                profile_url,
                avatar_url,
                follower_count,
                verified,
                kind,
                extra,
            },
        )
        .boxed()
}

fn offsets() -> BoxedStrategy<(u32, u32)> {
    prop_oneof![3 => (0..12u32, 0..12u32), 1 => (any::<u32>(), any::<u32>()), 1 => Just((u32::MAX, 0))].boxed()
}

fn mention() -> BoxedStrategy<ws::Mention> {
    (id(), of(text()), of(offsets()))
        .prop_map(|(actor_external_id, handle, span)| ws::Mention {
            actor_external_id,
            handle,
            span: span.map(|(start, end)| common::Span { start, end }),
        })
        .boxed()
}

fn attachment() -> BoxedStrategy<ws::Attachment> {
    use ws::AttachmentKind::{Audio, Document, Image, Link, Video};
    let kinds = select(vec![Image, Video, Audio, Document, Link]);
    (
        kinds,
        url(),
        of(text()),
        of(text()),
        of(text()),
        of(count()),
    )
        .prop_map(
            |(kind, url, media_type, alt_text, title, size_bytes)| ws::Attachment {
                kind,
                url,
                media_type,
                alt_text,
                title,
                size_bytes,
            },
        )
        .boxed()
}

fn visibility() -> BoxedStrategy<ws::Visibility> {
    select(vec![
        ws::Visibility::Public,
        ws::Visibility::SemiPrivate,
        ws::Visibility::Direct,
    ])
    .boxed()
}

fn message() -> BoxedStrategy<ws::Message> {
    let ids = (id(), of(id()), of(id()), some(id(), limits::ANCESTORS));
    let texts = (of(text()), text(), of(text()), of(url()), of(text()));
    let reach = select(vec![
        ws::Reach::Directed,
        ws::Reach::Searched,
        ws::Reach::ThirdParty,
    ]);
    let lists = (
        some(text(), limits::TAGS),
        some(mention(), limits::MENTIONS),
        some(attachment(), limits::ATTACHMENTS),
        extra(),
    );
    (
        ids,
        actor(),
        time(),
        of(time()),
        texts,
        visibility(),
        reach,
        lists,
    )
        .prop_map(
            |(ids, attributed_to, published, updated, texts, visibility, reach, lists)| {
                ws::Message {
                    external_id: ids.0,
                    conversation_external_id: ids.1,
                    in_reply_to: ids.2,
                    ancestors: ids.3,
                    attributed_to,
                    published,
                    updated,
                    title: texts.0,
                    content: texts.1,
                    language: texts.2,
                    url: texts.3,
                    visibility,
                    reach,
                    tags: lists.0,
                    mentions: lists.1,
                    attachments: lists.2,
                    monitor: texts.4,
                    extra: lists.3,
                }
            },
        )
        .boxed()
}

fn activity() -> BoxedStrategy<ws::Activity> {
    let reaction = || {
        (actor(), id()).prop_map(|(attributed_to, object)| ws::Reaction {
            attributed_to,
            object,
        })
    };
    let object = prop_oneof![
        4 => message().prop_map(ws::ActivityObject::Create),
        2 => message().prop_map(ws::ActivityObject::Update),
        1 => (id(), time()).prop_map(|(external_id, deleted)| ws::ActivityObject::Delete(ws::Tombstone { external_id, deleted })),
        1 => reaction().prop_map(ws::ActivityObject::Announce),
        1 => reaction().prop_map(ws::ActivityObject::Like),
        1 => actor().prop_map(ws::ActivityObject::Follow),
    ];
    (id(), time(), object)
        .prop_map(|(id, published, object)| ws::Activity {
            id,
            published,
            object,
        })
        .boxed()
}

pub fn activities() -> BoxedStrategy<Vec<ws::Activity>> {
    vec(activity(), 0..6).boxed()
}

pub fn account() -> BoxedStrategy<wc::Account> {
    (
        actor(),
        any::<[bool; 3]>(),
        vec(visibility(), 0..20),
        extra(),
    )
        .prop_map(|(actor, can, send_visibilities, extra)| wc::Account {
            actor,
            can_poll: can[0],
            can_receive: can[1],
            can_send: can[2],
            send_visibilities,
            extra,
        })
        .boxed()
}

pub fn page() -> BoxedStrategy<wc::Page> {
    (activities(), text(), any::<bool>(), of(count()))
        .prop_map(|(activities, cursor, more, next_poll_ms)| wc::Page {
            activities,
            cursor,
            more,
            next_poll_ms,
        })
        .boxed()
}

pub fn webhook() -> BoxedStrategy<wc::WebhookResult> {
    let header = (text(), text()).prop_map(|(name, value)| wc::Header { name, value });
    let body = prop_oneof![4 => vec(any::<u8>(), 0..16), 1 => (0..3usize).prop_map(|n| vec![0; limits::WEBHOOK_BODY_BYTES + n - 1])];
    let status = prop_oneof![3 => 200..600u16, 1 => any::<u16>()];
    (activities(), status, some(header, 32), body)
        .prop_map(|(activities, status, headers, body)| wc::WebhookResult {
            activities,
            response: wc::WebhookResponse {
                status,
                headers,
                body,
            },
        })
        .boxed()
}

pub fn receipt() -> BoxedStrategy<wc::Receipt> {
    (id(), of(url()), time())
        .prop_map(|(external_id, url, published)| wc::Receipt {
            external_id,
            url,
            published,
        })
        .boxed()
}

pub fn plugin_error() -> BoxedStrategy<common::PluginError> {
    use common::PluginError as E;
    let delay = || {
        (of(count()), text()).prop_map(|(delay_ms, message)| common::Delay { delay_ms, message })
    };
    prop_oneof![
        delay().prop_map(E::RetryAfter),
        delay().prop_map(E::RateLimited),
        text().prop_map(E::AuthExpired),
        text().prop_map(E::InvalidInput),
        text().prop_map(E::Unsupported),
        text().prop_map(E::Permanent),
    ]
    .boxed()
}
