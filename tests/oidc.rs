//! Log-in through an OpenID Connect provider, a real one on this machine: the whole way over HTTP with
//! its own log-in form, and everything that must be refused.

pub mod support;

#[path = "oidc/browser.rs"]
mod browser;
#[path = "oidc/linking.rs"]
mod linking;
#[path = "oidc/provider.rs"]
mod provider;

use browser::{Browser, Page};
use provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use rapport_host::domain::now_ms;
use rapport_host::domain::totp::code_at;
use reqwest::Method;
use serde_json::{Value, json};
use support::Host;
use support::people::{PASSWORD, log_in};
use tempfile::TempDir;
use url::Url;

/// Where people reach the host: behind a proxy, so to say.
const PUBLIC: &str = "https://crm.example";
const SESSION: &str = "__Host-rapport";

fn accounts() -> Value {
    let forged = |how: &str| json!({ "email": format!("{how}@shop.example"), "email_verified": true, "test_forge": how });
    json!({
        "ana": { "email": "Ana@shop.example", "email_verified": true, "name": "Ana", "groups": ["desk"] },
        "bo": { "email": "bo@shop.example", "email_verified": true },
        "unverified": { "email": "bo@shop.example", "email_verified": false },
        "elsewhere": { "email": "ana@elsewhere.example", "email_verified": true },
        "nameless": {},
        "cy": { "email": "cy@shop.example", "email_verified": true },
        "long": { "email": "ma\u{17f}s@shop.example", "email_verified": true },
        "audience": forged("audience"), "issuer": forged("issuer"),
        "expired": forged("expired"), "key": forged("key"),
    })
}

/// A provider, a host that trusts it, and a browser.
struct Scene {
    provider: Provider,
    host: Host,
    _dir: TempDir,
}

fn redirects() -> String {
    ["company", "closed"]
        .map(|name| format!("{PUBLIC}/api/v1/oidc/{name}/callback"))
        .join(" ")
}

impl Scene {
    async fn start() -> Self {
        let provider = Provider::start(&accounts(), &redirects(), 0);
        let one = |name: &str, more: &str| {
            format!(
                "[[oidc]]\nname = \"{name}\"\nissuer = \"{}\"\nclient-id = \"{CLIENT_ID}\"\n\
                 client-secret = \"{CLIENT_SECRET}\"\nemail-domains = [\"shop.example\"]\n{more}\n",
                provider.issuer
            )
        };
        let mapping = "auto-create = true\nroles-claim = \"groups\"\ndefault-roles = [\"auditor\"]\n\
             [oidc.roles]\ndesk = [\"agent\"]\nheads = [\"manager\"]";
        let config = format!(
            "public-url = \"{PUBLIC}\"\n{}{}",
            one("company", mapping),
            one("closed", "link-by-email = true")
        );
        let dir = tempfile::tempdir().unwrap();
        let host = Host::start(&config, dir.path()).await;
        Self {
            provider,
            host,
            _dir: dir,
        }
    }

    fn browser(&self) -> Browser {
        Browser::new(PUBLIC, &self.host.address)
    }

    /// Begins at the host; the provider's address that it sends the browser to.
    async fn begin(&self, browser: &mut Browser, name: &str) -> Url {
        let start = format!("{PUBLIC}/api/v1/oidc/{name}/start?returnTo=%2Finbox%3Fmine");
        let page = browser.get(&start).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let url = page.location.unwrap();
        assert!(url.as_str().starts_with(&self.provider.issuer));
        url
    }

    /// The whole way, up to and including the callback.
    async fn log_in(&self, browser: &mut Browser, name: &str, login: &str) -> Page {
        let url = self.begin(browser, name).await;
        let callback = self.provider.pass(browser, url.as_str(), login).await;
        browser.get(&callback).await
    }

    async fn events(&self, action: &str) -> Vec<Value> {
        let page = self.host.get(&format!("audit?action={action}")).await;
        page["items"].as_array().unwrap().clone()
    }
}

