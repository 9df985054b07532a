//! What is known is taken out of answers, in every form, in one pass.

use super::*;
use std::time::{Duration, Instant};

#[test]
fn known_values_are_taken_out_in_every_form_and_only_where_they_go() {
    let store = store();
    log_in(&store);
    let base64 = data_encoding::BASE64.encode(format!("user:{PASSWORD}").as_bytes());
    let unicode: String = TOKEN
        .encode_utf16()
        .map(|u| format!("\\u{u:04x}"))
        .collect();
    for (text, part) in [
        (format!("you sent {TOKEN}, {TOKEN}"), "eyJhbGci"),
        (json!({ "said": PASSWORD }).to_string(), "geheim"),
        (
            json!({ "said": PASSWORD }).to_string().replace('/', "\\/"),
            "geheim",
        ),
        (
            format!("{{\"said\":\"{unicode}\",\"n\":12345678901234567890123}}"),
            "u0065",
        ),
        ("?p=p%22w-geheim%2F%2B0123".to_owned(), "geheim"),
        ("?p=p%22w%2dgeheim%2f%2b0123".to_owned(), "geheim"),
        (format!("Basic {base64}"), &base64[8..20]),
        (data_encoding::HEXUPPER.encode(TOKEN.as_bytes()), "65794A"),
        ("p&quot;w-geheim/+0123".to_owned(), "geheim"),
    ] {
        let said = seen(
            &store,
            "/api/echo",
            answer(200, "text/plain", text.as_bytes()),
        )
        .unwrap();
        assert!(
            !said.contains(part) && said.contains("rapport-secret:"),
            "{text}: {said}"
        );
        if text.contains("\"n\"") {
            assert!(
                said.contains("12345678901234567890123"),
                "numbers stay as they are"
            );
        }
    }
    let honest = r#"{"text":"geheim? \"nee\" \u00e9","n":1.10}"#;
    let said = seen(
        &store,
        "/api/x",
        answer(200, "application/json", honest.as_bytes()),
    );
    assert!(said.unwrap().ends_with(honest));
    // What goes to one server is looked for in the answers of no other: a guest could ask there
    // whether it has guessed it.
    let away = origin("https://plain.example");
    let guess = answer(
        200,
        "text/plain",
        format!("{PASSWORD} pl-98765 \u{e9}").as_bytes(),
    );
    let said = store.receive(&away, "/", guess).unwrap();
    let said = String::from_utf8(said.body).unwrap();
    assert!(
        said.contains(PASSWORD) && !said.contains("pl-98765"),
        "{said}"
    );
    let image = store.receive(&away, "/", answer(200, "image/png", &[0x89, b'P', 0, 0xff]));
    assert_eq!(
        image.unwrap().body,
        [0x89, b'P', 0, 0xff],
        "no captures there: any body"
    );
}

#[test]
fn a_captured_value_of_a_servers_choice_uncovers_no_other() {
    let store = store();
    // It overlaps with the password in what the server says next.
    let body = json!({"token": "sent p\"w-ge"}).to_string();
    seen(
        &store,
        "/api/login",
        answer(200, "application/json", body.as_bytes()),
    )
    .unwrap();
    let echo = format!("you sent {PASSWORD}!");
    let said = seen(
        &store,
        "/api/echo",
        answer(200, "text/plain", echo.as_bytes()),
    )
    .unwrap();
    assert!(!said.contains("heim") && !said.contains("0123"), "{said}");
}

#[test]
fn a_token_that_was_renewed_is_still_taken_out() {
    let store = store();
    log_in(&store);
    let body = json!({"token": "a-newer-token-0123"}).to_string();
    seen(
        &store,
        "/api/login",
        answer(200, "application/json", body.as_bytes()),
    )
    .unwrap();
    let echo = format!("{TOKEN} a-newer-token-0123");
    let said = seen(
        &store,
        "/api/echo",
        answer(200, "text/plain", echo.as_bytes()),
    )
    .unwrap();
    assert!(
        !said.contains("eyJhbGci") && !said.contains("newer"),
        "{said}"
    );
}

#[test]
fn hostile_values_and_answers_take_time_in_proportion_to_their_size() {
    let store = store();
    let large = json!({"token": "a".repeat(2 << 20)}).to_string();
    let refused = seen(
        &store,
        "/api/login",
        answer(200, "application/json", large.as_bytes()),
    );
    assert!(refused.unwrap_err().contains("262144 bytes"));
    let longer = json!({"token": "a".repeat(limits::CAPTURED_BYTES + 1)}).to_string();
    let refused = seen(
        &store,
        "/api/login",
        answer(200, "application/json", longer.as_bytes()),
    );
    assert!(refused.unwrap_err().contains("8192 bytes"));
    assert_eq!(store.reference("token"), None);

    let token = format!("{}b", "a".repeat(limits::CAPTURED_BYTES - 1));
    let body = json!({ "token": token }).to_string();
    seen(
        &store,
        "/api/login",
        answer(200, "application/json", body.as_bytes()),
    )
    .unwrap();
    let begun = Instant::now();
    let flood = answer(200, "text/plain", &vec![b'a'; 1 << 20]);
    seen(&store, "/api/echo", flood).unwrap();
    let took = begun.elapsed();
    // Length times length is minutes.
    assert!(took < Duration::from_secs(60), "{took:?}");
    let grown = "k-0123456789".repeat(300_000);
    let refused = seen(
        &store,
        "/api/echo",
        answer(200, "text/plain", grown.as_bytes()),
    );
    assert!(refused.unwrap_err().contains("too large"));
}
