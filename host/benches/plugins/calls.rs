//! What a call costs: in the sandbox, with the instance that is made for it; configured at each call
//! instead of once; and the same logic compiled into the host.
//!
//! The host makes a fresh instance for each call and never reuses one. What that costs is the part of a
//! call that does not grow with its messages: `fixed`, from the calls with one message and with many.

use crate::guests::{build_packages, engines, load_pure, messages};
use crate::{median, texts};
use rapport_host::domain::policy::PolicyCase;
use rapport_host::domain::social::SourceMessage;
use rapport_host::plugin::connector::{Connector, ConnectorOptions, WebhookRequest};
use rapport_host::plugin::pure::PurePlugin;
use rapport_host::plugin::{Freeze, resolve_settings};
use rapport_package::{Kind, Package};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const PURE: [&str; 5] = [
    "examples/classify-hello",
    "plugins/classify-language",
    "plugins/classify-sentiment",
    "plugins/classify-topic",
    "plugins/policy-service",
];
const CHANNEL: &str = "plugins/channel-sample";
/// Messages in a call: one, and as many as the host puts in one.
const BATCHES: [usize; 2] = [1, 256];
/// Each variant is measured this often; the median counts.
const ROUNDS: usize = 11;
/// Length of one measurement.
const ROUND: Duration = Duration::from_millis(150);

/// One way of running one plugin.
#[derive(Debug, Serialize)]
pub struct Figure {
    plugin: String,
    variant: &'static str,
    /// Microseconds of a call with one message, and with many.
    one_us: f64,
    many_us: f64,
    /// The part of a call that is there whatever its messages.
    fixed_us: f64,
    /// Fuel of a call with one message; none outside the sandbox.
    fuel: u64,
    /// Times the native variant's, or those of the first file; none where there is nothing to compare.
    one_ratio: Option<f64>,
    many_ratio: Option<f64>,
}

enum Subject {
    Pure(Box<PurePlugin>),
    Channel(Box<Connector>),
}

struct Variant {
    plugin: String,
    name: &'static str,
    subject: Subject,
    times: [Vec<f64>; 2],
    fuel: u64,
}

/// What a call is about, made before the clock starts.
struct Input {
    messages: Vec<SourceMessage>,
    cases: Vec<PolicyCase>,
    body: Vec<u8>,
}

impl Input {
    fn of(count: usize) -> Self {
        let messages = messages(&texts(count));
        let case = |message: &SourceMessage| PolicyCase::inbound("case", message.clone());
        let cases = messages.iter().map(case).collect();
        let line = |(index, text): (usize, &str)| {
            let author = json!({"id": "ada", "handle": "ada", "name": "Ada", "kind": "person"});
            let object = json!({
                "id": format!("m-{index}"), "content": text, "visibility": "direct",
                "reach": "directed", "attributedTo": author,
            });
            let line = json!({
                "id": format!("create-{index}"), "type": "Create",
                "published": "2026-03-02T08:15:00Z", "object": object,
            });
            format!("{line}\n")
        };
        let lines: String = texts(count).into_iter().enumerate().map(line).collect();
        Self {
            messages,
            cases,
            body: lines.into_bytes(),
        }
    }
}

impl Variant {
    fn new(plugin: &str, name: &'static str, subject: Subject) -> Self {
        Self {
            plugin: plugin.to_owned(),
            name,
            subject,
            times: Default::default(),
            fuel: 0,
        }
    }

    fn pure(name: &'static str, plugin: PurePlugin) -> Self {
        let id = plugin.manifest.id.clone();
        Self::new(&id, name, Subject::Pure(Box::new(plugin)))
    }

    /// One call, every answer of which is good; its time and its fuel.
    async fn call(&self, input: &Input) -> (Duration, u64) {
        match &self.subject {
            Subject::Pure(plugin) if plugin.manifest.kind == Kind::Classifier => {
                let start = Instant::now();
                let batch = plugin.classify(&input.messages).await;
                let took = start.elapsed();
                for item in &batch.items {
                    assert!(item.is_ok(), "{}: {item:?}", self.plugin);
                }
                (took, batch.fuel)
            }
            Subject::Pure(plugin) => {
                let mut cases = input.cases.clone();
                let start = Instant::now();
                let batch = plugin.decide(&mut cases).await;
                let took = start.elapsed();
                for item in &batch.items {
                    assert!(item.is_ok(), "{}: {item:?}", self.plugin);
                }
                (took, batch.fuel)
            }
            Subject::Channel(connector) => {
                let request = WebhookRequest {
                    method: "POST".into(),
                    path: String::new(),
                    query: String::new(),
                    headers: Vec::new(),
                    body: input.body.clone(),
                };
                let stored = BTreeMap::new();
                let start = Instant::now();
                let answer = connector.receive(&stored, request).await;
                let took = start.elapsed();
                let answer = answer.expect("it takes the lines").value;
                assert_eq!(
                    answer.activities.len(),
                    input.messages.len(),
                    "all are taken"
                );
                (took, 0)
            }
        }
    }

