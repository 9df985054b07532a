//! The listener: connections with limits, a front that answers while the host is still starting, and
//! an end that lets requests finish but not for ever.
//!
//! A connection whose request head does not come in time, or that takes nothing of its answer, is
//! cut. One too many is told so and closed.

use super::limits::{DRAIN_DEADLINE, HEAD_DEADLINE, HEAD_MAX_BYTES, HEADERS_MAX, WRITE_DEADLINE};
use crate::telemetry::metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// After accepting failed, for want of file descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The routes that requests go to: at first those of a host that is starting.
#[derive(Clone)]
pub struct Front(Arc<RwLock<Router>>);

impl Front {
    pub fn new(routes: Router) -> Self {
        Self(Arc::new(RwLock::new(routes)))
    }

    /// From now on requests go here.
    pub fn change(&self, routes: Router) {
        *self
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = routes;
    }

    fn routes(&self) -> Router {
        let routes = self.0.read();
        routes
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Serves until told to stop, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    connections: usize,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(connections));
    let open = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            metrics::refused("connections");
            // A small text fits the empty buffer of a new connection.
            let _ = stream.try_write(FULL);
            continue;
        };
        let watcher = open.watcher();
        let front = front.clone();
        tokio::spawn(async move {
            let _counted = metrics::connection();
            if let Err(error) = watcher.watch(connection(stream, peer, front)).await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let count = open.count();
    if tokio::time::timeout(DRAIN_DEADLINE, open.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(count, "requests were broken off at shutdown");
    }
}

type Io = TokioIo<std::pin::Pin<Box<tokio_io_timeout::TimeoutStream<TcpStream>>>>;

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
) -> hyper::server::conn::http1::Connection<Io, Requests> {
    let _ = stream.set_nodelay(true);
    let mut stream = tokio_io_timeout::TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_DEADLINE));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), Requests { front, peer })
}

/// Hands the requests of one connection to the front.
struct Requests {
    front: Front,
    peer: SocketAddr,
}

impl Service<hyper::Request<Incoming>> for Requests {
    type Response = hyper::Response<Body>;
    type Error = Infallible;
    type Future = <TowerToHyperService<Router> as Service<hyper::Request<Body>>>::Future;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        TowerToHyperService::new(self.front.routes()).call(request)
    }
}
