//! What a server answers to which secrets go, made fit to be handed to the guest: decoded, captures
//! taken in, known values taken out. What the host can't read it withholds.
//!
//! Everything here is work on a stranger's bytes: callers do it on a thread that nobody waits for.

use super::super::limits;
use super::path::loosest;
use super::scrub::{Scrubber, TooLarge};
use super::{SecretRule, SecretStore};
use crate::domain::address::Origin;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use std::io::Read;

/// Stands where something was that the guest must not see and that has no reference.
const WITHHELD: &str = "withheld by the host";
/// Headers of an answer that are credentials themselves.
const CREDENTIALS: [&str; 3] = ["set-cookie", "set-cookie2", "authentication-info"];

/// An answer.
pub struct Received {
    pub success: bool,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl SecretStore {
    /// Captures what the manifest names and takes every known value out. The error says why the answer
    /// is withheld, without a part of it.
    pub fn receive(
        &self,
        origin: &Origin,
        path: &str,
        mut answer: Received,
    ) -> Result<Received, String> {
        let rules = self.rules.iter().filter(|r| r.origins.contains(origin));
        let rules: Vec<&SecretRule> = rules.collect();
        if rules.is_empty() {
            return Ok(answer);
        }
        answer.body = decode(&answer.headers, answer.body)?;
        for header in [CONTENT_ENCODING, CONTENT_LENGTH] {
            answer.headers.remove(header);
        }
        if rules.iter().any(|rule| !rule.secret.capture.is_empty()) {
            readable(&answer)?;
            self.capture(&rules, path, &mut answer)?;
        }
        let scrubber = self.scrubber(origin)?;
        answer.headers = scrub_headers(&scrubber, &answer.headers).map_err(|e| e.to_string())?;
        let longest = limits::RESPONSE_BYTES;
        if let Some(body) = scrubber
            .scrub(&answer.body, longest)
            .map_err(|e| e.to_string())?
        {
            answer.body = body;
        }
        let quoted = scrubber.scrub_quoted(&answer.body, longest);
        if let Some(body) = quoted.map_err(|e| e.to_string())? {
            answer.body = body;
        }
        Ok(answer)
    }

    /// Takes in what this path answers with, and puts references in its place.
    fn capture(
        &self,
        rules: &[&SecretRule],
        path: &str,
        answer: &mut Received,
    ) -> Result<(), String> {
        let asked = loosest(path);
        let captures: Vec<(&SecretRule, &str)> = rules
            .iter()
            .flat_map(|rule| rule.secret.capture.iter().map(move |c| (*rule, c)))
            .filter(|(_, capture)| loosest(&capture.path) == asked)
            .map(|(rule, capture)| (rule, capture.pointer.as_str()))
            .collect();
        if captures.is_empty() {
            return Ok(());
        }
        for header in CREDENTIALS {
            answer.headers.remove(header);
        }
        if answer.body.is_empty() && !answer.success {
            return Ok(());
        }
        if answer.body.len() > limits::CAPTURE_ANSWER_BYTES {
            let most = limits::CAPTURE_ANSWER_BYTES;
            return Err(format!(
                "more than {most} bytes, of which a secret is to be taken"
            ));
        }
        let json = serde_json::from_slice::<Value>(&answer.body);
        let Ok(mut json) = json else {
            // Some pages of an error are no JSON; there is nothing in them that a guest needs.
            if answer.success {
                return Err("a secret is to be taken from it, and it is no JSON".to_owned());
            }
            answer.body.clear();
            return Ok(());
        };
        let mut found = false;
        for (rule, pointer) in &captures {
            let Some(at) = json.pointer_mut(pointer).filter(|v| !v.is_null()) else {
                continue;
            };
            let value = std::mem::replace(at, Value::from(self.reference_text(rule.name())));
            let Value::String(value) = value else {
                return Err(format!("the secret `{}` in it is no text", rule.name()));
            };
            fit_to_keep(rule, &value)?;
            self.keep(rule.name(), value);
            found = true;
        }
        if answer.success && !found {
            return Err("the secret that is to be taken from it is not in its place".to_owned());
        }
        let names = captures.iter().filter_map(|(_, p)| p.rsplit('/').next());
        let names: Vec<String> = names
            .map(|n| n.replace("~1", "/").replace("~0", "~"))
            .collect();
        let references: Vec<String> = captures
            .iter()
            .map(|(rule, _)| self.reference_text(rule.name()))
            .collect();
        withhold(&mut json, &names, &references);
        answer.body = json.to_string().into_bytes();
        Ok(())
    }
}

/// Whether a captured value can be kept and sent again.
fn fit_to_keep(rule: &SecretRule, value: &str) -> Result<(), String> {
    let (name, most) = (rule.name(), limits::CAPTURED_BYTES);
    if value.len() > most {
        return Err(format!(
            "the secret `{name}` in it has more than {most} bytes"
        ));
    }
    if value.len() < limits::SECRET_SCRUB_MIN_BYTES {
        let least = limits::SECRET_SCRUB_MIN_BYTES;
        return Err(format!(
            "the secret `{name}` in it has fewer than {least} bytes"
        ));
    }
    if rule.secret.is_for_headers() && HeaderValue::from_str(value).is_err() {
        return Err(format!(
            "the secret `{name}` in it can't be sent in a header"
        ));
    }
    Ok(())
}

/// Takes out what has the name of a captured value elsewhere in the answer.
fn withhold(json: &mut Value, names: &[String], references: &[String]) {
    match json {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|i| withhold(i, names, references)),
        Value::Object(members) => {
            for (name, member) in members {
                let text = member.as_str();
                let ours = text.is_some_and(|text| references.iter().any(|r| r == text));
                if names.contains(name) && !member.is_null() && !ours {
                    *member = Value::from(WITHHELD);
                } else {
                    withhold(member, names, references);
                }
            }
        }
        _ => {}
    }
}

