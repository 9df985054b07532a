//! What one host takes on at once, in one place, and the guard that every request passes before
//! anything else is done for it.
//!
//! Overload is answered early: 429 to a caller who asks too often, 503 with Retry-After when the host
//! itself has enough to do. What was accepted goes on. Who has what part of the host is in `connections`
//! (before a request has come) and `room` (after it is known who asks).

use super::auth::source;
use super::problem::Problem;
use super::room::{Rooms, discard};
use super::throttle::{Caller, Throttle, caller_of};
use crate::telemetry::metrics;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Largest body of an API request or webhook, in bytes.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// Largest body of a request with a plugin file in it: the file in Base64, and the rest.
pub const UPLOAD_MAX_BYTES: usize = rapport_package::limits::FILE_BYTES.div_ceil(3) * 4 + 64 * 1024;
/// From the connection (or the answer before) to the end of a request's head.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// A client that takes nothing for so long is cut, listeners to live changes too.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// Headers of a request, and bytes of its head.
pub const HEADERS_MAX: usize = 64;
pub const HEAD_MAX_BYTES: usize = 32 * 1024;
/// From being told to stop to the end of the last request.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(30);

/// Addresses that are remembered as good, and for how long after they last were.
const GOOD_MAX: usize = 4096;
const GOOD_FOR: Duration = Duration::from_secs(24 * 3600);

/// What the operator may set; see `[limits]` in the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Requests worked on side by side of those who are known; webhooks have as many again.
    pub requests_at_once: usize,
    /// A caller's requests a second in the long run, webhooks apart.
    pub requests_per_second: u32,
    /// A caller's requests at once after a pause.
    pub request_burst: u32,
    /// Streams of live changes that one caller may keep open.
    pub streams_per_caller: usize,
}

/// Addresses from which somebody came of late who was known: by a session, a token, or a signed webhook.
/// Nobody else can fill it.
#[derive(Default)]
pub struct Good(Mutex<HashMap<IpAddr, Instant>>);

impl Good {
    /// `address`: of a network, see `throttle`.
    pub fn add(&self, address: IpAddr) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= GOOD_MAX && !all.contains_key(&address) {
            let oldest = all.iter().min_by_key(|(_, since)| **since);
            if let Some(oldest) = oldest.map(|(address, _)| *address) {
                all.remove(&oldest);
            }
        }
        all.insert(address, Instant::now());
    }

    pub fn has(&self, address: IpAddr) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = all.get(&address);
        since.is_some_and(|since| since.elapsed() < GOOD_FOR)
    }
}

/// The limits at work.
pub struct Limits {
    pub settings: Settings,
    /// Whose X-Forwarded-For is believed.
    pub proxies: Vec<IpNet>,
    pub good: Arc<Good>,
    pub rooms: Rooms,
    pub throttle: Throttle,
    pub streams: super::throttle::Streams,
}

impl Limits {
    pub fn new(settings: Settings, proxies: &[IpNet]) -> Self {
        Self {
            settings,
            proxies: proxies.to_vec(),
            good: Arc::default(),
            rooms: Rooms::new(settings.requests_at_once),
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
    let address = source(request.extensions(), request.headers(), &limits.proxies);
    let caller = caller_of(&request, address);
    // Networks come from few addresses; the queue's limit is what holds them.
    if !route.starts_with("/webhooks/")
        && let Err(wait) = limits.throttle.take(&caller, Instant::now())
    {
        metrics::refused("rate");
        return Ok(too_often(wait));
    }
    request.extensions_mut().insert::<Caller>(caller);
    if request.extensions().get::<MatchedPath>().is_none() {
        let (head, body) = request.into_parts();
        discard(Request::from_parts(head.clone(), body)).await;
        return Ok(next
            .run(Request::from_parts(head, Default::default()))
            .await);
    }
    Ok(next.run(request).await)
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
