//! The listener: connections with limits, a front that answers while the host is still starting, and
//! an end that lets requests finish but not for ever.
//!
//! A connection whose request head does not come in time, or that takes nothing of its answer, is
//! cut, and so is one that has to make room (see `connections`). One too many is told so and closed.

use super::connections::{Answer, Connection, Connections};
use super::framing::{Framing, Watch, Watched};
use super::limits::{DRAIN_DEADLINE, HEAD_DEADLINE, HEAD_MAX_BYTES, HEADERS_MAX, WRITE_DEADLINE};
use super::problem::Problem;
use crate::telemetry::metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// After accepting failed, for want of file descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Open files where the system has no limit, and those that are no connections.
const FILES_MAX: u64 = 1 << 20;
const FILES_SPARE: u64 = 256;
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

/// Makes the process's limit of open files as large as it may: each connection is one, and where files
/// end nobody is let in. Says so when it is not enough.
pub fn allow_open_files(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: Some(limit.maximum.unwrap_or(FILES_MAX)),
        maximum: limit.maximum,
    };
    // Refused, it stays as it was.
    let _ = setrlimit(Resource::Nofile, raised);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let wanted = connections as u64 + FILES_SPARE;
    if files < wanted {
        tracing::warn!(
            files,
            wanted,
            "fewer files may be open than limits.connections needs; raise the limit (LimitNOFILE) or lower that"
        );
    }
}

/// Serves until told to stop, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    connections: Arc<Connections>,
    stop: CancellationToken,
) {
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
        let Some(place) = connections.open(peer.ip()) else {
            metrics::refused("connections");
            // A small text fits the empty buffer of a new connection.
            let _ = stream.try_write(FULL);
            continue;
        };
        let watcher = open.watcher();
        let front = front.clone();
        tokio::spawn(async move {
            let _counted = metrics::connection();
            let open = Arc::clone(&place.connection);
            tokio::select! {
                () = place.connection.cut.cancelled() => metrics::refused("crowd"),
                ended = watcher.watch(connection(stream, peer, front, open)) => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended early");
                    }
                }
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

type Stream = tokio_io_timeout::TimeoutStream<Watched<TcpStream, Box<dyn Fn() + Send>>>;
type Io = TokioIo<Pin<Box<Stream>>>;

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    open: Arc<Connection>,
) -> hyper::server::conn::http1::Connection<Io, Requests> {
    let _ = stream.set_nodelay(true);
    let watch = Watch::default();
    let reader = Arc::clone(&open);
    let read: Box<dyn Fn() + Send> = Box::new(move || reader.has_read());
    let stream = Watched::new(stream, watch.clone(), read);
    let mut stream = tokio_io_timeout::TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_DEADLINE));
    let requests = Requests {
        front,
        peer,
        watch,
        open,
    };
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_MAX_BYTES)
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), requests)
}

/// Hands the requests of one connection to the front.
struct Requests {
    front: Front,
    peer: SocketAddr,
    watch: Watch,
    open: Arc<Connection>,
}

impl Service<hyper::Request<Incoming>> for Requests {
    type Response = hyper::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let framing = self.watch.next();
        let open = Arc::clone(&self.open);
        open.answers();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Arc::clone(&open));
        let routes = self.front.routes();
        Box::pin(async move {
            let mut response = match framing {
                Framing::Refused(why) => {
                    metrics::refused("framing");
                    Problem::new(StatusCode::BAD_REQUEST, why).into_response()
                }
                Framing::Clear | Framing::Last => {
                    TowerToHyperService::new(routes).call(request).await?
                }
            };
            if framing != Framing::Clear {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok(response.map(|body| Body::new(Answer::new(body, open))))
        })
    }
}
