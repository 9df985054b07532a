//! `rapport serve`: the event loop and the API, until SIGTERM or Ctrl-C; then everything that is
//! held is finished.
//!
//! The address answers from the beginning: while the store is late, /health/live says that the host
//! lives and everything else says when to try again. Once it is there, the API works while plugins and
//! inboxes are prepared; the line that says so is printed when all are at work that can be.

use crate::access::setup;
use crate::app;
use crate::config::sections::LimitsConfig;
use crate::config::{Config, ListenAddress};
use crate::db::{DbError, Dialect, private};
use crate::domain::now_ms;
use crate::http::connections::Connections;
use crate::http::limits::{Limits, Settings};
use crate::http::server::{self, Front};
use crate::http::{Access, AppState, Identity, metrics_router, router, starting_router};
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::telemetry::export;
use crate::telemetry::shown::shown;
use crate::worker::Workers;
use anyhow::{Context, Result, bail};
use ipnet::IpNet;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Those who ask for metrics are few.
const METRICS_CONNECTIONS: usize = 32;
/// How often it is said what a start still waits for.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// Between tries to open the store; doubles up to the longest.
const PATIENCE_FIRST: Duration = Duration::from_secs(1);
const PATIENCE_LONGEST: Duration = Duration::from_secs(15);
/// For the event loop to finish what it holds; what is left then is somebody's after its lease.
const WORKERS_DEADLINE: Duration = Duration::from_secs(60);

pub async fn run(config: &Config) -> Result<()> {
    refuse_what_is_wrong(config)?;
    let token = config.token()?;
    let _lock = lock(config)?;
    let roots = config.extra_roots()?;
    let traces = export::start(config.telemetry.otlp_endpoint.as_deref(), &roots)?;
    let proxies: Vec<_> = config.trusted_proxies.iter().map(|net| net.0).collect();
    let listening = Listening::start(&config.listen, &config.limits, &proxies).await?;
    let Some(opened) = open_patiently(config, &listening.stop).await? else {
        listening.server.await?;
        return Ok(());
    };
    if config.inboxes.is_empty() {
        tracing::warn!("no inboxes are configured; see examples/rapport.toml");
    }
    let public_url = config.public_url.as_ref().map(|url| url.0.to_string());
    let doors = Doors {
        access: access(config, token.as_deref(), listening.address),
        identity: opened.identity,
        metrics_listen: config.metrics_listen.clone(),
    };
    let setup = opened.setup;
    let pipeline = Arc::new(opened.pipeline);
    tokio::spawn(app::follow_key(
        config.clone(),
        pipeline.db.clone(),
        pipeline.host.clone(),
        listening.stop.clone(),
    ));
    let served = listening
        .run(doors, pipeline, move |address, missing| {
            tracing::info!(%address, "serving");
            // It serves whether or not anybody reads this.
            let _ = outln!(
                "Rapport listens on http://{address}/api/v1 (OpenAPI: /api/v1/openapi.json)"
            );
            for problem in missing {
                let _ = outln!("Not at work: {}", shown(&problem));
            }
            if let Some(secret) = setup {
                let base = public_url.unwrap_or_else(|| format!("http://{address}/"));
                let _ = outln!(
                    "There is no administrator yet. Make one within a day: {base}setup#{secret}"
                );
            }
        })
        .await;
    traces.stop().await;
    served
}

/// What no host may start with; `rapport config check` tells the same, and more.
fn refuse_what_is_wrong(config: &Config) -> Result<()> {
    let wrong: Vec<String> = app::examine(config)
        .iter()
        .map(ToString::to_string)
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => bail!("{}", wrong.join("\n")),
    }
}

