//! The main job on the real AT Protocol network, through the binary: a complaint is heard, known,
//! classified, decided upon, and answered once, whatever happens in between.
//!
//! Needs the network at RAPPORT_TEST_ATPROTO; without it the test says so and passes, in CI it
//! fails. Accounts are new in every run. Between host and network is a proxy that can lose a request
//! or an answer; the host is killed with SIGKILL while it waits for it.

pub mod support;

#[path = "atproto/desk.rs"]
mod desk;
#[path = "atproto/network.rs"]
mod network;
#[path = "atproto/proxy.rs"]
mod proxy;

use desk::{has_reasons, stored_status};
use network::{Account, Network, tell};
use proxy::{Cut, Proxy};
use rapport_host::domain::now_ms;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use support::{Host, until};

/// From the post to the stored decisions.
const HEARD: Duration = Duration::from_secs(5);
/// For what takes the host or the network a few polls.
const SOON: Duration = Duration::from_secs(30);

const COMPLAINT: &str = "Mijn pakket is voor de derde keer niet geleverd en niemand reageert. \
                         Ik ben hier heel boos over, wat een waardeloze service!";
const RUDE: &str = "Rustig maar!!!! DAT IS ECHT NIET ONS PROBLEEM, sukkel.";
const FIRST_QUESTION: &str = "Tot hoe laat is de winkel in Utrecht vandaag open?";
const SECOND_QUESTION: &str = "Kan ik daar ook een bestelling ophalen?";

/// Everything that a step works with.
struct Scene {
    network: Network,
    proxy: Proxy,
    dir: tempfile::TempDir,
    brand: Account,
    host: Host,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_is_heard_and_answered_once() {
    let Some(network) = Network::from_environment() else {
        return;
    };
    let mut scene = Scene::start(network).await;
    let customer = scene.network.create_account("noor").await;
    let (uri, complaint) = scene.complaint_is_heard(&customer).await;
    scene.case_is_open(&customer, &complaint).await;

    let draft = scene.rude_draft_is_held(&complaint).await;
    scene.long_draft_is_refused(&draft).await;
    let answer = format!(
        "Wat vervelend, excuses! Wij zoeken het vandaag nog uit voor je, @{}. Mail ons via https://voorbeeld.test/hulp",
        customer.handle
    );
    scene.corrected_draft_is_answer(&draft, &answer, &uri).await;
    scene.network_shows_answer(&customer, &uri, &answer).await;

    let other = scene.network.create_account("daan").await;
    let arrived = scene
        .killed_in_mid_send(&other, FIRST_QUESTION, Cut::BeforeAnswer)
        .await;
    let lost = scene
        .killed_in_mid_send(&other, SECOND_QUESTION, Cut::BeforeRequest)
        .await;

    scene.deleted_post_is_tombstone(&customer, &uri).await;
    let status = scene.host.terminate().await;
    assert_eq!(status.code(), Some(0), "{status}");
    // Through all of it nothing else went out, and nothing twice.
    let mut posts = scene.network.posts_of(&scene.brand).await;
    posts.sort_by_key(|post| post["value"]["createdAt"].to_string());
    let texts: Vec<_> = posts.iter().map(|post| &post["value"]["text"]).collect();
    assert_eq!(texts, [&answer, &arrived, &lost]);
}

impl Scene {
    /// A brand on the network, and a host that listens for it.
    async fn start(network: Network) -> Self {
        let proxy = Proxy::start(&network.service).await;
        let brand = network.create_account("winkel").await;
        let dir = tempfile::tempdir().unwrap();
        let host = start_host(dir.path(), &proxy, &brand).await;
        Self {
            network,
            proxy,
            dir,
            brand,
            host,
        }
    }

    /// A post that mentions the brand, until the host has it with all that belongs to it.
    async fn heard(&self, customer: &Account, words: &str, deadline: Duration) -> (String, Value) {
        let uri = self.network.mention(customer, &self.brand, words).await;
        let message = until("the post is a message", deadline, async || {
            let message = self.host.message(&uri).await?;
            // Decisions, classifications and case are one commit.
            let decided = !message["decisions"].as_array()?.is_empty();
            decided.then_some(message)
        })
        .await;
        (uri, message)
    }

    async fn complaint_is_heard(&self, customer: &Account) -> (String, Value) {
        let start = Instant::now();
        let (uri, message) = self.heard(customer, COMPLAINT, HEARD).await;
        let elapsed = start.elapsed();
        tell(&format!(
            "heard, classified and decided {} ms after the post was begun",
            elapsed.as_millis()
        ));
        assert!(elapsed < HEARD, "{elapsed:?}");

        let content = message["content"].as_str().unwrap();
        assert_eq!(content, format!("@{} {COMPLAINT}", self.brand.handle));
        assert_eq!(message["direction"], "inbound");
        assert_eq!(message["reach"], "directed");
        assert_eq!(message["attributedTo"]["externalId"], customer.did.as_str());
        for (dimension, label) in [
            ("language", "nl"),
            ("intent", "complaint"),
            ("sentiment", "negative"),
        ] {
            let found = message["classifications"].as_array().unwrap().iter();
            let best = found
                .filter(|c| c["dimension"] == dimension)
                .max_by_key(|c| (c["score"].as_f64().unwrap().abs() * 1000.0) as i64);
            assert_eq!(best.unwrap()["label"], label, "{message:#}");
        }
        (uri, message)
    }