/// Undoes what the server did to the body though it was asked for none of it.
fn decode(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value
            .to_str()
            .map_err(|_| "its encoding is unknown".to_owned())?;
        let all = value.split(',').map(|c| c.trim().to_ascii_lowercase());
        codings.extend(all.filter(|c| !c.is_empty() && c != "identity"));
    }
    let most = limits::RESPONSE_BYTES;
    let mut decoded = Vec::new();
    let read = match codings.as_slice() {
        [] => return Ok(body),
        [one] if one == "gzip" || one == "x-gzip" => {
            let decoder = flate2::read::MultiGzDecoder::new(body.as_slice());
            decoder.take(most as u64 + 1).read_to_end(&mut decoded)
        }
        [one] if one == "deflate" => {
            let decoder = flate2::read::ZlibDecoder::new(body.as_slice());
            decoder.take(most as u64 + 1).read_to_end(&mut decoded)
        }
        _ => return Err("it is in an encoding that nobody asked for".to_owned()),
    };
    if read.is_err() || decoded.len() > most {
        return Err(format!("it can't be decoded into {most} bytes"));
    }
    Ok(decoded)
}

/// Whether it is text that can be looked through, byte by byte.
fn readable(answer: &Received) -> Result<(), String> {
    let kind = answer.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let charset = kind.split("charset=").nth(1);
    let charset = charset
        .and_then(|c| c.split([';', ',']).next())
        .unwrap_or("utf-8");
    let charset = charset.trim().trim_matches(['"', '\'']);
    let usual = matches!(
        charset,
        "utf-8" | "utf8" | "us-ascii" | "ascii" | "iso-8859-1"
    );
    let text = std::str::from_utf8(&answer.body);
    if !usual || text.is_err() || answer.body.contains(&0) {
        return Err("it is no text in UTF-8, and secrets are captured from that server".to_owned());
    }
    Ok(())
}

/// Headers without known values. One whose name holds a value is left out.
fn scrub_headers(scrubber: &Scrubber, headers: &HeaderMap) -> Result<HeaderMap, TooLarge> {
    let mut clean = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let Ok(text) = value.to_str() else { continue };
        if scrubber.scrub_text(name.as_str())?.is_some() {
            continue;
        }
        let text = scrubber.scrub_text(text)?;
        let text = text.map(|text| HeaderValue::from_str(&text));
        match text {
            Some(Err(_)) => {}
            Some(Ok(value)) => {
                clean.append(name, value);
            }
            None => {
                clean.append(name, value.clone());
            }
        }
    }
    Ok(clean)
}
