//! The test cases that travel with a plugin: text files by path.
//!
//! In the file they are one JSON object from path to content, in the order of the paths and without
//! white space, so the same fixtures are always the same bytes. Anything else that also reads as such
//! an object (a path twice, another order) is refused: two readers must not see two plugins.
//! Deliberately absent: what the fixtures mean.

use crate::limits::{FIXTURE_PATH_BYTES, FIXTURES, FIXTURES_BYTES};
use std::collections::BTreeMap;

/// Content by path below `fixtures/`, with `/` between the parts.
pub type Fixtures = BTreeMap<String, String>;

/// Why fixtures are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixtureError {
    #[error(
        "the path {0:?} is refused: use a relative path of at most \
         {FIXTURE_PATH_BYTES} bytes, with `/`, and without `.`, `..`, `\\`, `:` and control characters"
    )]
    Path(String),
    #[error("{0} fixtures, at most {FIXTURES}; keep several cases in one file")]
    TooMany(usize),
    #[error("{0} bytes of fixtures, at most {FIXTURES_BYTES}; keep them short")]
    TooLarge(usize),
    #[error("the fixtures are not a JSON object from path to text: {0}")]
    Json(String),
    #[error(
        "the fixtures are not as `rapport plugin build` writes them: a path \
         twice, out of order, or white space; build the plugin again"
    )]
    NotCanonical,
}

/// Checks paths, number and size.
pub fn check(fixtures: &Fixtures) -> Result<(), FixtureError> {
    if let Some(path) = fixtures.keys().find(|path| !is_path(path)) {
        return Err(FixtureError::Path(path.clone()));
    }
    if fixtures.len() > FIXTURES {
        return Err(FixtureError::TooMany(fixtures.len()));
    }
    let bytes = fixtures.iter().map(|(path, text)| path.len() + text.len());
    match bytes.sum() {
        bytes if bytes > FIXTURES_BYTES => Err(FixtureError::TooLarge(bytes)),
        _ => Ok(()),
    }
}

/// A path that stays where it is put, on any system.
pub fn is_path(path: &str) -> bool {
    path.len() <= FIXTURE_PATH_BYTES
        && !path.contains(|c: char| c.is_control() || c == '\\' || c == ':')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Checks the fixtures and writes them.
pub(crate) fn encode(fixtures: &Fixtures) -> Result<String, FixtureError> {
    check(fixtures)?;
    serde_json::to_string(fixtures).map_err(|e| FixtureError::Json(e.to_string()))
}

/// Reads and checks what [`encode`] wrote.
pub(crate) fn decode(text: &str) -> Result<Fixtures, FixtureError> {
    let fixtures: Fixtures =
        serde_json::from_str(text).map_err(|e| FixtureError::Json(e.to_string()))?;
    if encode(&fixtures)? == text {
        Ok(fixtures)
    } else {
        Err(FixtureError::NotCanonical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[(&str, &str)]) -> Fixtures {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        entries.iter().map(owned).collect()
    }

    #[test]
    fn come_back_as_they_were() {
        let fixtures = of(&[("b/2.json", "{}\n"), ("a.txt", "é \u{1}\"")]);
        let text = encode(&fixtures).unwrap();
        assert!(text.starts_with("{\"a.txt\""), "{text}");
        assert_eq!(decode(&text).unwrap(), fixtures);
    }

    #[test]
    fn paths_stay_below_their_directory() {
        for path in ["a", "a/b.json", "höhe/1", "..a", ".hidden", "a b"] {
            assert!(is_path(path), "{path}");
        }
        let long = "a".repeat(FIXTURE_PATH_BYTES + 1);
        for path in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "a\\b",
            "C:a",
            "a\nb",
            "a\0",
            "\u{7f}",
            &long,
        ] {
            assert!(!is_path(path), "{path}");
            let json = serde_json::to_string(&of(&[(path, "")])).unwrap();
            assert!(
                matches!(decode(&json), Err(FixtureError::Path(_))),
                "{path}"
            );
        }
    }

    #[test]
    fn refuses_too_many_too_large_and_not_canonical() {
        let many: Fixtures = (0..=FIXTURES)
            .map(|n| (n.to_string(), String::new()))
            .collect();
        assert_eq!(check(&many), Err(FixtureError::TooMany(FIXTURES + 1)));
        let large = of(&[("a", &"x".repeat(FIXTURES_BYTES))]);
        assert_eq!(
            check(&large),
            Err(FixtureError::TooLarge(FIXTURES_BYTES + 1))
        );
        for text in [
            r#"{"a":"1","a":"2"}"#,
            r#"{"b":"","a":""}"#,
            r#"{"a": ""}"#,
            "{} ",
        ] {
            assert_eq!(decode(text), Err(FixtureError::NotCanonical), "{text}");
        }
        for text in [
            "",
            "[]",
            r#"{"a":1}"#,
            r#"{"a":null}"#,
            "{\"a\":\"",
            r#"{"a":"\ud800"}"#,
        ] {
            assert!(matches!(decode(text), Err(FixtureError::Json(_))), "{text}");
        }
    }
}
