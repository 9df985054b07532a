//! The way out for connectors. Every request is matched to the grant and the plugin's quota, its
//! address resolved, checked and pinned, secrets put in, redirects left alone, sizes and total time
//! capped. Denials are logged here, because guests see vague errors and may keep quiet about them.
//! More than the quota is answered as a network would: 429, with the time to come again.

use super::grant::Grants;
use super::limits;
use super::outward;
use super::quota::{Exceeded, Quota};
use super::recorder::{Recorded, pairs};
use super::secrets::{Received, Request, SecretStore, canonical};
use super::stand_in::Around;
use super::traffic::Traffic;
use crate::domain::address::{Origin, is_global};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use rapport_package::manifest::Limits;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// What one inbox's connector goes out with; connections are reused across calls.
pub struct Egress {
    grants: Arc<Grants>,
    secrets: Arc<SecretStore>,
    /// Reaches public addresses only.
    public: reqwest::Client,
    /// For the hosts, each with its port, that the admin named.
    named: reqwest::Client,
    around: Around,
    quota: Arc<Quota>,
    limits: Limits,
}

/// What a plugin has over time: what it used of it, shared with its other inboxes, and how much it is.
pub struct Allowance {
    pub quota: Arc<Quota>,
    pub limits: Limits,
}

impl Egress {
    /// `around` is the world, but for connectors under test; `roots` are trusted beside the system's
    /// authorities. Errors when there is none of either.
    pub fn new(
        grants: Grants,
        secrets: Arc<SecretStore>,
        around: Around,
        allowance: Allowance,
        roots: &[reqwest::Certificate],
    ) -> Result<Self, String> {
        let client = |named: bool| {
            let may_connect = move |_: &str, ip| named || is_global(ip);
            outward::client(limits::REQUEST_TIMEOUT, roots, may_connect)
        };
        Ok(Self {
            grants: Arc::new(grants),
            secrets,
            public: client(false)?,
            named: client(true)?,
            around,
            quota: allowance.quota,
            limits: allowance.limits,
        })
    }

    /// For one call of the connector.
    pub fn hooks(self: &Arc<Self>) -> EgressHooks {
        EgressHooks {
            egress: Some(Arc::clone(self)),
            denials: Arc::default(),
            requests: 0,
            traffic: Traffic::default(),
            turn_until: Instant::now(),
        }
    }
}

/// The hooks of one call.
pub struct EgressHooks {
    egress: Option<Arc<Egress>>,
    denials: Arc<Mutex<Denials>>,
    requests: u32,
    traffic: Traffic,
    /// How long a request may wait for its turn.
    turn_until: Instant,
}

/// What was denied during a call.
#[derive(Debug, Clone, Default)]
pub struct Denials {
    /// Against the grant, or a limit of the call: why.
    pub forbidden: Vec<String>,
    /// More than the quota, the first time in the call: allowed at another time.
    pub exceeded: Option<Exceeded>,
}

impl EgressHooks {
    /// Nothing may go out.
    pub fn none() -> Self {
        Self {
            egress: None,
            denials: Arc::default(),
            requests: 0,
            traffic: Traffic::default(),
            turn_until: Instant::now(),
        }
    }

    /// The call's time begins. A request waits for its turn as long as that leaves the guest time to
    /// make something of having had none.
    pub fn begin(&mut self, wall_clock: Duration) {
        self.turn_until = Instant::now() + wall_clock * 9 / 10;
    }

    /// What was denied during the call.
    pub fn denials(&self) -> Denials {
        let denials = self.denials.lock();
        denials.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was let out and came back during the call.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }
}

