//! HTTP for connectors, over `wasi:http`. The host allows what the manifest asked for and the admin
//! granted; anything else fails as [`Error::Refused`]. Redirects are not followed. Bodies are read
//! whole; the host caps their size and the total time.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::streams::StreamError;

/// A request. Header names in any case.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    /// Absolute, `https://` or `http://`.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET",
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST with a JSON body.
    pub fn post_json(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST",
            url: url.into(),
            headers: Vec::new(),
            body: body.into(),
        }
        .header("content-type", "application/json")
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header with this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// Why there was no answer.
#[derive(Debug, Clone)]
pub enum Error {
    /// The host does not let this plugin go there, or the address is malformed.
    Refused(String),
    /// The network failed, the answer was too large, or time ran out: worth another try.
    Failed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Refused(m) | Error::Failed(m) => f.write_str(m),
        }
    }
}

impl std::error::Error for Error {}

/// Sends the request and reads the whole answer.
pub fn send(request: &Request) -> Result<Response, Error> {
    let (scheme, rest) = match request.url.split_once("://") {
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(("http", rest)) => (Scheme::Http, rest),
        _ => {
            return Err(Error::Refused(format!(
                "not an http address: {}",
                request.url
            )));
        }
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let cut = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(cut);
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };

    let fields = Fields::new();
    for (name, value) in &request.headers {
        fields
            .append(name, value.as_bytes())
            .map_err(|e| Error::Refused(format!("header {name}: {e:?}")))?;
    }
    let method = match request.method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "HEAD" => Method::Head,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    };
    let malformed = |part: &str| Error::Refused(format!("malformed {part} in {}", request.url));
    let outgoing = OutgoingRequest::new(fields);
    outgoing
        .set_method(&method)
        .map_err(|()| malformed("method"))?;
    outgoing
        .set_scheme(Some(&scheme))
        .map_err(|()| malformed("scheme"))?;
    outgoing
        .set_authority(Some(authority))
        .map_err(|()| malformed("host"))?;
    outgoing
        .set_path_with_query(Some(&path))
        .map_err(|()| malformed("path"))?;
    let body = outgoing.body().map_err(|()| malformed("body"))?;

    let pending = outgoing_handler::handle(outgoing, None).map_err(from_code)?;
    write_body(body, &request.body)?;
    let answer = loop {
        match pending.get() {
            Some(answer) => break answer,
            None => pending.subscribe().block(),
        }
    };
    let incoming = answer
        .map_err(|()| Error::Failed("no answer".into()))?
        .map_err(from_code)?;
    let headers = incoming
        .headers()
        .entries()
        .into_iter()
        .map(|(n, v)| {
            (
                n.to_ascii_lowercase(),
                String::from_utf8_lossy(&v).into_owned(),
            )
        })
        .collect();
    let status = incoming.status();
    let body = incoming
        .consume()
        .map_err(|()| Error::Failed("no body".into()))?;
    Ok(Response {
        status,
        headers,
        body: read_body(body)?,
    })
}

fn write_body(body: OutgoingBody, bytes: &[u8]) -> Result<(), Error> {
    let stream = body
        .write()
        .map_err(|()| Error::Failed("body closed".into()))?;
    for chunk in bytes.chunks(4096) {
        stream
            .blocking_write_and_flush(chunk)
            .map_err(|e| Error::Failed(format!("writing the body: {e:?}")))?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(from_code)
}

fn read_body(body: IncomingBody) -> Result<Vec<u8>, Error> {
    let stream = body
        .stream()
        .map_err(|()| Error::Failed("body closed".into()))?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(65536) {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(e)) => {
                return Err(Error::Failed(format!(
                    "reading the body: {}",
                    e.to_debug_string()
                )));
            }
        }
    }
    drop(stream);
    drop(IncomingBody::finish(body));
    Ok(bytes)
}

fn from_code(code: ErrorCode) -> Error {
    match code {
        ErrorCode::HttpRequestDenied
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::HttpRequestUriInvalid => Error::Refused(format!("{code:?}")),
        other => Error::Failed(format!("{other:?}")),
    }
}
