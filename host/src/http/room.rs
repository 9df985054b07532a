//! Room for requests that have passed the guards: memory for their bodies, and places to be worked on.
//!
//! There are four rooms, so that nobody keeps others out by asking often or sending slowly: for callers
//! who are known (by session, token or device), for networks that have proven themselves of late, for whoever
//! else posts to a webhook, and for strangers, who may log in and little more. In each an agent, a token
//! or an address has a share. Memory is taken as bytes come, not as they are announced; bodies are read
//! whole, by a deadline, before a request takes a place, so that a slow sender holds none.

use super::AppState;
use super::auth::Who;
use super::connections::Connection;
use super::limits::{BODY_MAX_BYTES, Limits, UPLOAD_MAX_BYTES};
use super::problem::Problem;
use super::throttle::Caller;
use crate::access::session::Device;
use crate::access::shares::{Share, Shares};
use crate::telemetry::metrics;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Routes that take a plugin file.
const UPLOADS: &[&str] = &["/api/v1/plugins", "/api/v1/plugins/{id}/upgrade"];
/// Largest body of a stranger's request to the API, in bytes: a log-in.
const STRANGER_MAX_BYTES: usize = 16 * 1024;
/// Bodies of those who are known that are in memory, in KiB, and of one of them.
const KNOWN_KIB: usize = 128 * 1024;
const KNOWN_OF_ONE_KIB: usize = 64 * 1024;
/// Bodies of webhooks that are in memory, in KiB, and from one address.
const WEBHOOKS_KIB: usize = 48 * 1024;
const WEBHOOKS_OF_ONE_KIB: usize = 16 * 1024;
/// From the request's head to the end of its body.
const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// What is taken of a body that is not wanted, and for how long, before it is refused.
const DRAIN_MAX_BYTES: usize = 8 * BODY_MAX_BYTES;
const DRAIN_BODY_DEADLINE: Duration = Duration::from_secs(5);
/// From the whole request to the head of its answer; longer than the slowest plugin may take.
const REQUEST_DEADLINE: Duration = Duration::from_secs(60);

/// Whose share it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// An agent, a token, the operator.
    Known(String),
    /// One that somebody logged in with, as it is stored.
    Device(String),
    Address(Option<IpAddr>),
}

struct Room {
    places: Arc<Shares<Key>>,
    bodies_kib: Arc<Shares<Key>>,
}

impl Room {
    fn new(places: usize, places_of_one: usize, kib: usize, kib_of_one: usize) -> Self {
        Self {
            places: Shares::new(places, places_of_one.max(1)),
            bodies_kib: Shares::new(kib, kib_of_one),
        }
    }
}

/// All of them.
pub struct Rooms {
    known: Room,
    networks: Room,
    webhooks: Room,
    strangers: Room,
}

impl Rooms {
    /// `places`: requests worked on side by side in a room; of strangers half as many.
    pub fn new(places: usize) -> Self {
        let few = places.div_ceil(2);
        let one = WEBHOOKS_OF_ONE_KIB;
        Self {
            known: Room::new(places, few, KNOWN_KIB, KNOWN_OF_ONE_KIB),
            networks: Room::new(places, places, WEBHOOKS_KIB, WEBHOOKS_KIB),
            webhooks: Room::new(places, few, WEBHOOKS_KIB, one),
            // What they may send is so little that the connections bound it.
            strangers: Room::new(few, few.div_ceil(4), usize::MAX, usize::MAX),
        }
    }
}

fn busy(reason: &'static str) -> Problem {
    metrics::refused(reason);
    Problem::busy("The host is busy; nothing was done. Try again.")
}

