//! Do the settings work? Asks every feed once and says which are no use.

use rapport_sdk::channel::Account;
use rapport_sdk::common::{Delay, PluginError};
use rapport_sdk::social::{Actor, ActorKind};

use crate::feed;
use crate::fetch::{Answer, ask};
use crate::host::{Host, Level};
use crate::memory::Standing;
use crate::settings::{Settings, Source};
use crate::text;

/// No further feed is asked after so long.
const TIME_BUDGET_MS: i64 = 20_000;
/// Longest report, in bytes.
const REPORT_MAX_BYTES: usize = 900;

/// Who we are: a reader. An error when no feed that was asked can be read.
pub fn check(settings: &Settings, host: &mut impl Host) -> Result<Account, PluginError> {
    let started_ms = host.now_ms();
    let mut titles = Vec::new();
    let mut failures = Vec::new();
    let mut passing = false;
    let mut rest_ms = None;
    for source in &settings.sources {
        if host.now_ms().saturating_sub(started_ms) >= TIME_BUDGET_MS {
            break;
        }
        match check_one(host, source) {
            Ok(title) => titles.push(title),
            Err(Unreadable {
                reason,
                will_pass,
                rest_ms: rest,
            }) => {
                passing |= will_pass;
                rest_ms = rest_ms.max(rest);
                let line = format!("{}: {reason}", source.label());
                host.log(Level::Warn, &text::cut(&line, 1500));
                failures.push(line);
            }
        }
    }
    let report = text::cut(&failures.join("; "), REPORT_MAX_BYTES);
    if titles.is_empty() {
        return Err(match passing {
            true => PluginError::RetryAfter(Delay {
                delay_ms: rest_ms.and_then(|ms| u64::try_from(ms).ok()),
                message: report,
            }),
            false => PluginError::InvalidInput(format!("feeds: {report}")),
        });
    }
    Ok(account(settings, titles, &failures, report))
}

/// Why a feed is no use.
struct Unreadable {
    reason: String,
    /// It may pass by itself.
    will_pass: bool,
    /// The rest that the server asks for, in milliseconds.
    rest_ms: Option<i64>,
}

/// Title of the feed.
fn check_one(host: &mut impl Host, source: &Source) -> Result<String, Unreadable> {
    let unreadable = |reason: String, will_pass| Unreadable {
        reason,
        will_pass,
        rest_ms: None,
    };
    let asked = ask(host, source, &Standing::default());
    match asked.answer {
        Answer::Document(response) => {
            let found = feed::parse(&response.body, response.header("content-type"), &asked.url);
            let found = found.map_err(|e| unreadable(e, false))?;
            Ok(found
                .title
                .unwrap_or_else(|| source.url.host_str().unwrap_or_default().to_owned()))
        }
        Answer::Unchanged => {
            let reason = "answers 304 without being asked for changes";
            Err(unreadable(reason.to_owned(), true))
        }
        Answer::Gone => Err(unreadable("answers 410, gone for good".to_owned(), false)),
        Answer::Limited(wait_ms, reason) => Err(Unreadable {
            rest_ms: Some(wait_ms),
            ..unreadable(reason, true)
        }),
        Answer::Busy(rest_ms, reason) => Err(Unreadable {
            rest_ms,
            ..unreadable(reason, true)
        }),
        Answer::Failed { reason, permanent } => Err(unreadable(reason, !permanent)),
    }
}

fn account(
    settings: &Settings,
    titles: Vec<String>,
    failures: &[String],
    report: String,
) -> Account {
    let name = match (settings.sources.len(), titles.first()) {
        (1, Some(title)) => text::cut(title, 200),
        (count, _) => format!("{count} feeds"),
    };
    let mut extra = vec![
        ("feeds-readable".to_owned(), titles.len().to_string()),
        ("feeds-failing".to_owned(), failures.len().to_string()),
    ];
    if !report.is_empty() {
        extra.push(("failures".to_owned(), report));
    }
    Account {
        actor: Actor {
            external_id: "feed-reader".into(),
            handle: None,
            display_name: Some(name),
            profile_url: None,
            avatar_url: None,
            follower_count: None,
            verified: false,
            kind: ActorKind::Service,
            extra: Vec::new(),
        },
        can_poll: true,
        can_receive: false,
        can_send: false,
        send_visibilities: Vec::new(),
        extra,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FetchError;
    use crate::script::{A, B, Script, item, ok, rss, settings, status};

    #[test]
    fn one_readable_feed_is_enough_and_the_others_are_named() {
        let settings = settings(&[A, B]);
        let mut host = Script::new()
            .on(A, vec![ok(rss(&[item("1", "een")]), &[])])
            .on(B, vec![status(404, &[])]);
        let account = check(&settings, &mut host).unwrap();
        assert_eq!(account.actor.display_name.as_deref(), Some("2 feeds"));
        assert!(account.can_poll && !account.can_send && !account.can_receive);
        let value = |name: &str| {
            account
                .extra
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        assert_eq!(
            (value("feeds-readable"), value("feeds-failing")),
            (Some("1"), Some("1"))
        );
        assert!(
            value("failures").is_some_and(|f| f.contains("https://b.example/feed: answers 404"))
        );
        assert!(host.state.is_empty());
    }

    #[test]
    fn none_readable_is_an_error_that_says_whether_to_wait() {
        let settings = settings(&[A]);
        let mut host = Script::new().on(A, vec![ok("<html></html>", &[])]);
        assert!(
            matches!(check(&settings, &mut host), Err(PluginError::InvalidInput(m)) if m.contains("web page"))
        );
        let mut host = Script::new().on(A, vec![Err(FetchError::Failed("time out".into()))]);
        assert!(matches!(
            check(&settings, &mut host),
            Err(PluginError::RetryAfter(_))
        ));
    }
}