    /// Calls for about [`ROUND`] and keeps the mean, in microseconds.
    async fn measure(&mut self, inputs: &[Input; 2]) {
        for (index, input) in inputs.iter().enumerate() {
            let (mut time, mut calls) = (Duration::ZERO, 0u32);
            let start = Instant::now();
            while calls == 0 || start.elapsed() < ROUND {
                let (took, fuel) = self.call(input).await;
                time += took;
                calls += 1;
                if index == 0 {
                    self.fuel = fuel;
                }
            }
            self.times[index].push(time.as_secs_f64() * 1e6 / f64::from(calls));
        }
    }

    fn figure(mut self) -> Figure {
        let [one_us, many_us] = [0, 1].map(|index| median(&mut self.times[index]));
        let many = BATCHES[1] as f64;
        Figure {
            plugin: self.plugin,
            variant: self.name,
            one_us,
            many_us,
            fixed_us: ((many * one_us - many_us) / (many - 1.0)).max(0.0),
            fuel: self.fuel,
            one_ratio: None,
            many_ratio: None,
        }
    }
}

async fn sandboxed(package: &Package, freeze: Freeze) -> PurePlugin {
    let loaded = load_pure(package, &json!({}), freeze).await;
    loaded.unwrap_or_else(|e| panic!("{}: {e}", package.manifest.id))
}

async fn variants(package: &Package) -> Vec<Variant> {
    let plugin = sandboxed(package, Freeze::WhenPossible).await;
    let twin = plugin.native_twin();
    let mut all: Vec<_> = twin
        .map(|twin| Variant::pure("native", twin))
        .into_iter()
        .collect();
    all.push(Variant::pure("sandboxed", plugin));
    let each_call = sandboxed(package, Freeze::Never).await;
    all.push(Variant::pure("configured each call", each_call));
    all
}

/// The variants take turns, so that a change of the machine's pace hits them alike.
async fn compare(mut all: Vec<Variant>, inputs: &[Input; 2]) -> Vec<Figure> {
    for _ in 0..ROUNDS {
        for variant in &mut all {
            variant.measure(inputs).await;
        }
    }
    let mut figures: Vec<Figure> = all.into_iter().map(Variant::figure).collect();
    if figures.len() > 1 {
        let (one, many) = (figures[0].one_us, figures[0].many_us);
        for figure in &mut figures {
            figure.one_ratio = Some(figure.one_us / one);
            figure.many_ratio = Some(figure.many_us / many);
        }
    }
    figures
}

async fn channel(package: &Package) -> Connector {
    let settings = resolve_settings(&package.manifest.settings, &json!({})).expect("settings");
    let options = ConnectorOptions {
        inbox_id: "inbox".into(),
        settings,
        secrets: BTreeMap::new(),
        local_hosts: Vec::new(),
        webhook_url: None,
    };
    let connector = Connector::load(engines(), package, options).await;
    connector.expect("the channel loads")
}

/// The bundled plugins, each with its native twin where it has one; then the files, compared with the
/// first of them.
pub async fn measure(files: &[Package]) -> Vec<Figure> {
    let inputs = BATCHES.map(Input::of);
    let mut figures = Vec::new();
    for package in build_packages(&PURE) {
        figures.extend(compare(variants(&package).await, &inputs).await);
    }
    for package in build_packages(&[CHANNEL]) {
        let connector = Subject::Channel(Box::new(channel(&package).await));
        let receive = Variant::new(&package.manifest.id, "sandboxed", connector);
        figures.extend(compare(vec![receive], &inputs).await);
    }
    let mut given = Vec::new();
    for package in files {
        let plugin = sandboxed(package, Freeze::WhenPossible).await;
        let name = if plugin.is_frozen() {
            "file"
        } else {
            "file, not frozen"
        };
        given.push(Variant::pure(name, plugin));
    }
    figures.extend(compare(given, &inputs).await);
    figures
}

pub fn print(figures: &[Figure]) {
    if figures.is_empty() {
        return;
    }
    let [one, many] = BATCHES;
    println!(
        "{:22}{:22}{:>12}{:>9}{:>13}{:>9}{:>11}{:>13}",
        "a call",
        "",
        format!("µs, {one}"),
        "ratio",
        format!("µs, {many}"),
        "ratio",
        "fixed µs",
        "fuel"
    );
    let ratio = |ratio: Option<f64>| ratio.map_or_else(String::new, |r| format!("{r:.2}"));
    for figure in figures {
        println!(
            "{:22}{:22}{:>12.1}{:>9}{:>13.1}{:>9}{:>11.1}{:>13}",
            figure.plugin,
            figure.variant,
            figure.one_us,
            ratio(figure.one_ratio),
            figure.many_us,
            ratio(figure.many_ratio),
            figure.fixed_us,
            figure.fuel
        );
    }
}
