//! The networks' own published examples, and what is not quite them.

use super::*;
use data_encoding::BASE64;

const NOW: TimestampMs = 1_700_000_000_000;

fn guard(webhook: &str, secret: &str) -> Guard {
    let manifest = Manifest::parse(&format!(
        r#"
        id = "channel-x"
        name = "X"
        version = "0.1.0"
        kind = "channel"
        network = "x"
        publisher = "P"
        licence = "Apache-2.0"
        contract = "1.0.0"
        description = "d"
        [[secrets]]
        name = "signing"
        description = "s"
        [[secrets]]
        name = "token"
        description = "t"
        hosts = {}
        in = {}
        [webhook]
        secret = "signing"
        {webhook}
        "#,
        if webhook.contains("verify-token") {
            "[]"
        } else {
            "[\"https://x.example\"]"
        },
        if webhook.contains("verify-token") {
            "[]"
        } else {
            "[\"header\"]"
        },
    ))
    .unwrap();
    let secrets = BTreeMap::from([
        ("signing".to_owned(), secret.to_owned()),
        ("token".to_owned(), "verify-me".to_owned()),
    ]);
    let url = Some("https://crm.example/webhooks/x");
    Guard::new(&manifest, &secrets, url).unwrap().unwrap()
}

fn request(headers: &[(&str, &str)], body: &str) -> WebhookRequest {
    WebhookRequest {
        method: "POST".into(),
        path: String::new(),
        query: String::new(),
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

const HUB: &str = "scheme = \"hmac-sha256\"\nheader = \"x-hub-signature-256\"\n\
                   encoding = \"hex\"\nprefix = \"sha256=\"";
/// From GitHub's documentation on validating deliveries.
const GITHUB: (&str, &str, &str) = (
    "It's a Secret to Everybody",
    "Hello, World!",
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
);

#[test]
fn github_and_meta_sign_the_body() {
    let guard = guard(HUB, GITHUB.0);
    let signed = |signature, body| request(&[("x-hub-signature-256", signature)], body);
    let good = signed(GITHUB.2, GITHUB.1);
    assert_eq!(guard.check(&good, NOW), Ok(Admitted::Pass));
    let wrong = Err(Refused::Wrong);
    assert_eq!(guard.check(&signed(GITHUB.2, "Hello, World?"), NOW), wrong);
    assert_eq!(guard.check(&signed(&GITHUB.2[7..], GITHUB.1), NOW), wrong);
    assert_eq!(guard.check(&signed("sha256=zz", GITHUB.1), NOW), wrong);
    assert_eq!(guard.check(&signed("sha256=", GITHUB.1), NOW), wrong);
    let missing = Err(Refused::Missing);
    assert_eq!(guard.check(&request(&[], GITHUB.1), NOW), missing);
    let header = ("x-hub-signature-256", GITHUB.2);
    let twice = request(&[header, header], GITHUB.1);
    assert_eq!(guard.check(&twice, NOW), missing);
}

#[test]
fn slack_signs_its_time_as_well() {
    let slack = "scheme = \"hmac-sha256\"\nheader = \"x-slack-signature\"\nencoding = \"hex\"\n\
                 prefix = \"v0=\"\nsigned = \"v0:{timestamp}:{body}\"\n\
                 timestamp-header = \"x-slack-request-timestamp\"";
    let guard = guard(slack, "8f742231b10e8888abcd99yyyzzz85a5");
    // From Slack's documentation on verifying requests.
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
        &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
        &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
        %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
        &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let signed = |at: &str| {
        let headers = [
            ("x-slack-signature", signature),
            ("x-slack-request-timestamp", at),
        ];
        request(&headers, body)
    };
    let sent = 1_531_420_618_000;
    for (now, expected) in [
        (sent, Ok(Admitted::Pass)),
        (sent + 300_000, Ok(Admitted::Pass)),
        (sent - 300_000, Ok(Admitted::Pass)),
        (sent + 301_000, Err(Refused::OutOfTime)),
        (sent - 301_000, Err(Refused::OutOfTime)),
    ] {
        assert_eq!(guard.check(&signed("1531420618"), now), expected, "{now}");
    }
    let moved = guard.check(&signed("1531420619"), sent);
    assert_eq!(moved, Err(Refused::Wrong), "the time is signed");
    for odd in ["", "now", "1531420618.5", "99999999999999999999999"] {
        assert_eq!(
            guard.check(&signed(odd), sent),
            Err(Refused::Missing),
            "{odd}"
        );
    }
}

#[test]
fn standard_webhooks_with_the_specifications_example() {
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let secrets = format!("{other}\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let guard = guard("scheme = \"standard-webhooks\"", &secrets);
    let headers = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        (
            "webhook-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];
    let body = r#"{"test": 2432232314}"#;
    let now = 1_614_265_330_000;
    assert_eq!(
        guard.check(&request(&headers, body), now),
        Ok(Admitted::Pass)
    );
    for left_out in 0..headers.len() {
        let mut fewer = headers.to_vec();
        fewer.remove(left_out);
        let missing = guard.check(&request(&fewer, body), now);
        assert_eq!(missing, Err(Refused::Missing));
    }
    let altered = guard.check(&request(&headers, "{}"), now);
    assert_eq!(altered, Err(Refused::Wrong));

    let svix = headers.map(|(name, value)| (name.replace("webhook-", "svix-"), value));
    let svix: Vec<(&str, &str)> = svix.iter().map(|(n, v)| (n.as_str(), *v)).collect();
    let checked = |headers: &[(&str, &str)], body| guard.check(&request(headers, body), now);
    assert_eq!(checked(&svix, body), Ok(Admitted::Pass));
    assert_eq!(checked(&svix, "{}"), Err(Refused::Wrong));
    let both: Vec<_> = headers.iter().chain(&svix).copied().collect();
    assert_eq!(checked(&both, body), Ok(Admitted::Pass));
    let twice: Vec<_> = svix.iter().chain(&svix).copied().collect();
    assert_eq!(checked(&twice, body), Err(Refused::Missing));
    let mixed = [headers[0], headers[1], svix[2]];
    assert_eq!(checked(&mixed, body), Err(Refused::Missing));
    let late = guard.check(&request(&svix, body), now + 301_000);
    assert_eq!(late, Err(Refused::OutOfTime));
}

#[test]
fn secrets_are_taken_as_senders_write_them() {
    // One key, of bytes that the alphabets write differently.
    let key = [0xfb_u8, 0xef, 0xff].repeat(10);
    let written = BASE64.encode(&[&key[..], &[0xff]].concat());
    let bare = written.trim_end_matches('=').to_owned();
    assert_ne!(bare, written);
    let other = bare.replace('+', "-").replace('/', "_");
    let signed = crate::domain::signature::standard_sign(
        &[&key[..], &[0xff]].concat(),
        "msg_1",
        NOW / 1000,
        b"{}",
    );
    let timestamp = (NOW / 1000).to_string();
    let headers = [
        ("svix-id", "msg_1"),
        ("svix-timestamp", timestamp.as_str()),
        ("svix-signature", signed.as_str()),
    ];
    for secret in [
        format!("whsec_{written}"),
        format!("whsec_{bare}"),
        format!("whsec_{other}"),
        other.clone(),
        format!(" whsec_{bare} \r\n"),
    ] {
        let guard = guard("scheme = \"standard-webhooks\"", &secret);
        let checked = guard.check(&request(&headers, "{}"), NOW);
        assert_eq!(checked, Ok(Admitted::Pass), "{secret:?}");
    }
}

#[test]
fn the_address_can_be_signed() {
    let square = "scheme = \"hmac-sha256\"\nheader = \"x-signature\"\nencoding = \"base64\"\n\
                  signed = \"{url}{body}\"";
    let guard = guard(square, "long-enough-secret");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"long-enough-secret");
    let tag = ring::hmac::sign(&key, b"https://crm.example/webhooks/x/sub?a=1body");
    let signature = BASE64.encode(tag.as_ref());
    let mut signed = request(&[("x-signature", &signature)], "body");
    assert_eq!(guard.check(&signed, NOW), Err(Refused::Wrong));
    signed.path = "/sub".into();
    signed.query = "a=1".into();
    assert_eq!(guard.check(&signed, NOW), Ok(Admitted::Pass));
}

#[test]
fn answers_a_handshake_with_the_right_token_only() {
    let hub = format!("{HUB}\nhandshake = \"hub-challenge\"\nverify-token = \"token\"");
    let guard = guard(&hub, GITHUB.0);
    let get = |query: &str| {
        let mut request = request(&[], "");
        request.method = "GET".into();
        request.query = query.into();
        guard.check(&request, NOW)
    };
    let good = "hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444";
    assert_eq!(get(good), Ok(Admitted::Challenge("1158201444".into())));
    for (from, to) in [
        ("verify-me", "verify-us"),
        ("verify-me", ""),
        ("subscribe", "unsubscribe"),
        ("1158201444", "%3Cscript%3E%20"),
        ("1158201444", ""),
        ("hub.verify_token", "token"),
    ] {
        assert_eq!(
            get(&good.replace(from, to)),
            Err(Refused::Handshake),
            "{to}"
        );
    }
    assert_eq!(get(""), Err(Refused::Handshake));
}

#[test]
fn secrets_are_needed_unless_optional() {
    let manifest = |optional| {
        let text = format!(
            "id = \"x\"\nname = \"X\"\nversion = \"0.1.0\"\nkind = \"channel\"\nnetwork = \"x\"\n\
             publisher = \"P\"\nlicence = \"L\"\ncontract = \"1.0.0\"\ndescription = \"d\"\n\
             [[secrets]]\nname = \"signing\"\ndescription = \"s\"\n\
             [webhook]\nscheme = \"standard-webhooks\"\nsecret = \"signing\"\noptional = {optional}"
        );
        Manifest::parse(&text).unwrap()
    };
    let none = BTreeMap::new();
    let refused = Guard::new(&manifest(false), &none, None).err().unwrap();
    assert!(refused.contains("`signing`"), "{refused}");
    let open = Guard::new(&manifest(true), &none, None).unwrap().unwrap();
    assert_eq!(open.check(&request(&[], "{}"), NOW), Ok(Admitted::Pass));
    for bad in [
        "",
        "not base64!",
        "whsec_AAAA",
        "whpk_AAAAAAAAAAAAAAAAAAAA",
        &"whsec_AAAAAAAAAAAA\n".repeat(5),
    ] {
        let secrets = BTreeMap::from([("signing".to_owned(), bad.to_owned())]);
        let refused = Guard::new(&manifest(true), &secrets, None).err().unwrap();
        assert!(refused.contains("secrets.signing"), "{refused}");
    }
}