type Answer = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for EgressHooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _done: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, Error>> + Send> {
        self.requests += 1;
        let too_many = self.requests > limits::REQUESTS_PER_CALL;
        let egress = self.egress.clone();
        let denials = Arc::clone(&self.denials);
        let traffic = self.traffic.clone();
        let turn_until = self.turn_until;
        Box::new(async move {
            let outcome = match egress {
                _ if too_many => Err(Refusal::Denied(format!(
                    "more than {} requests in one call",
                    limits::REQUESTS_PER_CALL
                ))),
                None => Err(Refusal::Denied("no network here".into())),
                Some(egress) => egress.exchange(request, &traffic, turn_until).await,
            };
            match outcome {
                Ok(response) => Ok((response, Box::new(async { Ok(()) }) as Box<_>)),
                Err(Refusal::Failed(error)) => Err(error),
                Err(Refusal::Denied(reason)) => {
                    let mut denials = denials.lock().unwrap_or_else(PoisonError::into_inner);
                    // Who asks on and on after being told to slow down meets this end as well.
                    if !too_many || denials.exceeded.is_none() {
                        tracing::warn!(%reason, "egress denied");
                        denials.forbidden.push(reason);
                    }
                    Err(Error::HttpRequestDenied)
                }
                Err(Refusal::Exceeded(exceeded)) => {
                    let answer = slow_down(&exceeded)?;
                    let mut denials = denials.lock().unwrap_or_else(PoisonError::into_inner);
                    if denials.exceeded.is_none() {
                        tracing::warn!(reason = %exceeded.reason, "egress denied for now");
                        denials.exceeded = Some(exceeded);
                    }
                    Ok((answer, Box::new(async { Ok(()) }) as Box<_>))
                }
            }
        })
    }
}

/// Why there is no answer: the host forbids it, or does so for now, or the network failed.
enum Refusal {
    Denied(String),
    Exceeded(Exceeded),
    Failed(Error),
}

impl Egress {
    async fn exchange(
        &self,
        request: http::Request<WasiBody>,
        traffic: &Traffic,
        turn_until: Instant,
    ) -> Result<http::Response<WasiBody>, Refusal> {
        let (parts, body) = request.into_parts();
        let mut url = Url::parse(&parts.uri.to_string())
            .map_err(|e| Refusal::Denied(format!("not an address: {e}")))?;
        let origin = Origin::of(&url).map_err(Refusal::Denied)?;
        let guarded = self.secrets.guards(&origin);
        if guarded {
            url.set_path(&canonical(url.path()));
        }
        let method = parts.method.as_str();
        self.grants.check(method, &url).map_err(Refusal::Denied)?;
        let path = url.path().to_owned();
        let to = Request {
            method,
            origin: &origin,
            path: &path,
        };
        let headers = self.secrets.fill_headers(&to, &parts.headers);
        let mut headers = headers.map_err(Refusal::Denied)?;
        let asked = collect(body, traffic).await?;
        let mut recorded = Recorded {
            method: parts.method.to_string(),
            url: url.to_string(),
            ..Recorded::default()
        };
        if matches!(self.around, Around::Recorded(_)) {
            recorded.headers = pairs(&parts.headers);
            recorded.body = asked.to_vec();
        }
        let body = self.secrets.fill_body(&to, &parts.headers, asked);
        let body = body.map_err(Refusal::Denied)?;
        let url = match &self.around {
            Around::World | Around::Recorded(_) => url,
            Around::StandIn(stand_in) => {
                let led = stand_in.lead(&url, &origin, &mut headers);
                led.ok_or_else(|| Refusal::Denied(format!("{origin} can't be stood in for")))?
            }
        };
        let under_way = match &self.around {
            // The stand-in is asked as often as a check wants it.
            Around::StandIn(_) => None,
            Around::World | Around::Recorded(_) => {
                let begun = self.quota.begin(self.limits, turn_until).await;
                Some(begun.map_err(Refusal::Exceeded)?)
            }
        };
        traffic.send(&parts.method, body.len());
        // A resolver knows no port: that the host is named at this one is decided before.
        let client = match self.grants.is_named(&origin) {
            true => &self.named,
            false => &self.public,
        };
        let response = client
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|e| refusal(&e))?;
        let status = response.status();
        let mut received = Received {
            success: status.is_success(),
            headers: response.headers().clone(),
            body: read_capped(response, traffic).await?,
        };
        drop(under_way);
        if guarded {
            received = self.guard(origin, path, received).await?;
        }
        let mut answer = http::Response::builder().status(status);
        for (name, value) in &received.headers {
            // The body is handed over whole and may have been changed on the way.
            if name == http::header::CONTENT_LENGTH || name == http::header::TRANSFER_ENCODING {
                continue;
            }
            if let Ok(text) = value.to_str() {
                answer = answer.header(name, text);
            }
        }
        let body = received.body;
        if let Around::Recorded(recorder) = &self.around {
            recorded.status = status.as_u16();
            recorded.answer_headers = answer.headers_ref().map(pairs).unwrap_or_default();
            recorded.answer_body.clone_from(&body);
            recorder.note(recorded);
        }
        whole(answer, body).map_err(Refusal::Failed)
    }

    /// An answer of a server that secrets go to, without them. Looking through it takes as long as the
    /// server likes to answer much: not on a thread that others wait for.
    async fn guard(
        &self,
        origin: Origin,
        path: String,
        received: Received,
    ) -> Result<Received, Refusal> {
        let secrets = Arc::clone(&self.secrets);
        let worked = tokio::task::spawn_blocking(move || {
            let guarded = secrets.receive(&origin, &path, received);
            guarded.map_err(|why| format!("the answer of {origin} is withheld: {why}"))
        });
        let guarded = worked.await.unwrap_or_else(|e| Err(e.to_string()));
        guarded.map_err(|reason| {
            tracing::warn!(%reason, "egress");
            Refusal::Failed(Error::HttpProtocolError)
        })
    }
}

