//! The request on its way out, over `wasi:http`. Compiled for WebAssembly only.

use super::{Error, Request, Response};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::streams::StreamError;

/// Sends the request and reads the whole answer, whatever its status and coding.
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
