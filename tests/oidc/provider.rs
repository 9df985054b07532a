//! The provider: a certified library (npm `oidc-provider`) run by node, with its own log-in form.

use crate::browser::{Browser, Page};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

pub const CLIENT_ID: &str = "rapport";
pub const CLIENT_SECRET: &str = "only-for-tests-on-this-machine";

/// The server's directory under target/, with what it needs installed by npm.
fn installed() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/servers/oidc");
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
        std::fs::create_dir_all(&place).expect("a directory");
        let wanted = std::fs::read(source.join("package.json")).expect("package.json");
        let there = std::fs::read(place.join("package.json")).ok();
        for file in ["package.json", "server.js"] {
            std::fs::copy(source.join(file), place.join(file)).expect("a copy");
        }
        let complete = place
            .join("node_modules/oidc-provider/package.json")
            .exists();
        if there != Some(wanted) || !complete {
            let install = Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--no-package-lock"])
                .current_dir(&place)
                .output()
                .expect("npm is there: this test needs node and npm");
            let said = String::from_utf8_lossy(&install.stderr);
            assert!(install.status.success(), "npm install: {said}");
        }
        place
    })
}

/// A running provider. It ends when it is dropped.
pub struct Provider {
    child: Child,
    pub issuer: String,
}

impl Provider {
    /// `port`: that of an earlier one, to take its place; 0 for a free one.
    pub fn start(accounts: &Value, redirects: &str, port: u16) -> Self {
        let mut child = Command::new("node")
            .arg("server.js")
            .current_dir(installed())
            .env("OIDC_ACCOUNTS", accounts.to_string())
            .env("OIDC_CLIENT_ID", CLIENT_ID)
            .env("OIDC_CLIENT_SECRET", CLIENT_SECRET)
            .env("OIDC_REDIRECTS", redirects)
            .env("OIDC_PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is there: this test needs node and npm");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let issuer = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("issuer ").map(str::to_owned))
            .expect("the provider starts");
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, issuer }
    }

    pub fn port(&self) -> u16 {
        let url = url::Url::parse(&self.issuer).expect("an address");
        url.port().expect("a port")
    }

    /// Goes through the provider's pages as `login`, from its authorization address on; the address
    /// that it sends the browser back to, not yet visited.
    pub async fn pass(&self, browser: &mut Browser, start: &str, login: &str) -> String {
        let mut page = browser.get(start).await;
        for _ in 0..20 {
            if let Some(location) = page.location.take() {
                if !location.as_str().starts_with(&self.issuer) {
                    return location.into();
                }
                page = browser.get(location.as_str()).await;
                continue;
            }
            let action = form_action(&page);
            let fields = match page.body.contains("name=\"prompt\" value=\"login\"") {
                true => vec![("prompt", "login"), ("login", login), ("password", "x")],
                false => vec![("prompt", "consent")],
            };
            page = browser.submit(&action, &fields).await;
        }
        panic!("the provider leads nowhere: {}", page.body);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the page's form goes to.
fn form_action(page: &Page) -> String {
    let found = page.body.split_once("action=\"");
    let action = found.and_then(|(_, rest)| rest.split_once('"'));
    let (action, _) = action.unwrap_or_else(|| panic!("{}: no form: {}", page.url, page.body));
    page.url.join(action).expect("an address").into()
}