/// Who the browser's session is.
async fn me(browser: &mut Browser) -> Value {
    let page = browser.get(&format!("{PUBLIC}/api/v1/session")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// The address with one parameter changed, or taken away.
fn changed(url: &Url, name: &str, value: Option<&str>) -> String {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != name)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let mut url = url.clone();
    let mut pairs = url.query_pairs_mut();
    pairs.clear().extend_pairs(kept);
    if let Some(value) = value {
        pairs.append_pair(name, value);
    }
    drop(pairs);
    url.into()
}

fn refused(page: &Page, status: u16) {
    assert_eq!(page.status, status, "{}", page.body);
    assert!(
        page.set_cookies
            .iter()
            .all(|c| !c.starts_with(SESSION) || c.contains("oidc="))
    );
    let problem: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(problem["status"], status);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way() {
    let mut scene = Scene::start().await;
    let mut browser = scene.browser();
    let list: Value =
        serde_json::from_str(&browser.get(&format!("{PUBLIC}/api/v1/oidc")).await.body).unwrap();
    assert_eq!(list[1]["start"], "/api/v1/oidc/company/start");

    let url = scene.begin(&mut browser, "company").await;
    assert_eq!(parameter(&url, "code_challenge_method").unwrap(), "S256");
    assert_eq!(parameter(&url, "scope").unwrap(), "openid email profile");
    assert!(parameter(&url, "nonce").unwrap().len() >= 16);
    assert!(browser.cookie(PUBLIC, "__Host-rapport-oidc").is_some());
    let callback = scene.provider.pass(&mut browser, url.as_str(), "ana").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert_eq!(
        page.location.unwrap().as_str(),
        format!("{PUBLIC}/inbox?mine")
    );
    let cookie = page
        .set_cookies
        .iter()
        .find(|c| c.starts_with("__Host-rapport="))
        .unwrap();
    for flag in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    let ana = me(&mut browser).await;
    assert_eq!(
        (&ana["name"], &ana["roles"]),
        (&json!("Ana"), &json!(["agent"]))
    );
    assert_eq!(scene.events("agent.create").await.len(), 1);
    assert_eq!(
        scene.events("agent.link").await[0]["subject"],
        ana["agentId"]
    );

    // Used up: not a second time, with or without the cookie.
    browser.forget(PUBLIC);
    refused(&browser.get(&callback).await, 401);

    // The provider starts anew with other keys, other groups and another name and address for her.
    let port = scene.provider.port();
    drop(scene.provider);
    let mut accounts = accounts();
    accounts["ana"] = json!({ "email": "a.new@shop.example", "email_verified": true, "name": "Anna", "groups": ["heads"] });
    scene.provider = Provider::start(&accounts, &redirects(), port);
    let mut other = scene.browser();
    assert_eq!(scene.log_in(&mut other, "company", "ana").await.status, 303);
    let later = me(&mut other).await;
    assert_eq!(later["agentId"], ana["agentId"]);
    assert_eq!(later["roles"], json!(["manager"]));
    assert_eq!(scene.events("agent.create").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_do_not_belong_are_refused() {
    let scene = Scene::start().await;
    let mut browser = scene.browser();

    // Another state, none, and one of another browser.
    let url = scene.begin(&mut browser, "company").await;
    let callback = scene.provider.pass(&mut browser, url.as_str(), "ana").await;
    let callback = Url::parse(&callback).unwrap();
    refused(
        &browser.get(&changed(&callback, "state", Some("x"))).await,
        401,
    );
    refused(&browser.get(&changed(&callback, "state", None)).await, 401);
    refused(&scene.browser().get(callback.as_str()).await, 401);
    // An answer that names no issuer, of a provider that announces that it does.
    refused(&browser.get(&changed(&callback, "iss", None)).await, 401);
    // Nobody else used it up; it counts once.
    let begun = browser.cookie(PUBLIC, "__Host-rapport-oidc").unwrap();
    assert_eq!(browser.get(callback.as_str()).await.status, 303);
    browser.set(PUBLIC, "__Host-rapport-oidc", &begun);
    refused(&browser.get(callback.as_str()).await, 401);

    // Another nonce than the one that was sent along.
    let url = scene.begin(&mut browser, "company").await;
    let altered = changed(&url, "nonce", Some("another-nonce-that-was-not-ours"));
    let callback = scene.provider.pass(&mut browser, &altered, "ana").await;
    refused(&browser.get(&callback).await, 401);

    // A code that another challenge belongs to, and none at all.
    let url = scene.begin(&mut browser, "company").await;
    let altered = changed(
        &url,
        "code_challenge",
        Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    );
    let callback = scene.provider.pass(&mut browser, &altered, "ana").await;
    refused(&browser.get(&callback).await, 401);
    let url = scene.begin(&mut browser, "company").await;
    let callback = scene
        .provider
        .pass(&mut browser, &changed(&url, "code_challenge", None), "ana")
        .await;
    assert!(callback.contains("error="));
    refused(&browser.get(&callback).await, 401);

    // An answer of another issuer, and one that was begun at another provider's route.
    let url = scene.begin(&mut browser, "company").await;
    let callback = scene.provider.pass(&mut browser, url.as_str(), "ana").await;
    let callback = Url::parse(&callback).unwrap();
    refused(
        &browser
            .get(&changed(&callback, "iss", Some("https://evil.example")))
            .await,
        401,
    );
    let url = scene.begin(&mut browser, "company").await;
    let callback = scene.provider.pass(&mut browser, url.as_str(), "ana").await;
    refused(
        &browser
            .get(&callback.replace("/company/", "/closed/"))
            .await,
        401,
    );

    // Tokens that are not for us, not from it, too old, or signed by somebody else.
    for login in ["audience", "issuer", "expired", "key"] {
        let page = scene.log_in(&mut scene.browser(), "company", login).await;
        refused(&page, 401);
    }
    assert_eq!(scene.events("agent.create").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_are_not_let_in() {
    let scene = Scene::start().await;
    let mut browser = scene.browser();
    for login in ["unverified", "elsewhere", "nameless"] {
        refused(&scene.log_in(&mut browser, "company", login).await, 403);
        browser = scene.browser();
    }
    // Nobody is made an agent where the admin makes them.
    refused(&scene.log_in(&mut browser, "closed", "bo").await, 403);
    assert_eq!(scene.events("login.refuse").await.len(), 4);
    assert!(scene.events("agent.create").await.is_empty());

    let new = json!({ "email": "bo@shop.example", "name": "Bo", "roles": ["agent"] });
    let (status, bo) = scene.host.post("agents", &new).await;
    assert_eq!(status, 201, "{bo:#}");
    assert_eq!(scene.log_in(&mut browser, "closed", "bo").await.status, 303);
    assert_eq!(me(&mut browser).await["agentId"], bo["id"]);
    // By another account of the provider with the same address, she is not reached.
    let mut other = scene.browser();
    refused(&scene.log_in(&mut other, "closed", "unverified").await, 403);

    let path = format!("agents/{}", bo["id"].as_str().unwrap());
    let off = json!({ "active": false });
    let (status, answer) = scene.host.call(Method::PATCH, &path, Some(&off)).await;
    assert_eq!(status, 200, "{answer:#}");
    refused(
        &scene.log_in(&mut scene.browser(), "closed", "bo").await,
        403,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_leads_only_home() {
    let scene = Scene::start().await;
    let mut browser = scene.browser();
    let start = format!("{PUBLIC}/api/v1/oidc/company/start?returnTo=");
    for foreign in [
        "%2F%2Fevil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "x",
    ] {
        refused(&browser.get(&format!("{start}{foreign}")).await, 400);
    }
    refused(
        &browser
            .get(&format!("{PUBLIC}/api/v1/oidc/nobody/start"))
            .await,
        404,
    );
    refused(
        &browser
            .get(&format!("{PUBLIC}/api/v1/oidc/nobody/callback"))
            .await,
        404,
    );
    refused(
        &browser
            .get(&format!("{PUBLIC}/api/v1/oidc/company/callback"))
            .await,
        401,
    );
    let log = scene.host.log_text();
    assert!(!log.contains(CLIENT_SECRET));

    // Without the provider there is no way.
    drop(scene.provider);
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "public-url = \"{PUBLIC}\"\n[[oidc]]\nname = \"gone\"\nissuer = \"http://127.0.0.1:9\"\nclient-id = \"x\"\n"
    );
    let host = Host::start(&config, dir.path()).await;
    let mut browser = Browser::new(PUBLIC, &host.address);
    refused(
        &browser
            .get(&format!("{PUBLIC}/api/v1/oidc/gone/start"))
            .await,
        502,
    );
}
