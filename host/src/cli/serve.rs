//! `rapport serve`: the event loop and the API, until SIGTERM or Ctrl-C; then everything that is
//! held is finished.

use crate::app;
use crate::config::Config;
use crate::domain::now_ms;
use crate::http::{Access, AppState, router};
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::worker::Workers;
use anyhow::{Context, Result, bail};
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub async fn run(config: &Config) -> Result<()> {
    let token = config.token()?;
    config.check_exposure(token.as_deref())?;
    let _lock = lock(config)?;
    let pipeline = Arc::new(app::start(config).await?);
    if config.inboxes.is_empty() {
        tracing::warn!("no inboxes are configured; see examples/rapport.toml");
    }
    serve(config.listen, token.as_deref(), pipeline, |address| {
        tracing::info!(%address, "serving");
        println!("Rapport listens on http://{address}/api/v1 (OpenAPI: /api/v1/openapi.json)");
    })
    .await
}

/// One host for one data directory: what a host that is gone held can then be taken over at once.
pub fn lock(config: &Config) -> Result<File> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let path = config.data_dir.join("rapport.lock");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "{} is in use by another rapport; stop that one, or set another data-dir",
            config.data_dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context(path.display().to_string()),
    }
}

/// Runs event loop and API until told to stop.
pub async fn serve(
    listen: SocketAddr,
    token: Option<&str>,
    pipeline: Arc<Pipeline>,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("listening on {listen}; set another `listen` address"))?;
    let events = pipeline.db.event_release_all().await?;
    let items = pipeline.db.outbox_recover(now_ms()).await?;
    if events > 0 || items > 0 {
        tracing::warn!(events, items, "taken over from a host that did not finish");
    }
    let wake = Arc::new(Wake::default());
    let workers = Workers::start(&pipeline, &wake);
    let stop = CancellationToken::new();
    let state = AppState {
        pipeline: Arc::clone(&pipeline),
        wake,
        access: Access::new(token),
        stop: stop.clone(),
    };
    ready(listener.local_addr()?);
    let served = axum::serve(listener, router(state))
        .with_graceful_shutdown(async move {
            asked_to_stop().await;
            stop.cancel();
        })
        .await;
    tracing::info!("stopping: finishing what is held");
    workers.stop().await;
    pipeline.db.close().await;
    served.context("serving")
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
