//! Where one request ends and the next begins, seen beside the HTTP library: what comes in on a
//! connection is looked at on its way there.
//!
//! The library takes a request with both Content-Length and Transfer-Encoding by the latter, and any
//! coding before `chunked` as if it were not there (RFC 9112, 6.1 and 6.3 allow the one and not the
//! other); a proxy before us may read either another way, and then two requests are one, or one is two.
//! Here such requests are refused, and so is a length that is given twice. Behind a chunked body nothing
//! more is read: its answer is the connection's last.
//!
//! Heads are read with the library's own parser, so that both see the same heads. Not one byte is
//! changed or kept back.

use super::limits::{HEAD_MAX_BYTES, HEADERS_MAX};
use std::collections::VecDeque;
use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a head says of the body behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// As it should be.
    Clear,
    /// As it should be, but nothing may follow on this connection.
    Last,
    /// Two readers could see different ends: why.
    Refused(&'static str),
}

enum At {
    /// In a head, of which so much has come.
    Head(Vec<u8>),
    /// In a body of so many bytes more.
    Body(u64),
    /// Nothing more is read here.
    End,
}

/// What has been seen of a connection.
pub struct Seen {
    at: At,
    heads: VecDeque<Framing>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            at: At::Head(Vec::new()),
            heads: VecDeque::new(),
        }
    }
}

/// Shared by the connection and what answers on it.
#[derive(Clone, Default)]
pub struct Watch(Arc<Mutex<Seen>>);

impl Watch {
    /// How the next request is framed; each is asked for once.
    pub fn next(&self) -> Framing {
        let next = self.lock().heads.pop_front();
        next.unwrap_or(Framing::Refused("The request's head can't be read."))
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.at {
                At::End => return,
                At::Body(left) => {
                    let here = bytes
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= here as u64;
                    bytes = &bytes[here..];
                    if *left == 0 {
                        self.at = At::Head(Vec::new());
                    }
                }
                At::Head(head) => {
                    if head.is_empty() {
                        // Empty lines before a request are none of it (RFC 9112, 2.2).
                        let begins = bytes.iter().position(|byte| !b"\r\n".contains(byte));
                        bytes = &bytes[begins.unwrap_or(bytes.len())..];
                    }
                    let before = head.len();
                    head.extend_from_slice(bytes);
                    if !has_empty_line(&head[before.saturating_sub(3)..]) {
                        if head.len() > HEAD_MAX_BYTES {
                            self.at = At::End;
                        }
                        return;
                    }
                    let Some((length, framing, next)) = read_head(head) else {
                        self.at = At::End;
                        return;
                    };
                    bytes = &bytes[length - before..];
                    self.heads.push_back(framing);
                    self.at = next;
                }
            }
        }
    }
}

fn has_empty_line(bytes: &[u8]) -> bool {
    let at = |line: &[u8]| bytes.windows(line.len()).any(|window| window == line);
    at(b"\n\n") || at(b"\n\r\n")
}

/// The length of a whole head, what it says of its body, and what follows. None: it is no head.
fn read_head(bytes: &[u8]) -> Option<(usize, Framing, At)> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = request.parse(bytes) else {
        return None;
    };
    let values = |wanted: &str| {
        let all = request.headers.iter();
        let of_name = all.filter(|header| header.name.eq_ignore_ascii_case(wanted));
        of_name.map(|header| header.value).collect::<Vec<&[u8]>>()
    };
    let refused = |why| Some((length, Framing::Refused(why), At::End));
    let codings = values("transfer-encoding");
    let lengths = values("content-length");
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => Some((length, Framing::Clear, At::Head(Vec::new()))),
        ([], [one]) => {
            let text = std::str::from_utf8(one).ok()?;
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let body: u64 = digits.then(|| text.parse().ok()).flatten()?;
            let next = match body {
                0 => At::Head(Vec::new()),
                more => At::Body(more),
            };
            Some((length, Framing::Clear, next))
        }
        ([one], []) if one.trim_ascii().eq_ignore_ascii_case(b"chunked") => {
            Some((length, Framing::Last, At::End))
        }
        ([_], []) => refused("The only transfer coding that is taken here is `chunked`."),
        ([], _) => refused("Content-Length is given more than once."),
        (_, []) => refused("Transfer-Encoding is given more than once."),
        _ => refused("Content-Length and Transfer-Encoding can't both be given."),
    }
}

/// A connection that is looked at as it is read. `read` is told of each time that bytes come.
pub struct Watched<S, F> {
    inner: S,
    watch: Watch,
    read: F,
}

impl<S, F: Fn()> Watched<S, F> {
    pub fn new(inner: S, watch: Watch, read: F) -> Self {
        Self { inner, watch, read }
    }
}

impl<S: AsyncRead + Unpin, F: Fn() + Unpin> AsyncRead for Watched<S, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let new = buffer.filled().get(before..).unwrap_or_default();
        if !new.is_empty() {
            self.watch.lock().feed(new);
            (self.read)();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin, F: Fn() + Unpin> AsyncWrite for Watched<S, F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen of these bytes, whole and one by one.
    fn heads(text: &str) -> Vec<Framing> {
        let mut whole = Seen::default();
        whole.feed(text.as_bytes());
        let mut single = Seen::default();
        for byte in text.as_bytes() {
            single.feed(&[*byte]);
        }
        let seen: Vec<Framing> = whole.heads.into();
        assert_eq!(seen, Vec::from(single.heads), "{text:?}");
        seen
    }

    fn is_refused(headers: &str) -> bool {
        let seen = heads(&format!("POST / HTTP/1.1\r\n{headers}\r\n0\r\n\r\n"));
        matches!(seen.first(), Some(Framing::Refused(_)))
    }

    #[test]
    fn two_ends_are_refused() {
        for headers in [
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "transfer-encoding: chunked, chunked\r\n",
            "transfer-encoding: identity\r\n",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n",
            "transfer-encoding:\r\n",
            "content-length: 5\r\ncontent-length: 5\r\n",
            "content-length: 5\r\ncontent-length: 6\r\n",
            "content-length: 0\r\nx: y\r\ntransfer-encoding: x\r\n",
        ] {
            assert!(is_refused(headers), "{headers:?}");
        }
        for headers in [
            "",
            "content-length: 3\r\n",
            "transfer-encoding: Chunked\r\n",
            "te: trailers\r\n",
            "x-content-length: 5\r\ntransfer-encoding: chunked\r\n",
        ] {
            assert!(!is_refused(headers), "{headers:?}");
        }
    }

    #[test]
    fn each_head_is_seen_once_whatever_stands_in_bodies() {
        let body = "GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n";
        let text = format!(
            "\r\n\nPOST /a HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}GET /b HTTP/1.0\n\nGET /c HTTP/1.1\r\n\r\n",
            body.len()
        );
        assert_eq!(heads(&text), [Framing::Clear; 3]);
    }

    #[test]
    fn behind_a_chunked_body_nothing_is_read() {
        let text =
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
        assert_eq!(heads(text), [Framing::Last]);
    }

    #[test]
    fn what_is_no_head_ends_it() {
        for text in [
            "GET / HTTP/1.1\r\ncontent-length: +5\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\ncontent-length : 5\r\n\r\n",
            "GET / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "\0\r\n\r\n",
        ] {
            assert!(heads(text).is_empty(), "{text:?}");
        }
        let mut seen = Seen::default();
        for _ in 0..HEAD_MAX_BYTES {
            seen.feed(b"xx");
        }
        assert!(matches!(seen.at, At::End), "nothing is kept without end");
    }
}
