//! What a poll does. Where the host refuses, the refusal is handed on as a plugin error, unless the
//! act is a quiet one.

use super::{Settings, deletion, page};
use rapport_sdk::channel::Page;
use rapport_sdk::common::PluginError;
use rapport_sdk::http::{Error, Request, Response, send};
use rapport_sdk::social::{ActivityObject, Reaction};
use rapport_sdk::{Channel, clock, secrets, state};
use serde_json::{Value, json};

/// Larger than any state value, in bytes; as keys they are larger than the whole state.
const LARGE_BYTES: usize = 8 << 20;

fn failed(error: Error) -> PluginError {
    PluginError::Permanent(error.to_string())
}

fn report(seen: Value) -> Result<Page, PluginError> {
    Ok(page(Vec::new(), seen.to_string()))
}

fn seen(response: &Response) -> Value {
    json!({
        "status": response.status,
        "location": response.header("location"),
        "echoed": response.header("x-echo"),
        "size_bytes": response.body.len(),
        "body": String::from_utf8_lossy(&response.body[..response.body.len().min(4096)]),
    })
}

fn fetch(request: &Request) -> Result<Page, PluginError> {
    report(seen(&send(request).map_err(failed)?))
}

fn bearer() -> Result<String, PluginError> {
    let reference = secrets::reference("token");
    let reference = reference.ok_or_else(|| PluginError::AuthExpired("no token".into()))?;
    Ok(format!("Bearer {reference}"))
}

/// What `configure` does.
pub fn configure(act: &str) -> Result<(), String> {
    match act {
        "configure-loop" => loop {
            std::hint::spin_loop();
        },
        "configure-sleep" => {
            std::thread::sleep(std::time::Duration::from_secs(3600));
            Ok(())
        }
        "configure-trap" => panic!("configure-trap, as told"),
        "configure-refuse" => Err("do: I refuse".to_owned()),
        _ => Ok(()),
    }
}

/// Acts as the setting says.
pub fn perform(settings: &Settings) -> Result<Page, PluginError> {
    let address = settings.address.as_str();
    let other = settings.other.as_str();
    match settings.act.as_str() {
        "outside" => fetch(&Request::get("https://outside.example/")),
        "outside-quiet" => {
            let outcome = send(&Request::get("https://outside.example/"));
            report(json!({ "failed": outcome.err().map(|e| e.to_string()) }))
        }
        "local" | "redirect" | "huge" | "slow-drip" | "stall" => {
            fetch(&Request::get(format!("{address}/{}", settings.act)))
        }
        "upload" => fetch(&Request {
            method: "POST",
            url: format!("{address}/upload"),
            headers: Vec::new(),
            body: vec![b'x'; 9 << 20],
        }),
        "many" => many(&Request::get(format!("{address}/many"))),
        "many-posts" => many(&Request::post_json(format!("{address}/many"), "[1, 2, 3]")),
        "heed" => heed(&Request::get(format!("{address}/many"))),
        "hoard" => many(&Request::get(format!("{address}/four-mib"))),
        "method" => fetch(&Request::post_json(format!("{other}/method"), "{}")),
        "spin" => loop {
            std::hint::spin_loop();
        },
        "secret-out" => {
            fetch(&Request::get(format!("{other}/taken")).header("authorization", bearer()?))
        }
        "secret-body" => {
            let body = json!({ "token": bearer()? }).to_string();
            fetch(&Request::post_json(format!("{address}/body"), body))
        }
        "secret-url" => {
            let reference = secrets::reference("token").unwrap_or_default();
            fetch(&Request::get(format!("{other}/taken?token={reference}")))
        }
        "echo" => echo(address),
        "session" => log_in(address),
        "session-long" => {
            send(&Request::get(format!("{address}/login-long"))).map_err(failed)?;
            fetch(&Request::get(format!("{address}/seven-mib")))
        }
        "session-huge" => fetch(&Request::get(format!("{address}/login-huge"))),
        "secret-header" => {
            fetch(&Request::get(format!("{address}/title")).header("x-title", bearer()?))
        }
        "secret-flood" => {
            let many = bearer()?.repeat(2500);
            fetch(&Request::get(format!("{address}/flood")).header("authorization", many))
        }
        "state" => remember(),
        "state-flood" => forget_on(),
        "partly" => {
            let text = "feed b: 404\n\u{202e}\u{1b}[31mgone".as_bytes();
            let _ = state::set("rapport:problem", text);
            report(json!("partly"))
        }
        "calls" => loop {
            clock::now();
        },
        "header-injection" => {
            let request = Request::get(format!("{address}/injected"));
            fetch(&request.header("x-note", "a\r\nx-evil: 1"))
        }
        "lie" => Ok(page(Vec::new(), "a lie\0".into())),
        "odd-items" => {
            let ids = ["first", "", "a\u{7}b", "last"];
            Ok(page(ids.map(deletion).to_vec(), "odd items".into()))
        }
        "too-many" => {
            let many = (0..501).map(|n| deletion(&n.to_string())).collect();
            Ok(page(many, "too many".into()))
        }
        "long-cursor" => Ok(page(Vec::new(), "c".repeat(20_000))),
        "hostile-text" => hostile_text(),
        _ => report(json!("honest")),
    }
}

