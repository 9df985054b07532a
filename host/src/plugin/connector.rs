//! Calls of channel connectors. One [`Connector`] serves one inbox: its settings, its secrets, its
//! way out. Every call gets a fresh instance; what it changed in its memory is handed out with the
//! answer, for the caller to commit together with it.

pub(super) mod answer;
mod denied;
mod means;
mod problem;

pub use answer::{Account, Page, Refusal, WebhookAnswer, WebhookRequest};
pub use means::{Given, Problem, SECRET_MAX_BYTES, joined, problems};
pub use problem::{PROBLEM_KEY, is_failing, problem_of};

use super::breaker::Breakers;
use super::budget::Overdue;
use super::call::Call;
use super::convert::{outbound_out, receipt_in};
use super::egress::{Allowance, Egress};
use super::engine::Engines;
use super::fault::{CallError, HostFault, PluginError};
use super::places::{CallKind, Places};
use super::prepare::{Freeze, PrepareError, Prepared, World, prepare};
use super::recorder::Recorder;
use super::secrets::SecretStore;
use super::settings::Settings;
use super::signed::{Admitted, Guard, Refused};
use super::stand_in::{Around, StandIn};
use super::state::{HostState, InboxScope, InboxState};
use super::traffic::Totals;
use crate::domain::TimestampMs;
use crate::domain::inbox::Monitor;
use crate::domain::outbound::{OutboundMessage, Receipt};
use crate::telemetry::metrics;
use answer::{account_in, page_in, webhook_in};
use denied::as_denied;
use means::{Means, means};
use rapport_bindings::channel_types as w;
use rapport_package::{Manifest, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What changed in the connector's memory; none deletes the key.
pub type StateChanges = BTreeMap<String, Option<Vec<u8>>>;

/// An answer, and what to store with it.
#[derive(Debug)]
pub struct Answer<T> {
    pub value: T,
    pub state: StateChanges,
}

/// One inbox's connector, configured and ready.
pub struct Connector {
    pub manifest: Manifest,
    pub digest: String,
    pub inbox_id: String,
    pub breaker: Breakers,
    engines: Arc<Engines>,
    places: Places,
    plugin_places: Arc<Places>,
    prepared: Prepared,
    settings: Arc<serde_json::Value>,
    secrets: Arc<SecretStore>,
    egress: Arc<Egress>,
    guard: Option<Guard>,
    around: Around,
}

/// What an inbox gives its connector.
pub struct ConnectorOptions {
    pub inbox_id: String,
    pub settings: Settings,
    pub secrets: BTreeMap<String, String>,
    /// `host:port` that the admin lets it reach though local.
    pub local_hosts: Vec<String>,
    /// The webhook's address as the network knows it; some networks sign it.
    pub webhook_url: Option<String>,
}

/// Calls the guest, then `$check`s what it says; a lie is a fault as any other.
macro_rules! guest_call {
    ($self:ident, $kind:ident, $state:ident, |$bindings:ident, $store:ident| $body:expr, $check:expr) => {{
        let World::Channel(pre) = &$self.prepared.world else {
            return Err(HostFault::Contract("not a channel".into()).into());
        };
        let mut call = $self.begin(CallKind::$kind, $state).await?;
        let time = call.time();
        let run = async {
            let $bindings = pre.instantiate_async(&mut call.store).await?;
            let $store = &mut call.store;
            if !$self.prepared.frozen {
                let _ = $bindings
                    .call_configure(&mut *$store, &$self.prepared.settings)
                    .await?;
            }
            $body.await
        };
        let outcome = time.run(run).await;
        $self.finish(CallKind::$kind, call, outcome, $check)
    }};
}

impl Connector {
    pub async fn load(
        engines: &Arc<Engines>,
        package: &Package,
        options: ConnectorOptions,
    ) -> Result<Self, PrepareError> {
        Self::build(
            engines,
            package,
            options,
            Around::World,
            Freeze::WhenPossible,
        )
        .await
    }

    /// For `rapport plugin test` alone: as in service, but for the network, the clock and the log,
    /// which are the stand-in's.
    pub async fn load_under_test(
        engines: &Arc<Engines>,
        package: &Package,
        options: ConnectorOptions,
        stand_in: Arc<StandIn>,
        freeze: Freeze,
    ) -> Result<Self, PrepareError> {
        let around = Around::StandIn(stand_in);
        Self::build(engines, package, options, around, freeze).await
    }

    /// For `rapport plugin record` alone: as in service, but for the clock, which stands still, and
    /// the recorder, which writes everything down.
    pub async fn load_recorded(
        engines: &Arc<Engines>,
        package: &Package,
        options: ConnectorOptions,
        recorder: Arc<Recorder>,
    ) -> Result<Self, PrepareError> {
        let around = Around::Recorded(recorder);
        Self::build(engines, package, options, around, Freeze::WhenPossible).await
    }

    async fn build(
        engines: &Arc<Engines>,
        package: &Package,
        options: ConnectorOptions,
        around: Around,
        freeze: Freeze,
    ) -> Result<Self, PrepareError> {
        let manifest = package.manifest.clone();
        let settings = options.settings;
        let given = Given {
            settings: &settings.value,
            secrets: &options.secrets,
            unread: &BTreeSet::new(),
            local_hosts: &options.local_hosts,
            webhook_url: options.webhook_url.as_deref(),
        };
        let Means {
            grants,
            secrets,
            guard,
        } = means(&manifest, &given).map_err(|wrong| PrepareError::Options(joined(&wrong)))?;
        let allowance = Allowance {
            quota: engines.quotas.of(&manifest.id),
            limits: manifest.limits,
        };
        // Reads the system's authorities: not on a thread that others wait for.
        let (host, store, world) = (Arc::clone(engines), Arc::clone(&secrets), around.clone());
        let egress = tokio::task::spawn_blocking(move || {
            Egress::new(grants, store, world, allowance, host.roots())
        });
        let egress = egress.await.unwrap_or_else(|error| Err(error.to_string()));
        let egress = egress.map_err(PrepareError::Load)?;
        let prepared = prepare(engines, package, &settings.text, &settings.digest, freeze).await?;
        Ok(Self {
            manifest,
            digest: package.digest.clone(),
            inbox_id: options.inbox_id,
            breaker: Breakers::default(),
            engines: Arc::clone(engines),
            places: Places::of_inbox(),
            plugin_places: engines.places.of(&package.manifest.id),
            prepared,
            settings: Arc::new(settings.value),
            secrets,
            egress: Arc::new(egress),
            guard,
            around,
        })
    }

    /// Whether it starts from its frozen, configured state.
    pub fn is_frozen(&self) -> bool {
        self.prepared.frozen
    }

    /// Whether a webhook is the network's, as far as the manifest has the host prove it.
    pub fn admit(&self, request: &WebhookRequest, now: TimestampMs) -> Result<Admitted, Refused> {
        let guard = self.guard.as_ref();
        guard.map_or(Ok(Admitted::Pass), |guard| guard.check(request, now))
    }

    /// Whether webhooks are proven to be the network's before the connector sees them.
    pub fn is_guarded(&self) -> bool {
        self.guard.is_some()
    }

    async fn begin(
        &self,
        kind: CallKind,
        stored: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Call, HostFault> {
        let _line = self.places.stand_in_line(kind)?;
        let _plugin_line = self.plugin_places.stand_in_line(kind)?;
        self.breaker.of(kind).admit()?;
        let memory_mb = self.manifest.limits.memory_mb;
        let scope = InboxScope {
            inbox_id: self.inbox_id.clone(),
            settings: Arc::clone(&self.settings),
            secrets: Arc::clone(&self.secrets),
            state: InboxState {
                stored: Arc::new(stored.clone()),
                changed: BTreeMap::new(),
            },
            now: self.around.now(),
        };
        let state = HostState::connector(memory_mb, self.egress.hooks(), scope);
        let runtime = self.engines.runtime(self.manifest.kind);
        let time_ms = self.manifest.limits.time_ms;
        let longest = Duration::from_millis(u64::from(time_ms));
        let shares = [self.places.share(kind), self.plugin_places.share(kind)];
        let begun = Call::begin(runtime, &shares, state, memory_mb, time_ms, longest).await;
        let mut call = begun?;
        call.store.data_mut().egress.begin(longest);
        Ok(call)
    }

    /// The call's answer, checked, with its state changes.
    fn finish<T, U>(
        &self,
        kind: CallKind,
        mut call: Call,
        outcome: Result<
            wasmtime::Result<Result<T, rapport_bindings::common::PluginError>>,
            Overdue,
        >,
        check: impl FnOnce(T) -> Result<U, HostFault>,
    ) -> Result<Answer<U>, CallError> {
        if let Around::StandIn(stand_in) = &self.around {
            // Whoever tests it reads the log; there is no need of another.
            let state = call.store.data_mut();
            let printed = String::from_utf8_lossy(&state.stderr.contents()).into_owned();
            let logged = std::mem::take(&mut state.log);
            let logged = logged.into_iter().map(|line| line.text);
            stand_in.hear(logged.chain([printed]));
        }
        let settled = call
            .settle(&self.manifest.id, outcome)
            .and_then(|said| match said {
                Ok(value) => check(value).map(Ok),
                Err(error) => Ok(Err(PluginError::from(error))),
            });
        let egress = &call.store.data().egress;
        let (denials, traffic) = (egress.denials(), egress.traffic());
        let denied = denials.forbidden.len() + usize::from(denials.exceeded.is_some());
        metrics::plugin_denials(&self.manifest.id, denied);
        let Totals {
            requests,
            sent_bytes,
            received_bytes,
        } = traffic.totals();
        metrics::plugin_traffic(&self.manifest.id, requests, sent_bytes, received_bytes);
        let settled = as_denied(settled, &denials, traffic.has_changed());
        let breaker = self.breaker.of(kind);
        breaker.record(settled.as_ref().err(), call.took());
        let value = settled?.map_err(CallError::Plugin)?;
        let state = call
            .store
            .data_mut()
            .inbox
            .take()
            .map(|inbox| inbox.state.changed)
            .unwrap_or_default();
        Ok(Answer { value, state })
    }

    /// Settings and credentials work; who are we?
    pub async fn check(
        &self,
        stored: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Answer<Account>, CallError> {
        guest_call!(
            self,
            Ask,
            stored,
            |guest, store| guest.call_check(store),
            account_in
        )
    }

    /// What happened since the cursor.
    pub async fn poll(
        &self,
        stored: &BTreeMap<String, Vec<u8>>,
        cursor: Option<&str>,
        monitors: &[Monitor],
    ) -> Result<Answer<Page>, CallError> {
        let monitors: Vec<w::Monitor> = monitors
            .iter()
            .map(|m| w::Monitor {
                id: m.id.clone(),
                query: m.query.clone(),
            })
            .collect();
        guest_call!(
            self,
            Ask,
            stored,
            |guest, store| guest.call_poll(store, cursor, &monitors),
            page_in
        )
    }

    /// The network called.
    pub async fn receive(
        &self,
        stored: &BTreeMap<String, Vec<u8>>,
        request: WebhookRequest,
    ) -> Result<Answer<WebhookAnswer>, CallError> {
        let header = |(name, value)| w::Header { name, value };
        let request = w::WebhookRequest {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers.into_iter().map(header).collect(),
            body: request.body,
        };
        guest_call!(
            self,
            Receive,
            stored,
            |guest, store| guest.call_receive(store, &request),
            webhook_in
        )
    }

    /// Could this be sent as it is? No network, so the state stays as it is.
    pub async fn validate(&self, message: &OutboundMessage) -> Result<(), CallError> {
        let message = outbound_out(message);
        let stored = BTreeMap::new();
        let state = &stored;
        guest_call!(
            self,
            Send,
            state,
            |guest, store| guest.call_validate(store, &message),
            Ok
        )?;
        Ok(())
    }

    /// Sends it.
    pub async fn send(
        &self,
        stored: &BTreeMap<String, Vec<u8>>,
        message: &OutboundMessage,
        idempotency_key: &str,
    ) -> Result<Answer<Receipt>, CallError> {
        let message = outbound_out(message);
        guest_call!(
            self,
            Send,
            stored,
            |guest, store| guest.call_send(store, &message, idempotency_key),
            receipt_in
        )
    }

    /// Did the message with this key arrive?
    pub async fn find_sent(
        &self,
        stored: &BTreeMap<String, Vec<u8>>,
        idempotency_key: &str,
    ) -> Result<Answer<Option<Receipt>>, CallError> {
        guest_call!(
            self,
            Send,
            stored,
            |guest, store| guest.call_find_sent(store, idempotency_key),
            |found: Option<w::Receipt>| found.map(receipt_in).transpose()
        )
    }
}