    async fn case_is_open(&self, customer: &Account, message: &Value) {
        let contact_id = message["contactId"].as_str().expect("a contact");
        let contact = self.host.get(&format!("contacts/{contact_id}")).await;
        let identity = &contact["identities"][0];
        assert_eq!(identity["network"], "bluesky");
        assert_eq!(identity["externalId"], customer.did.as_str());
        assert_eq!(identity["handle"], customer.handle.as_str());
        let open = contact["openCases"].as_array().unwrap();
        assert_eq!(open.len(), 1, "{contact:#}");
        assert_eq!(open[0]["kind"], "complaint");
        assert_eq!(open[0]["status"], "open");
        assert_eq!(open[0]["messageId"], message["id"]);
        assert!(open[0]["respondBy"].is_i64(), "{contact:#}");

        let decisions = message["decisions"].as_array().unwrap();
        let effects = |effect| decisions.iter().any(|d| d["effect"] == effect);
        assert!(effects("open-case") && effects("respond"), "{message:#}");
        decisions.iter().for_each(has_reasons);
    }

    async fn rude_draft_is_held(&self, complaint: &Value) -> String {
        let draft = self.host.draft(complaint, RUDE).await;
        let outcome = self.host.judge(&draft, "send").await;
        assert_eq!(outcome["verdict"], "hold", "{outcome:#}");
        assert_eq!(outcome["draft"]["status"], "held");
        assert_eq!(outcome["outboxItemId"], Value::Null);
        let mut decisions = outcome["decisions"].as_array().unwrap().iter();
        let tone = decisions.find(|d| d["rule"] == "tone-of-voice" && d["effect"] == "hold");
        let tone = tone.unwrap_or_else(|| panic!("{outcome:#}"));
        has_reasons(tone);
        assert!(!tone["evidence"].as_array().unwrap().is_empty(), "{tone:#}");
        assert_eq!(self.host.get("outbox").await["items"], json!([]));
        assert_eq!(self.network.posts_of(&self.brand).await.len(), 0);
        draft
    }

    /// The channel counts what people see: an e and its accent are one.
    async fn long_draft_is_refused(&self, draft: &str) {
        let long = |accents| format!("Wat vervelend. {}", "e\u{301}".repeat(accents));
        self.host.edit(draft, &long(297)).await;
        let outcome = self.host.judge(draft, "check").await;
        assert_eq!(outcome["verdict"], "deny", "{outcome:#}");
        let mut decisions = outcome["decisions"].as_array().unwrap().iter();
        let denial = decisions.find(|d| d["effect"] == "deny").unwrap();
        assert_eq!(denial["plugin"], "channel-bluesky");
        has_reasons(denial);
        let reason = denial["reason"].to_string();
        assert!(reason.contains("312 graphemes, at most 300"), "{reason}");

        self.host.edit(draft, &long(285)).await;
        let outcome = self.host.judge(draft, "check").await;
        assert_eq!(outcome["verdict"], "allow", "{outcome:#}");
        assert_eq!(self.host.get("outbox").await["items"], json!([]));
    }

    async fn corrected_draft_is_answer(&self, draft: &str, answer: &str, uri: &str) {
        self.host.edit(draft, answer).await;
        let outcome = self.host.judge(draft, "send").await;
        assert_eq!(outcome["verdict"], "allow", "{outcome:#}");
        let item = outcome["outboxItemId"].as_str().expect("on its way");
        assert_eq!(self.host.sent(item).await, ["sent"]);

        let message = self.host.message(uri).await.unwrap();
        let ours = self.host.outbound_in(&message).await;
        assert_eq!(ours.len(), 1, "{ours:#?}");
        assert_eq!(ours[0]["content"], answer);
        assert_eq!(ours[0]["inReplyTo"], uri);
        let path = format!("cases?contactId={}", message["contactId"].as_str().unwrap());
        let cases = self.host.get(&path).await;
        assert!(cases["items"][0]["responded"].is_i64(), "{cases:#}");
    }