/// Who is let in, by the configuration.
fn access(config: &Config, token: Option<&str>, address: SocketAddr) -> Access {
    let proxies: Vec<_> = config.trusted_proxies.iter().map(|net| net.0).collect();
    let public_url = config.public_url.as_ref().map(|url| &url.0);
    let origins: Vec<String> = config.cors_origins.iter().map(|o| o.0.clone()).collect();
    let access = Access::new(token, public_url, &proxies, config.session.limits());
    let access = access.with_cors(&origins);
    if !address.ip().is_loopback() && !access.secure {
        tracing::warn!(
            "reachable from other machines without https: log-ins and tokens can be read on the way; \
             put a proxy with https before it and set public-url"
        );
    }
    access
}

/// How one gets in.
struct Doors {
    access: Access,
    identity: Identity,
    metrics_listen: Option<ListenAddress>,
}

/// What there is once the store can be had.
struct Opened {
    pipeline: Pipeline,
    identity: Identity,
    /// The secret of a link to make the first administrator with, when there is none.
    setup: Option<String>,
}

/// As soon as the store can be had: a database that is late, locked or full is waited for. None when
/// told to stop meanwhile.
async fn open_patiently(config: &Config, stop: &CancellationToken) -> Result<Option<Opened>> {
    let mut patience = PATIENCE_FIRST;
    loop {
        let opened = async {
            let pipeline = app::open(config).await?;
            take_over(&pipeline).await?;
            anyhow::Ok(Opened {
                identity: app::identity(config, &pipeline.db).await?,
                setup: setup::offer(&pipeline.db).await?,
                pipeline,
            })
        };
        let error = tokio::select! {
            () = stop.cancelled() => return Ok(None),
            opened = opened => match opened {
                Ok(opened) => return Ok(Some(opened)),
                Err(error) => error,
            },
        };
        let passes = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<DbError>())
            .any(DbError::may_pass);
        if !passes {
            return Err(error);
        }
        tracing::error!(
            error = format!("{error:#}"),
            retry_s = patience.as_secs(),
            "the store can't be had yet"
        );
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(patience) => {}
        }
        patience = (patience * 2).min(PATIENCE_LONGEST);
    }
}

/// One host for one data directory: what a host that is gone held can then be taken over at once.
pub fn lock(config: &Config) -> Result<File> {
    private::create_dir(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let path = config.data_dir.join("rapport.lock");
    private::append(&path, b"").with_context(|| path.display().to_string())?;
    let file = File::options().write(true).open(&path);
    let file = file.with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "{} is in use by another rapport; stop that one, or set another data-dir",
            config.data_dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context(path.display().to_string()),
    }
}

/// Runs event loop and API until told to stop, on a store that is open.
pub async fn serve(
    listen: &ListenAddress,
    access: Access,
    identity: Identity,
    pipeline: Arc<Pipeline>,
    ready: impl FnOnce(SocketAddr, Vec<String>) + Send + 'static,
) -> Result<()> {
    take_over(&pipeline).await?;
    let listening = Listening::start(listen, &LimitsConfig::default(), &[]).await?;
    let doors = Doors {
        access,
        identity,
        metrics_listen: None,
    };
    listening.run(doors, pipeline, ready).await
}