/// Takes a request's body in and works on it, if there is room.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let device = match head.extensions.get::<Who>() {
        Some(_) => None,
        None => known_device(&state, &mut head).await,
    };
    let request = Request::from_parts(head, body);
    match admit(&state.limits, device, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

/// The device that a request comes from, if somebody logged in with it before: a crowd of strangers at
/// the door takes no place of theirs. A store that does not answer knows nobody.
async fn known_device(state: &AppState, head: &mut Parts) -> Option<String> {
    let Ok(device) = Device::from_request_parts(head, state).await;
    let key = device.key()?;
    let known = state.pipeline.db.is_known_of_any(&key).await;
    known.unwrap_or(false).then_some(key)
}

async fn admit(
    limits: &Limits,
    device: Option<String>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let extensions = request.extensions();
    let path = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let path = path.unwrap_or_default();
    let caller = extensions.get::<Caller>();
    let address = caller.and_then(|caller| caller.address);
    let good = address.is_some_and(|address| limits.good.has(address));
    let (room, key, most) = match extensions.get::<Who>() {
        Some(who) => {
            if let (Some(caller), Some(address)) = (caller, address) {
                limits.throttle.vouch(caller);
                limits.good.add(address);
            }
            let most = match UPLOADS.contains(&path) {
                true => UPLOAD_MAX_BYTES,
                false => BODY_MAX_BYTES,
            };
            (&limits.rooms.known, Key::Known(who.actor()), most)
        }
        None if path.starts_with("/webhooks/") => {
            let room = match good {
                true => &limits.rooms.networks,
                false => &limits.rooms.webhooks,
            };
            (room, Key::Address(address), BODY_MAX_BYTES)
        }
        None => match device {
            Some(device) => (&limits.rooms.known, Key::Device(device), STRANGER_MAX_BYTES),
            None => {
                let room = &limits.rooms.strangers;
                (room, Key::Address(address), STRANGER_MAX_BYTES)
            }
        },
    };
    let connection = extensions.get::<Arc<Connection>>().cloned();
    // Held until the request is answered: the body stays in memory as long.
    let share = room.bodies_kib.take(key.clone(), 0);
    let mut memory = share.ok_or_else(|| busy("bodies"))?;
    let request = match whole(request, most, &mut memory, connection.as_deref()).await {
        Ok(request) => request,
        Err(problem) => return Ok(last(problem)),
    };
    let _place = room.places.take(key, 1).ok_or_else(|| busy("requests"))?;
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

/// What is left of the body may still be on its way: no other request can follow it.
fn last(problem: Problem) -> Response {
    let mut response = problem.into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// The request with its body in memory.
async fn whole(
    request: Request,
    most: usize,
    memory: &mut Share<Key>,
    connection: Option<&Connection>,
) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    if let Some(connection) = connection {
        connection.awaits_body();
    }
    let (head, mut body) = request.into_parts();
    let announced = body.size_hint().lower();
    let read = match announced > most as u64 {
        true => Err(Unread::TooLarge),
        false => {
            let read = tokio::time::timeout(BODY_DEADLINE, read(&mut body, most, memory)).await;
            read.unwrap_or(Err(Unread::Late))
        }
    };
    if let Some(connection) = connection
        && read.is_ok()
    {
        connection.answers();
    }
    match read {
        Ok(bytes) => Ok(Request::from_parts(head, Body::from(bytes))),
        Err(unread) => {
            if matches!(unread, Unread::TooLarge | Unread::NoRoom) {
                drain(body).await;
            }
            Err(unread.problem(most))
        }
    }
}

/// Why a body is not read.
enum Unread {
    TooLarge,
    NoRoom,
    Broken,
    Late,
}

impl Unread {
    fn problem(&self, most: usize) -> Problem {
        match self {
            Self::TooLarge => {
                metrics::refused("body");
                Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!("A body has at most {most} bytes here."),
                )
            }
            Self::NoRoom => busy("bodies"),
            Self::Broken => Problem::new(
                StatusCode::BAD_REQUEST,
                "The body broke off or is not well formed.",
            ),
            Self::Late => {
                metrics::refused("slow-body");
                Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    format!(
                        "The body did not come within {} s.",
                        BODY_DEADLINE.as_secs()
                    ),
                )
            }
        }
    }
}

/// Reads to the end, and takes room for what has come.
async fn read(body: &mut Body, most: usize, memory: &mut Share<Key>) -> Result<Bytes, Unread> {
    let mut bytes = Vec::new();
    let mut taken_kib = 0;
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        let length = bytes.len() + chunk.len();
        if length > most {
            return Err(Unread::TooLarge);
        }
        let more = length.div_ceil(1024) - taken_kib;
        if !memory.grow(more) {
            return Err(Unread::NoRoom);
        }
        taken_kib += more;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Takes the body of a request that is refused, and keeps nothing of it.
pub async fn discard(request: Request) {
    if request.body().is_end_stream() {
        return;
    }
    if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
        connection.awaits_body();
    }
    drain(request.into_body()).await;
}

/// Takes what a client is still sending, so that it hears the answer before the connection ends.
async fn drain(mut body: Body) {
    let taken = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > DRAIN_MAX_BYTES {
                break;
            }
        }
    };
    // A client that is slow as well has no claim to an answer.
    let _ = tokio::time::timeout(DRAIN_BODY_DEADLINE, taken).await;
}
