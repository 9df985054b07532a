//! The network of a connector under test: a server on this machine that answers every request as its
//! script says, and remembers what it was asked.
//!
//! Written on a bare socket, because what it plays is mostly what no server should do: break off,
//! answer without end, lie about lengths. Every connection serves one request. Deliberately absent:
//! TLS, chunked requests (the host sends bodies whole) and what to answer; that is `script`.

use super::script::{Reply, Script};
use crate::plugin::MEANT;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 256 * 1024;
/// Bytes written at once of a body without end.
const CHUNK_BYTES: usize = 256 * 1024;

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: String,
    /// Absolute, as the connector wrote it.
    pub url: String,
    /// Names in lower case; those of the connection itself are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// For a failure: `GET https://api.example.org/v1/me`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

#[derive(Default)]
struct Stage {
    script: Script,
    asked: Vec<Asked>,
}

/// The server; it goes when this does.
pub struct Network {
    pub address: SocketAddr,
    stage: Arc<Mutex<Stage>>,
    serving: JoinHandle<()>,
}

impl Drop for Network {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Network {
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let stage = Arc::new(Mutex::new(Stage::default()));
        let theirs = Arc::clone(&stage);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stage = Arc::clone(&theirs);
                // A client that goes away is no fault of ours.
                tokio::spawn(async move { serve(stream, &stage).await.ok() });
            }
        });
        Ok(Self {
            address,
            stage,
            serving,
        })
    }

    /// Plays this from now on.
    pub fn play(&self, script: Script) {
        let asked = Vec::new();
        *lock(&self.stage) = Stage { script, asked };
    }

    /// The script as it was played, and what was asked.
    pub fn played(&self) -> (Script, Vec<Asked>) {
        let Stage { script, asked } = std::mem::take(&mut *lock(&self.stage));
        (script, asked)
    }
}

fn lock(stage: &Mutex<Stage>) -> std::sync::MutexGuard<'_, Stage> {
    stage
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, stage: &Mutex<Stage>) -> std::io::Result<()> {
    let Some(asked) = read(&mut stream).await? else {
        return Ok(());
    };
    let reply = {
        let mut stage = lock(stage);
        stage.asked.push(asked.clone());
        stage.script.answer(&asked)
    };
    write(&mut stream, reply).await
}

/// None: no request that this server understands.
async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > HEAD_BYTES || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path)) = (first.next(), first.next()) else {
        return Ok(None);
    };
    let mut headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let value = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v);
    let length = value("content-length").and_then(|v| v.parse().ok());
    let origin = plain_origin(value(MEANT).map_or("", String::as_str)).to_owned();
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length.unwrap_or(0_usize) {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    headers.retain(|(name, _)| !matches!(name.as_str(), MEANT | "host" | "content-length"));
    Ok(Some(Asked {
        method: method.to_owned(),
        url: format!("{origin}{path}"),
        headers,
        body,
    }))
}

/// Without the port that goes without saying.
fn plain_origin(origin: &str) -> &str {
    let (port, scheme) = match origin.starts_with("https://") {
        true => (":443", "https://"),
        false => (":80", "http://"),
    };
    let plain = origin
        .strip_suffix(port)
        .filter(|rest| rest.starts_with(scheme));
    plain.unwrap_or(origin)
}

async fn write(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let body = reply.body;
    let mut head = format!("HTTP/1.1 {} Played\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // These never have a body, nor a length.
    let bare = matches!(reply.status, 100..200 | 204 | 304);
    if !bare {
        let length = body.len() + reply.padding + reply.missing;
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    if !bare {
        stream.write_all(&body).await?;
        let chunk = vec![b' '; CHUNK_BYTES];
        let mut left = reply.padding;
        while left > 0 {
            let now = left.min(CHUNK_BYTES);
            stream.write_all(&chunk[..now]).await?;
            left -= now;
        }
    }
    stream.shutdown().await
}