/// A host that answers, though nothing but that it is starting.
struct Listening {
    address: SocketAddr,
    front: Front,
    limits: Arc<Limits>,
    queued_events: u64,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Listening {
    /// Binds the address; ends at SIGTERM or Ctrl-C.
    async fn start(
        listen: &ListenAddress,
        limits: &LimitsConfig,
        proxies: &[IpNet],
    ) -> Result<Self> {
        let listener = bind(listen, "listen").await?;
        let stop = CancellationToken::new();
        let front = Front::new(starting_router());
        let address = listener.local_addr()?;
        let settings = Settings {
            requests_at_once: limits.requests_at_once as usize,
            requests_per_second: limits.requests_per_second,
            request_burst: limits.request_burst,
            streams_per_caller: limits.streams_per_caller as usize,
        };
        let at_work = Limits::new(settings, proxies);
        let good = Arc::clone(&at_work.good);
        let connections = limits.connections as usize;
        server::allow_open_files(connections);
        let connections = Connections::new(connections, proxies, good);
        let server = server::serve(listener, front.clone(), connections, stop.clone());
        let told = stop.clone();
        tokio::spawn(async move {
            asked_to_stop().await;
            told.cancel();
        });
        Ok(Self {
            address,
            front,
            limits: Arc::new(at_work),
            queued_events: limits.queued_events.into(),
            stop,
            server: tokio::spawn(server),
        })
    }

    /// Opens the routes and starts the event loop; returns when all has ended.
    async fn run(
        self,
        doors: Doors,
        pipeline: Arc<Pipeline>,
        ready: impl FnOnce(SocketAddr, Vec<String>) + Send + 'static,
    ) -> Result<()> {
        let metrics_listener = match &doors.metrics_listen {
            Some(address) => Some(bind(address, "metrics-listen").await?),
            None => None,
        };
        let wake = Arc::new(Wake::default());
        wake.load.set_most(self.queued_events);
        let workers = Workers::start(&pipeline, &wake);
        let state = AppState {
            pipeline: Arc::clone(&pipeline),
            wake,
            access: Arc::new(doors.access),
            identity: Arc::new(doors.identity),
            stop: self.stop.clone(),
            limits: self.limits,
        };
        if let Some(listener) = metrics_listener {
            let front = Front::new(metrics_router(state.clone()));
            let connections = Connections::new(METRICS_CONNECTIONS, &[], Arc::default());
            let served = server::serve(listener, front, connections, self.stop.clone());
            tokio::spawn(served);
        }
        self.front.change(router(state));
        let (address, preparing) = (self.address, Arc::clone(&pipeline));
        let telling = tokio::spawn(async move {
            prepared(&preparing).await;
            ready(address, app::missing(&preparing));
        });
        let served = self.server.await;
        telling.abort();
        tracing::info!("stopping: finishing what is held");
        if tokio::time::timeout(WORKERS_DEADLINE, workers.stop())
            .await
            .is_err()
        {
            tracing::warn!(
                "stopped before all was finished; it is taken up again at the next start"
            );
        }
        if let Err(error) = pipeline.db.poll_release(Some(&pipeline.host)).await {
            tracing::warn!(%error, "turns to poll not given up; they run out");
        }
        pipeline.db.close().await;
        served.context("serving")
    }
}

/// Waits until everything is at work that can be, and says now and then what is still to come.
async fn prepared(pipeline: &Pipeline) {
    let mut changes = pipeline.plugins.listen();
    let began = Instant::now();
    while pipeline.plugins.now().starting {
        let change = tokio::time::timeout(TELL_EVERY, changes.changed()).await;
        if change.is_err() {
            let (waits_for, waited_s) =
                (pipeline.plugins.now().awaited(), began.elapsed().as_secs());
            tracing::info!(waited_s, waits_for = waits_for.join(", "), "preparing");
        }
    }
}

/// Listens on the first of the address's that can be had. What is of this machine alone stays so.
pub async fn bind(address: &ListenAddress, key: &str) -> Result<TcpListener> {
    let bound = async { TcpListener::bind(address.resolve().await?.as_slice()).await };
    bound
        .await
        .with_context(|| format!("listening on {address}; set another `{key}` address"))
}

/// A file has one host, so that what an earlier one held is free at once. On a server other hosts may
/// be at work: there leases run out.
async fn take_over(pipeline: &Pipeline) -> Result<()> {
    if pipeline.db.dialect == Dialect::Postgres {
        return Ok(());
    }
    let events = pipeline.db.event_release_all().await?;
    let items = pipeline.db.outbox_recover(now_ms()).await?;
    let webhooks = pipeline.db.webhook_release_all().await?;
    pipeline.db.poll_release(None).await?;
    if events + items + webhooks > 0 {
        tracing::warn!(
            events,
            items,
            webhooks,
            "taken over from a host that did not finish"
        );
    }
    Ok(())
}

/// SIGTERM or Ctrl-C.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
