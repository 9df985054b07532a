//! Who gets in and what they may do, through the binary: log-in and its throttle, sessions, roles and
//! rights, tokens, four eyes, first start; and every route with every role.

pub mod support;

#[path = "access/first_start.rs"]
mod first_start;
#[path = "access/inboxes.rs"]
mod inboxes;
#[path = "access/login.rs"]
mod login;
#[path = "access/management.rs"]
mod management;
#[path = "access/matrix.rs"]
mod matrix;
#[path = "access/reach.rs"]
mod reach;
#[path = "access/streams.rs"]
mod streams;
#[path = "access/throttle.rs"]
mod throttle;

use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
/// No plugins but the channel's and the policy's: they are not what is tested here.
const QUIET: &str = "[plugins.classify-language]\nenabled = false\n\
    [plugins.classify-sentiment]\nenabled = false\n[plugins.classify-topic]\nenabled = false\n";
const TOWN: &str = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";
const HALL: &str = "[[inbox]]\nname = \"hall\"\nplugin = \"channel-sample\"\n";
/// An id that nothing has.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value:#}"))
}
