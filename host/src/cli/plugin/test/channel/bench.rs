//! Where a channel is tested: its connector, a network that plays what it is told, a clock that
//! stands still, secrets that are found again.
//!
//! Everything that comes back of every call is searched for secrets here, whatever check made it.
//! Deliberately absent: what is right; that is for the checks.

use super::canary::Canaries;
use super::network::{Asked, Network};
use super::script::Script;
use crate::cli::plugin::test::loader::Loader;
use crate::cli::plugin::test::records;
use crate::domain::inbox::Monitor;
use crate::domain::outbound::{OutboundMessage, Receipt};
use crate::plugin::connector::{
    Account, Answer, Connector, ConnectorOptions, Page, StateChanges, WebhookAnswer, WebhookRequest,
};
use crate::plugin::{CallError, Freeze, HostFault, PrepareError, Settings, StandIn};
use anyhow::Result;
use rapport_package::fixture::{Call, ChannelCase, Exchange};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use toml::Table;
use url::Url;

/// What a connector is asked.
#[derive(Debug, Clone)]
pub enum Ask {
    Check,
    Poll(Vec<Monitor>),
    Receive(WebhookRequest),
    Validate(OutboundMessage),
    Send(OutboundMessage, String),
    FindSent(String),
}

/// What it answered.
#[derive(Debug, Clone)]
pub enum Came {
    Account(Account),
    Page(Page),
    Webhook(WebhookAnswer),
    Valid,
    Receipt(Receipt),
    Found(Option<Receipt>),
}

/// What the host stores of an inbox between calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    pub cursor: Option<String>,
    pub state: BTreeMap<String, Vec<u8>>,
}

/// A call with all that belongs to it.
pub struct Run {
    pub came: Result<Came, CallError>,
    /// What the host would have stored after it.
    pub memory: Memory,
    pub asked: Vec<Asked>,
    pub script: Script,
}

impl Run {
    pub fn page(&self) -> Option<&Page> {
        match &self.came {
            Ok(Came::Page(page)) => Some(page),
            _ => None,
        }
    }
}

pub struct Bench<'a> {
    pub loader: &'a Loader<'a>,
    pub canaries: Canaries,
    network: Network,
    stand_in: Arc<StandIn>,
    /// What was found, and how many texts were searched.
    leaks: Mutex<(BTreeSet<String>, usize)>,
}

impl<'a> Bench<'a> {
    pub async fn new(loader: &'a Loader<'a>) -> Result<Self> {
        let network = Network::start().await?;
        Ok(Self {
            loader,
            canaries: Canaries::of(&loader.package.manifest),
            stand_in: StandIn::new(network.address),
            network,
            leaks: Mutex::default(),
        })
    }

    /// The connector of an inbox with these settings, as after a start of the host.
    pub async fn connector(
        &self,
        settings: Settings,
        unset: &[String],
        local_hosts: Vec<String>,
        freeze: Freeze,
    ) -> Result<Connector, PrepareError> {
        let package = self.loader.package;
        let options = ConnectorOptions {
            inbox_id: "inbox-under-test".to_owned(),
            settings,
            secrets: self.canaries.given(unset),
            local_hosts,
            webhook_url: Some("https://desk.example/hooks/inbox-under-test".to_owned()),
        };
        let (engines, stand_in) = (self.loader.engines(), Arc::clone(&self.stand_in));
        Connector::load_under_test(engines, package, options, stand_in, freeze).await
    }

    /// The connector that a case is for; the problem where its settings are no good.
    pub async fn seat(&self, case: &ChannelCase) -> Result<Connector, String> {
        if let Some(name) = case
            .unset
            .iter()
            .find(|n| !self.canaries.names().any(|c| c == **n))
        {
            return Err(format!("`unset`: the manifest has no secret `{name}`"));
        }
        let settings = self.settings(&case.settings)?;
        let settings = self.loader.live(settings);
        // Nothing is connected to but the stand-in, so a case may name a local server.
        let hosts = case.exchanges.iter().filter_map(|e| host(&e.request.url));
        let loaded = self.connector(settings, &case.unset, hosts.collect(), Freeze::Never);
        loaded.await.map_err(|error| error.to_string())
    }

    pub fn settings(&self, given: &Table) -> Result<Settings, String> {
        let given = serde_json::to_value(given).unwrap_or_default();
        let resolved = self.loader.resolve(&given);
        resolved.map_err(|problems| problems.join("\n"))
    }

