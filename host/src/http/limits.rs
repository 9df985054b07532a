//! What one host takes on at once, in one place, and the guard that keeps to it: every request passes
//! here before anything else is done for it.
//!
//! Overload is answered early: 429 to a caller who asks too often, 503 with Retry-After when the host
//! itself has enough to do. What was accepted goes on. Bodies are read whole, by a deadline, before
//! the request takes one of the places, so that a slow sender holds none.

use super::problem::Problem;
use super::throttle::{Caller, Throttle, caller_of};
use crate::telemetry::metrics;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Largest body of an API request or webhook, in bytes.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// Largest body of a request with a plugin file in it: the file in Base64, and the rest.
pub const UPLOAD_MAX_BYTES: usize = rapport_package::limits::FILE_BYTES.div_ceil(3) * 4 + 64 * 1024;
/// Routes that take such a body.
const UPLOADS: &[&str] = &["/api/v1/plugins", "/api/v1/plugins/{id}/upgrade"];
/// Bodies that are being read, all together, in KiB.
const BODIES_MAX_KIB: u32 = 128 * 1024;
/// From the request's head to the end of its body.
const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// What is taken of a body that is too large, and for how long, before it is refused.
const DRAIN_MAX_BYTES: usize = 8 * BODY_MAX_BYTES;
const DRAIN_BODY_DEADLINE: Duration = Duration::from_secs(5);
/// From the whole request to the head of its answer; longer than the slowest plugin may take.
const REQUEST_DEADLINE: Duration = Duration::from_secs(60);
/// From the connection (or the answer before) to the end of a request's head.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// A client that takes nothing for so long is cut, listeners to live changes too.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// Headers of a request, and bytes of its head.
pub const HEADERS_MAX: usize = 64;
pub const HEAD_MAX_BYTES: usize = 32 * 1024;
/// From being told to stop to the end of the last request.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(30);

/// What the operator may set; see `[limits]` in the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Open connections.
    pub connections: usize,
    /// Requests worked on side by side.
    pub requests_at_once: usize,
    /// A caller's requests a second in the long run, webhooks apart.
    pub requests_per_second: u32,
    /// A caller's requests at once after a pause.
    pub request_burst: u32,
    /// Streams of live changes that one caller may keep open.
    pub streams_per_caller: usize,
}

/// The limits at work.
pub struct Limits {
    pub settings: Settings,
    places: Semaphore,
    bodies: Semaphore,
    throttle: Throttle,
    pub streams: super::throttle::Streams,
}

impl Limits {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            places: Semaphore::new(settings.requests_at_once),
            bodies: Semaphore::new(BODIES_MAX_KIB as usize),
            throttle: Throttle::new(settings.requests_per_second, settings.request_burst),
            streams: super::throttle::Streams::default(),
        }
    }
}

/// Counts and times a request, and lets it through if there is room.
pub async fn guard(State(limits): State<Arc<Limits>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = match request.extensions().get::<MatchedPath>() {
        Some(route) => route.as_str().to_owned(),
        None => "none".to_owned(),
    };
    let response = match admit(&limits, &route, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    let status = response.status().as_u16();
    metrics::request(method.as_str(), &route, status, started.elapsed());
    response
}

async fn admit(
    limits: &Limits,
    route: &str,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    // A host that is busy is alive, and says so.
    if route.starts_with("/health") {
        return Ok(next.run(request).await);
    }
    // No store takes it, nobody's name has it, and in a path or query it can't be read otherwise.
    if request
        .uri()
        .path_and_query()
        .is_some_and(|asked| asked.as_str().contains("%00"))
    {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The character NUL can't stand in a path or query.",
        ));
    }
    let caller = caller_of(&request);
    // Networks come from few addresses; the queue's limit is what holds them.
    if !route.starts_with("/webhooks/")
        && let Err(wait) = limits.throttle.take(&caller, Instant::now())
    {
        metrics::refused("rate");
        return Ok(too_often(wait));
    }
    request.extensions_mut().insert::<Caller>(caller);
    let request = match whole(limits, request).await {
        Ok(request) => request,
        Err(problem) => {
            // What is left of the body may still be on its way: no other request can follow it.
            let mut response = problem.into_response();
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
            return Ok(response);
        }
    };
    let Ok(_place) = limits.places.try_acquire() else {
        metrics::refused("requests");
        return Err(Problem::busy(
            "The host is busy; nothing was done. Try again.",
        ));
    };
    match tokio::time::timeout(REQUEST_DEADLINE, next.run(request)).await {
        Ok(response) => Ok(response),
        Err(_) => {
            metrics::refused("deadline");
            Err(Problem::busy(
                "This took too long and was broken off; see whether it took effect before you repeat it.",
            ))
        }
    }
}

/// The request with its body in memory.
async fn whole(limits: &Limits, request: Request) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let path = request.extensions().get::<MatchedPath>();
    let body_max = match path.is_some_and(|path| UPLOADS.contains(&path.as_str())) {
        true => UPLOAD_MAX_BYTES,
        false => BODY_MAX_BYTES,
    };
    let announced = request.body().size_hint();
    let too_large = || {
        metrics::refused("body");
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("A body has at most {body_max} bytes."),
        )
    };
    if announced.lower() > body_max as u64 {
        drain(request.into_body()).await;
        return Err(too_large());
    }
    let most = announced.upper().unwrap_or(body_max as u64);
    let kib = u32::try_from(most.min(body_max as u64) / 1024 + 1).unwrap_or(u32::MAX);
    let Ok(_room) = limits.bodies.try_acquire_many(kib) else {
        metrics::refused("bodies");
        return Err(Problem::busy(
            "The host is busy; nothing was done. Try again.",
        ));
    };
    let (head, body) = request.into_parts();
    let read = axum::body::to_bytes(body, body_max);
    match tokio::time::timeout(BODY_DEADLINE, read).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(head, Body::from(bytes))),
        Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The body broke off or is not well formed.",
        )),
        Err(_) => {
            metrics::refused("slow-body");
            Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                format!(
                    "The body did not come within {} s.",
                    BODY_DEADLINE.as_secs()
                ),
            ))
        }
    }
}

/// Takes what a client is still sending, so that it hears the answer before the connection ends.
async fn drain(body: Body) {
    let taken = async {
        let mut stream = body.into_data_stream();
        let mut bytes = 0;
        while let Some(Ok(some)) = stream.next().await {
            bytes += some.len();
            if bytes > DRAIN_MAX_BYTES {
                break;
            }
        }
    };
    // A client that is slow as well has no claim to an answer.
    let _ = tokio::time::timeout(DRAIN_BODY_DEADLINE, taken).await;
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

fn too_often(wait: Duration) -> Response {
    let mut response = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "You ask too often; wait as long as Retry-After says.",
    )
    .into_response();
    let seconds = wait.as_secs().max(1);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
