//! Takes known values out of texts, in every form that `forms` knows: one pass for what admins gave and
//! one for what was captured, each linear in the text whatever the values are.
//!
//! What admins gave comes first: a captured value is a server's choice, and one that overlaps with
//! another secret must not keep that one from being found.

use super::super::limits;
use super::forms::forms;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;

/// Shortest form that is looked for, in bytes.
const FORM_MIN_BYTES: usize = limits::SECRET_SCRUB_MIN_BYTES;

/// What finds the values.
pub(super) struct Scrubber {
    passes: Vec<Pass>,
}

struct Pass {
    finder: AhoCorasick,
    /// What stands in the place of each pattern.
    instead: Vec<String>,
}

/// More would come of it than may.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too large once the secrets in it are references")]
pub(super) struct TooLarge;

impl Scrubber {
    /// `given` and `captured`: values, each with what is to stand in its place.
    pub fn new(given: &[(String, String)], captured: &[(String, String)]) -> Result<Self, String> {
        let passes = [given, captured].into_iter().map(Pass::new);
        let passes = passes.filter_map(Result::transpose);
        Ok(Self {
            passes: passes.collect::<Result<_, _>>()?,
        })
    }

    /// The text without the values, at most `longest` bytes of it. None: there is none of them in it.
    pub fn scrub(&self, text: &[u8], longest: usize) -> Result<Option<Vec<u8>>, TooLarge> {
        let mut found = Vec::new();
        self.find(0, text, 0, &mut found);
        if found.is_empty() {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(text.len().min(longest));
        let mut from = 0;
        for (start, end, instead) in found {
            out.extend_from_slice(&text[from..start]);
            out.extend_from_slice(instead.as_bytes());
            from = end;
            if out.len() > longest {
                return Err(TooLarge);
            }
        }
        out.extend_from_slice(&text[from..]);
        if out.len() > longest {
            return Err(TooLarge);
        }
        Ok(Some(out))
    }

    /// Matches in order: those of the first pass, and in the gaps between them those of the next.
    fn find<'a>(
        &'a self,
        pass: usize,
        text: &[u8],
        at: usize,
        found: &mut Vec<(usize, usize, &'a str)>,
    ) {
        let Some(this) = self.passes.get(pass) else {
            return;
        };
        let mut from = 0;
        for hit in this.finder.find_iter(text) {
            self.find(pass + 1, &text[from..hit.start()], at + from, found);
            let instead = this.instead[hit.pattern().as_usize()].as_str();
            found.push((at + hit.start(), at + hit.end(), instead));
            from = hit.end();
        }
        self.find(pass + 1, &text[from..], at + from, found);
    }

    /// The same for a header's value.
    pub fn scrub_text(&self, text: &str) -> Result<Option<String>, TooLarge> {
        let scrubbed = self.scrub(text.as_bytes(), limits::HEADER_BYTES)?;
        Ok(scrubbed.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same for the strings of a JSON text that have escapes in them, as a value may be hidden by
    /// those. Everything else of the text stays as it is.
    pub fn scrub_quoted(&self, text: &[u8], longest: usize) -> Result<Option<Vec<u8>>, TooLarge> {
        if self.passes.is_empty() || !text.contains(&b'\\') {
            return Ok(None);
        }
        let mut out: Option<Vec<u8>> = None;
        let (mut copied, mut at) = (0, 0);
        while let Some(quote) = text[at..].iter().position(|b| *b == b'"') {
            let start = at + quote;
            let mut end = start + 1;
            let mut escapes = false;
            while end < text.len() && text[end] != b'"' {
                let escape = text[end] == b'\\';
                escapes |= escape;
                end += 1 + usize::from(escape);
            }
            let end = (end + 1).min(text.len());
            at = end;
            if !escapes {
                continue;
            }
            let Ok(plain) = serde_json::from_slice::<String>(&text[start..end]) else {
                continue;
            };
            if let Some(scrubbed) = self.scrub(plain.as_bytes(), longest)? {
                let scrubbed = String::from_utf8_lossy(&scrubbed).into_owned();
                let out = out.get_or_insert_default();
                out.extend_from_slice(&text[copied..start]);
                out.extend_from_slice(serde_json::Value::from(scrubbed).to_string().as_bytes());
                copied = end;
                if out.len() > longest {
                    return Err(TooLarge);
                }
            }
        }
        if let Some(out) = &mut out {
            out.extend_from_slice(&text[copied..]);
        }
        Ok(out)
    }
}

impl Pass {
    fn new(values: &[(String, String)]) -> Result<Option<Self>, String> {
        let mut patterns = BTreeMap::new();
        let long = |(value, _): &&(String, String)| value.len() >= FORM_MIN_BYTES;
        for (value, instead) in values.iter().filter(long) {
            for (form, _) in forms(value) {
                if form.len() >= FORM_MIN_BYTES {
                    patterns.entry(form).or_insert_with(|| instead.clone());
                }
            }
        }
        if patterns.is_empty() {
            return Ok(None);
        }
        let (patterns, instead): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        // A table of states and bytes would take 256 times the values' size.
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&patterns)
            .map_err(|error| format!("its secrets can't be looked for: {error}"))?;
        Ok(Some(Self { finder, instead }))
    }
}
