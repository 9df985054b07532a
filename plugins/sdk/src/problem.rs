//! How a connector says that part of its work fails while the rest goes on: one feed of many is gone,
//! one search is refused. The host shows it as the inbox's problem; polls go on.
//!
//! A call that fails altogether returns an error instead: that is shown too, and its changes of the
//! state, this one among them, are dropped. One that must keep them (when to ask again, validators) though
//! nothing could be read says so with [`report_failing`].

/// The reserved key of the connector's state. Its value is UTF-8 text for the admin: what fails, where,
/// and what to do; at most [`MAX_CHARS`] characters, without secrets. Absent or empty: no problem.
pub const KEY: &str = "rapport:problem";
/// The reserved key that says that nothing of the inbox could be read: the inbox is failing, not partly.
/// Any text that is not empty counts; absent or empty: something works.
pub const FAILING_KEY: &str = "rapport:failing";
/// What stands under [`FAILING_KEY`].
pub const FAILING: &[u8] = b"yes";
/// Longest problem, in characters.
pub const MAX_CHARS: usize = 500;

/// Reports the problem that there is now, or that there is none. Stored with the call's answer. An error
/// when the host keeps no more state.
pub fn report(problem: Option<&str>) -> Result<(), String> {
    match problem.map(bounded).filter(|text| !text.is_empty()) {
        Some(text) => crate::state::set(KEY, text.as_bytes()),
        None => {
            crate::state::delete(KEY);
            Ok(())
        }
    }
}

/// Reports whether nothing of the inbox could be read. Stored with the call's answer, beside what
/// [`report`] says of it. An error when the host keeps no more state.
pub fn report_failing(failing: bool) -> Result<(), String> {
    if failing {
        return crate::state::set(FAILING_KEY, FAILING);
    }
    crate::state::delete(FAILING_KEY);
    Ok(())
}

/// The text on one line, at most [`MAX_CHARS`] characters, ended with `…` where it was cut.
pub fn bounded(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_CHARS {
        return line;
    }
    line.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state;

    #[test]
    fn a_problem_is_stored_until_there_is_none() {
        report(Some("een feed\nis weg")).unwrap();
        assert_eq!(
            state::get(KEY).as_deref(),
            Some(b"een feed is weg".as_slice())
        );
        report(Some(&"é".repeat(600))).unwrap();
        let stored = String::from_utf8(state::get(KEY).unwrap()).unwrap();
        assert_eq!(stored.chars().count(), 500);
        assert!(stored.ends_with("é…"));
        report(None).unwrap();
        assert_eq!(state::get(KEY), None);
        report(Some("weer")).unwrap();
        report(Some("  ")).unwrap();
        assert_eq!(state::get(KEY), None);
    }

    #[test]
    fn an_inbox_is_failing_until_something_works() {
        report(Some("alles is weg")).unwrap();
        report_failing(true).unwrap();
        assert_eq!(state::get(FAILING_KEY).as_deref(), Some(FAILING));
        assert_eq!(state::get(KEY).as_deref(), Some(b"alles is weg".as_slice()));
        report_failing(false).unwrap();
        assert_eq!(state::get(FAILING_KEY), None);
        assert!(state::get(KEY).is_some());
    }
}