    /// In the brand's repository, and as the application shows it to the customer.
    async fn network_shows_answer(&self, customer: &Account, uri: &str, answer: &str) {
        let posts = self.network.posts_of(&self.brand).await;
        assert_eq!(posts.len(), 1, "{posts:#?}");
        let record = &posts[0]["value"];
        assert_eq!(record["text"], answer);
        assert_eq!(record["reply"]["parent"]["uri"], uri);
        assert_eq!(record["reply"]["root"]["uri"], uri);
        let facets = record["facets"].as_array().unwrap();
        let of = |key: &str, value: &str| {
            let mut found = facets.iter().filter(|f| f["features"][0][key] == value);
            let index = &found.next().unwrap_or_else(|| panic!("{record:#}"))["index"];
            let at = |name: &str| index[name].as_u64().unwrap() as usize;
            &answer[at("byteStart")..at("byteEnd")]
        };
        assert_eq!(of("did", &customer.did), format!("@{}", customer.handle));
        let link = "https://voorbeeld.test/hulp";
        assert_eq!(of("uri", link), link);

        let answers = until("the application shows the answer", SOON, async || {
            let answers = self.network.answers_to(uri, customer).await;
            (!answers.is_empty()).then_some(answers)
        })
        .await;
        assert_eq!(answers.len(), 1, "{answers:#?}");
        assert_eq!(answers[0]["post"]["record"]["text"], answer);
        assert_eq!(answers[0]["post"]["author"]["did"], self.brand.did.as_str());
    }

    /// The host is killed with the request or the answer on the line, and started again: the answer
    /// stands on the network once. Its text.
    async fn killed_in_mid_send(&mut self, customer: &Account, question: &str, cut: Cut) -> String {
        let (uri, message) = self.heard(customer, question, SOON).await;
        let answer = format!("Dat zoeken we graag voor je uit: {question}");
        let draft = self.host.draft(&message, &answer).await;
        let created = self.proxy.created();
        self.proxy.cut_next(cut);
        let outcome = self.host.judge(&draft, "send").await;
        let item = outcome["outboxItemId"]
            .as_str()
            .unwrap_or_else(|| panic!("{outcome:#}"));
        self.proxy.until_cut().await;
        self.host.kill9();
        let arrived = usize::from(cut == Cut::BeforeAnswer);
        assert_eq!(self.times_on_network(&answer).await, arrived);
        assert_eq!(stored_status(self.dir.path(), item), "sending");

        let start = Instant::now();
        self.host = start_host(self.dir.path(), &self.proxy, &self.brand).await;
        let tries = self.host.sent(item).await;
        tell(&format!(
            "killed with {cut:?}: settled as {tries:?} {} ms after the restart",
            start.elapsed().as_millis()
        ));
        match cut {
            Cut::BeforeAnswer => assert_eq!(tries, ["found"]),
            Cut::BeforeRequest => assert_eq!(tries, ["not-found", "sent"]),
        }
        assert_eq!(self.proxy.created(), created + 1);
        assert_eq!(self.times_on_network(&answer).await, 1);
        let message = self.host.message(&uri).await.unwrap();
        let ours = self.host.outbound_in(&message).await;
        let same = ours.iter().filter(|m| m["content"] == answer.as_str());
        assert_eq!(same.count(), 1, "{ours:#?}");
        answer
    }

    async fn times_on_network(&self, text: &str) -> usize {
        let posts = self.network.posts_of(&self.brand).await;
        posts.iter().filter(|p| p["value"]["text"] == text).count()
    }

    /// The customer takes the post back: the fact stays, the words go.
    async fn deleted_post_is_tombstone(&self, customer: &Account, uri: &str) {
        self.network.delete(customer, uri).await;
        let start = Instant::now();
        let message = until("the message is a tombstone", SOON, async || {
            let message = self.host.message(uri).await?;
            message["deleted"].is_i64().then_some(message)
        })
        .await;
        tell(&format!(
            "a deleted post is a tombstone after {} ms",
            start.elapsed().as_millis()
        ));
        assert_eq!(message["content"], "");
        assert_eq!(message["title"], Value::Null);
        for list in ["tags", "mentions", "attachments"] {
            assert_eq!(message[list], json!([]), "{list}");
        }
        // Nor in what was decided, nor in the case that it opened.
        let path = format!("cases?contactId={}", message["contactId"].as_str().unwrap());
        let cases = self.host.get(&path).await;
        assert_eq!(cases["items"].as_array().unwrap().len(), 1);
        for told in [message, cases] {
            assert!(!told.to_string().contains("derde keer"), "{told:#}");
        }
    }
}

/// Starts a host on the data in `dir`, and waits until the network has answered it.
async fn start_host(dir: &Path, proxy: &Proxy, brand: &Account) -> Host {
    let config = format!(
        r#"
[[inbox]]
name = "brand"
plugin = "channel-bluesky"
poll-seconds = 1
local-hosts = ["{host}"]
settings = {{ service = "http://{host}", identifier = "{identifier}" }}
secrets = {{ app-password = "{password}" }}
"#,
        host = proxy.host,
        identifier = brand.handle,
        password = brand.password,
    );
    let begun = now_ms();
    let host = Host::start(&config, dir).await;
    until("the network is polled", SOON, async || {
        let inboxes = host.get("inboxes").await;
        let inbox = &inboxes[0];
        let polled = inbox["lastPolled"].as_i64()? >= begun;
        (polled && inbox["lastError"].is_null()).then_some(())
    })
    .await;
    host
}