    /// One call while the network plays the script. `place` is what a leak is told with.
    pub async fn call(
        &self,
        connector: &mut Connector,
        place: &str,
        now: i64,
        ask: &Ask,
        memory: &Memory,
        script: Script,
    ) -> Run {
        // One fault must not keep the next input from being tried.
        connector.breaker = Default::default();
        self.stand_in.set_now(now);
        self.network.play(script);
        let (came, changes) = ask.put(connector, memory).await;
        let (script, asked) = self.network.played();
        let heard = self.stand_in.take_heard();
        self.search(place, &came, &changes, &heard);
        let mut after = memory.clone();
        if came.is_ok() {
            after.apply(&came, changes);
        }
        Run {
            came,
            memory: after,
            asked,
            script,
        }
    }

    fn search(
        &self,
        place: &str,
        came: &Result<Came, CallError>,
        changes: &StateChanges,
        heard: &[String],
    ) {
        let what = if came.is_ok() {
            "its answer"
        } else {
            "its error"
        };
        let mut texts = vec![(what.to_owned(), format!("{came:?}"))];
        for (key, value) in changes {
            let value = String::from_utf8_lossy(value.as_deref().unwrap_or_default());
            texts.push((format!("its state `{key}`"), format!("{key} {value}")));
        }
        if let Ok(Came::Webhook(answer)) = came {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            texts.push(("its answer to the webhook".to_owned(), body));
        }
        texts.extend(heard.iter().map(|t| ("its log".to_owned(), t.clone())));
        let mut leaks = self.lock();
        leaks.1 += texts.len();
        for (what, text) in texts {
            for (name, form) in self.canaries.find(&text) {
                let leak = format!("{place}: the secret `{name}` in {what}, {form}");
                leaks.0.insert(leak);
            }
        }
    }

    /// The leaks so far, and how many texts were searched.
    pub fn leaks(&self) -> (Vec<String>, usize) {
        let leaks = self.lock();
        (leaks.0.iter().cloned().collect(), leaks.1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (BTreeSet<String>, usize)> {
        self.leaks
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A case's exchanges, secrets in their places.
    pub fn exchanges(&self, case: &ChannelCase) -> Vec<Exchange> {
        self.canaries.exchanges(case)
    }
}

/// `host:port` of an address.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}

/// A connector whose activities can't be stored breaks the contract, though in service only they are
/// left out.
fn kept(came: Came) -> Result<Came, CallError> {
    let refused = match &came {
        Came::Page(page) => page.refused.first(),
        Came::Webhook(answer) => answer.refused.first(),
        _ => None,
    };
    match refused {
        Some(refused) => Err(HostFault::Contract(refused.to_string()).into()),
        None => Ok(came),
    }
}

impl Memory {
    fn apply(&mut self, came: &Result<Came, CallError>, changes: StateChanges) {
        if let Ok(Came::Page(page)) = came {
            self.cursor = Some(page.cursor.clone());
        }
        for (key, value) in changes {
            match value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
    }
}

impl Ask {
    /// Of a case; the problem where it can't be read.
    pub fn of(case: &ChannelCase) -> Result<Self, String> {
        let draft = || records::outbound(case.draft.as_ref().unwrap_or(&Table::new()));
        Ok(match case.call {
            Call::Check => Ask::Check,
            Call::Poll => {
                let monitors = case.monitors.iter().map(records::monitor);
                Ask::Poll(monitors.collect::<Result<_, _>>()?)
            }
            Call::Receive => Ask::Receive(records::webhook(case.request.as_ref())),
            Call::Validate => Ask::Validate(draft()?.0),
            Call::Send => {
                let (message, key) = draft()?;
                Ask::Send(message, key)
            }
            Call::FindSent => Ask::FindSent(draft()?.1),
        })
    }

    async fn put(
        &self,
        connector: &Connector,
        memory: &Memory,
    ) -> (Result<Came, CallError>, StateChanges) {
        fn parts<T>(
            answer: Result<Answer<T>, CallError>,
            came: impl Fn(T) -> Came,
        ) -> (Result<Came, CallError>, StateChanges) {
            match answer {
                Ok(answer) => (kept(came(answer.value)), answer.state),
                Err(error) => (Err(error), StateChanges::new()),
            }
        }
        let state = &memory.state;
        match self {
            Ask::Check => parts(connector.check(state).await, Came::Account),
            Ask::Poll(monitors) => {
                let cursor = memory.cursor.as_deref();
                parts(connector.poll(state, cursor, monitors).await, Came::Page)
            }
            Ask::Receive(request) => parts(
                connector.receive(state, request.clone()).await,
                Came::Webhook,
            ),
            Ask::Validate(message) => {
                let valid = connector.validate(message).await;
                (valid.map(|()| Came::Valid), StateChanges::new())
            }
            Ask::Send(message, key) => {
                parts(connector.send(state, message, key).await, Came::Receipt)
            }
            Ask::FindSent(key) => parts(connector.find_sent(state, key).await, Came::Found),
        }
    }
}
