//! `rapport plugin record` against a server on this machine.

use super::channel::changed;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const TOKEN: &str = "geheim-token-0123456789";

/// Serves every request with this body; the address. It ends with the test.
fn server(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 8192];
            let read = stream.read(&mut head).unwrap();
            let head = String::from_utf8_lossy(&head[..read]).to_lowercase();
            let known = head.contains(&format!("authorization: bearer {TOKEN}"));
            let status = if known { "200 OK" } else { "401 Unauthorized" };
            let answer = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\nset-cookie: sid=7f7f\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

fn record(dir: &Path, plugin: &Path, address: &str, into: &Path) -> Output {
    let settings = dir.join("settings.toml");
    std::fs::write(&settings, format!("server = \"http://{address}\"\n")).unwrap();
    let token = dir.join("token");
    std::fs::write(&token, format!("{TOKEN}\n")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args([
            "plugin",
            "record",
            "--call",
            "poll",
            "--name",
            "the first page",
        ])
        .args(["--local-host", address])
        .arg(format!("--secret=token={}", token.display()))
        .arg("--settings")
        .arg(&settings)
        .arg("--into")
        .arg(into)
        .arg(plugin)
        .output()
        .unwrap()
}

#[test]
fn a_real_call_becomes_a_case_without_secrets_and_people() {
    let address = server(
        r#"{"messages": [{"id": "1", "author": "Sanne", "text": "Mail sanne@klant.example, of bel 06-12345678", "sent": 1772438000000, "handle": "sanne.klant.example"}], "next": 1, "more": false, "ticket": "kaartje-abcdef"}"#,
    );
    let (_plugin_dir, plugin) = changed(&[]);
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("first.toml");
    let output = record(dir.path(), &plugin, &address, &into);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let text = std::fs::read_to_string(&into).unwrap();
    for part in [
        "name = \"the first page\"",
        "Bearer <token>",
        "/v1/messages?after=0",
        "person-",
        "[case.expect]",
        "ids = [\"1\"]",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
    for gone in [
        TOKEN,
        "sanne@",
        "sanne.klant",
        "12345678",
        "sid=7f7f",
        "set-cookie",
    ] {
        assert!(!text.contains(gone), "`{gone}` in:\n{text}");
    }
    let again = record(dir.path(), &plugin, &address, &into);
    assert!(
        !again.status.success(),
        "a file that is there is left alone"
    );
    assert_eq!(std::fs::read_to_string(&into).unwrap(), text);
}