/// Waits for a server that never answers.
pub fn stall<T>(address: &str) -> Result<T, PluginError> {
    let answer = send(&Request::get(format!("{address}/stall"))).map_err(failed)?;
    Err(PluginError::Permanent(format!("status {}", answer.status)))
}

/// Until the host refuses.
fn many(request: &Request) -> Result<Page, PluginError> {
    for _ in 0..1000 {
        send(request).map_err(failed)?;
    }
    report(json!("a thousand"))
}

/// Until the answer is no success, and then no more: as a connector does that means well.
fn heed(request: &Request) -> Result<Page, PluginError> {
    loop {
        let answer = send(request).map_err(failed)?;
        if answer.status == 200 {
            continue;
        }
        let mut seen = seen(&answer);
        seen["retry-after"] = answer.header("retry-after").into();
        seen["quota"] = answer.header("rapport-quota").into();
        let meant = answer.success().err();
        seen["limited"] = matches!(meant, Some(PluginError::RateLimited(_))).into();
        return report(seen);
    }
}

/// The server answers with the header that it got, in its body and in a header of its own.
fn echo(address: &str) -> Result<Page, PluginError> {
    let reference = bearer()?;
    let request = Request::get(format!("{address}/echo")).header("authorization", &reference);
    let mut seen = seen(&send(&request).map_err(failed)?);
    seen["sent"] = reference.into();
    report(seen)
}

/// Logs in in a spelling of its own, asks for an encoding that hides the answer, and has the server say
/// the token again.
fn log_in(address: &str) -> Result<Page, PluginError> {
    let request = Request::get(format!("{address}/./%6cogin")).header("accept-encoding", "gzip");
    let answer = send(&request).map_err(failed)?;
    let session = secrets::reference("session").unwrap_or_default();
    let request = Request::get(format!("{address}/session")).header("x-session", &session);
    let again = send(&request).map_err(failed)?;
    report(json!({
        "answer": seen(&answer),
        "cookie": answer.header("set-cookie"),
        "reference": session,
        "again": seen(&again),
    }))
}

fn remember() -> Result<Page, PluginError> {
    let before = state::get("kept").map(|v| String::from_utf8_lossy(&v).into_owned());
    let kept = state::set("kept", b"value");
    let read_back = state::get("kept").as_deref() == Some(b"value");
    state::delete("old");
    let deleted = state::get("old").is_none();
    let too_large = state::set("large", &vec![0; LARGE_BYTES]).err();
    let long_key = state::set(&"k".repeat(LARGE_BYTES), b"v").err();
    let value = vec![0; 64 * 1024];
    let filled = (0..100)
        .take_while(|n| state::set(&format!("fill-{n}"), &value).is_ok())
        .count();
    for n in 0..filled {
        state::delete(&format!("fill-{n}"));
    }
    report(json!({
        "before": before,
        "kept": kept.is_ok(),
        "read_back": read_back,
        "deleted": deleted,
        "too_large": too_large,
        "long_key": long_key,
        "filled": filled,
    }))
}

/// Has the host note the deletion of ever other, very long keys.
fn forget_on() -> Result<Page, PluginError> {
    let mut key = "k".repeat(LARGE_BYTES);
    for n in 0u32.. {
        key.replace_range(..10, &format!("{n:010}"));
        state::delete(&key);
    }
    report(json!("never"))
}

/// Addresses and texts that a browser or terminal must never be handed.
fn hostile_text() -> Result<Page, PluginError> {
    let mut actor = super::HostileChannel::check()?.actor;
    actor.display_name = Some("\u{1b}[31mred\u{7}".into());
    actor.profile_url = Some("javascript:alert(1)".into());
    actor.avatar_url = Some("data:text/html,<script>".into());
    let mut activity = deletion("text");
    let reaction = Reaction {
        attributed_to: actor,
        object: "post".into(),
    };
    activity.object = ActivityObject::Like(reaction);
    Ok(page(vec![activity], "text".into()))
}
