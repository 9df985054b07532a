//! "Did you mean": the nearest known name for one that is not known.

/// ` (did you mean …)` for the nearest of `known`, if one is near enough.
pub fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("; did you mean `{name}`?"))
}

/// Adds the nearest key to serde's "unknown field `x`, expected one of `a`, `b`".
pub fn with_suggestion(message: &str) -> String {
    let suggestion = message.split_once("unknown field `").and_then(|(_, rest)| {
        let (wrong, rest) = rest.split_once('`')?;
        let (_, expected) = rest.split_once("expected ")?;
        nearest(wrong, expected.split('`').skip(1).step_by(2))
    });
    match suggestion {
        Some(suggestion) => format!("{}{suggestion}", message.trim_end()),
        None => message.trim_end().to_owned(),
    }
}