/// An answer with a body that is there already.
fn whole(
    answer: http::response::Builder,
    body: Vec<u8>,
) -> Result<http::Response<WasiBody>, Error> {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
    let answer = answer.body(body.boxed_unsync());
    answer.map_err(|_| Error::HttpProtocolError)
}

/// The answer to a request that is more than the quota, such as every connector knows how to take:
/// RFC 6585, section 4, and RFC 9457. `rapport-quota` tells it from an answer of the network's own.
fn slow_down(exceeded: &Exceeded) -> Result<http::Response<WasiBody>, Error> {
    let message = format!("the host lets this plugin make no {}", exceeded.reason);
    let problem = serde_json::json!({
        "title": "Too Many Requests",
        "status": 429,
        "detail": message,
        "error": "RateLimitExceeded",
        "message": message,
    });
    let seconds = exceeded.retry.as_secs_f64().ceil().max(1.0);
    let answer = http::Response::builder()
        .status(http::StatusCode::TOO_MANY_REQUESTS)
        .header(http::header::RETRY_AFTER, format!("{seconds:.0}"))
        .header(http::header::CONTENT_TYPE, "application/problem+json")
        .header("rapport-quota", &exceeded.reason);
    whole(answer, problem.to_string().into_bytes())
}

async fn collect(mut body: WasiBody, traffic: &Traffic) -> Result<Bytes, Refusal> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Refusal::Failed)?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > limits::REQUEST_BYTES {
                return Err(Refusal::Denied(format!(
                    "a request body of more than {} bytes",
                    limits::REQUEST_BYTES
                )));
            }
            traffic.hold(data.len()).map_err(Refusal::Denied)?;
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.freeze())
}

async fn read_capped(response: reqwest::Response, traffic: &Traffic) -> Result<Vec<u8>, Refusal> {
    let mut stream = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| refusal(&e))?;
        traffic.receive(chunk.len()).map_err(Refusal::Denied)?;
        if body.len() + chunk.len() > limits::RESPONSE_BYTES {
            tracing::warn!(
                limit_bytes = limits::RESPONSE_BYTES,
                "answer too large, dropped"
            );
            return Err(Refusal::Failed(Error::HttpResponseBodySize(Some(
                limits::RESPONSE_BYTES as u64,
            ))));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Tells a denial by the resolver from a failing network.
fn refusal(error: &reqwest::Error) -> Refusal {
    if let Some(denial) = outward::denial(error) {
        return Refusal::Denied(denial);
    }
    if let Some(fault) = outward::certificate_fault(error) {
        tracing::warn!(%fault, "no request was sent");
        return Refusal::Failed(Error::TlsCertificateError);
    }
    Refusal::Failed(if error.is_timeout() {
        Error::ConnectionTimeout
    } else if error.is_connect() {
        Error::ConnectionRefused
    } else {
        Error::ConnectionTerminated
    })
}
