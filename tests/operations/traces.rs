//! One message, one trace: from its receipt through every stage; and a draft's from policy to send.
//! The receiver decodes what a collector would.

use crate::SOON;
use crate::sample::{TOWN, message, post};
use crate::support::{Host, until};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The bodies that were sent to /v1/traces.
type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

/// An OTLP receiver, on a port of its own.
async fn receiver() -> (String, Bodies) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let bodies = Bodies::default();
    let kept = Arc::clone(&bodies);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, Arc::clone(&kept)));
        }
    });
    (address, bodies)
}

/// Takes the requests of one connection.
async fn take(mut stream: TcpStream, bodies: Bodies) {
    let mut read = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = stream.read(&mut chunk).await {
        read.extend_from_slice(&chunk[..length]);
        let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        assert!(head.starts_with("post /v1/traces "), "{head}");
        assert!(head.contains("application/x-protobuf"), "{head}");
        let size = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "));
        let size: usize = size.unwrap().trim().parse().unwrap();
        if read.len() >= end + 4 + size {
            bodies
                .lock()
                .unwrap()
                .push(read[end + 4..end + 4 + size].to_vec());
            read.drain(..end + 4 + size);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    }
}

fn spans(bodies: &Bodies) -> Vec<Span> {
    let bodies = bodies.lock().unwrap();
    let requests = bodies
        .iter()
        .map(|b| ExportTraceServiceRequest::decode(b.as_slice()).unwrap());
    requests
        .flat_map(|request| request.resource_spans)
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .collect()
}

/// Names by trace, with the plugin where there is one.
fn traces(bodies: &Bodies) -> BTreeMap<Vec<u8>, BTreeSet<String>> {
    let mut traces: BTreeMap<Vec<u8>, BTreeSet<String>> = BTreeMap::new();
    for span in spans(bodies) {
        let plugin = span.attributes.iter().find(|a| a.key == "rapport.plugin");
        let name = match plugin {
            Some(plugin) => format!("{} {:?}", span.name, plugin.value).replace('"', ""),
            None => span.name.clone(),
        };
        let name = name.split(" Some").next().map_or(name.clone(), |bare| {
            let id = name
                .split("StringValue(")
                .nth(1)
                .and_then(|rest| rest.split(')').next());
            id.map_or(bare.to_owned(), |id| format!("{bare} {id}"))
        });
        traces.entry(span.trace_id).or_default().insert(name);
    }
    traces
}

#[tokio::test]
async fn a_message_is_one_trace_and_an_answer_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let (address, bodies) = receiver().await;
    let settings = [("OTEL_BSP_SCHEDULE_DELAY", "200")];
    let config = format!("[telemetry]\notlp-endpoint = \"{address}\"\n{TOWN}");
    let host = Host::start_with(&config, dir.path(), &settings).await;
    let (text, handle) = ("zeldzaamwoord7731", "handle7731");
    let sent = [message(
        "t-7731",
        handle,
        &format!("Hoi, waar is mijn pakket? {text}"),
    )];
    assert_eq!(post(&host, &sent).await.0, 200);
    let inbound = [
        "apply",
        "classify classify-language",
        "classify classify-sentiment",
        "classify classify-topic",
        "decide policy-service",
        "identify",
        "ingest",
        "receive",
        "situate",
    ];
    let inbound: BTreeSet<String> = inbound.map(str::to_owned).into();
    until("the message's trace", SOON, async || {
        let traces = traces(&bodies);
        traces.values().any(|names| *names == inbound).then_some(())
    })
    .await;
    assert_eq!(traces(&bodies).len(), 1);

    let page = host.get("messages").await;
    let draft = json!({"messageId": page["items"][0]["id"], "author": "Sanne",
        "content": "Hoi, dat kan in de app onder Contract, Verhuizen. Groet, Sanne"});
    let (_, draft) = host.post("drafts", &draft).await;
    let path = format!("drafts/{}/send", draft["id"].as_str().unwrap());
    let (status, outcome) = host.post(&path, &Value::Null).await;
    assert_eq!(
        (status, &outcome["verdict"]),
        (200, &"allow".into()),
        "{outcome:#}"
    );
    let outbound = [
        "decide policy-service",
        "outbound",
        "outbox",
        "policy",
        "send",
    ];
    let outbound: BTreeSet<String> = outbound.map(str::to_owned).into();
    until("the answer's trace", SOON, async || {
        traces(&bodies)
            .values()
            .any(|names| *names == outbound)
            .then_some(())
    })
    .await;
    // One root a trace; every other span hangs under it.
    let spans = spans(&bodies);
    for trace in traces(&bodies).keys() {
        let of_it: Vec<_> = spans.iter().filter(|s| s.trace_id == *trace).collect();
        let roots: Vec<_> = of_it
            .iter()
            .filter(|s| s.parent_span_id.is_empty())
            .collect();
        assert_eq!(roots.len(), 1);
        assert!(
            of_it
                .iter()
                .all(|s| s.parent_span_id.is_empty() || s.parent_span_id == roots[0].span_id)
        );
    }
    let all = bodies.lock().unwrap().concat();
    let all = String::from_utf8_lossy(&all);
    for marker in [text, handle, "t-7731", "Sanne"] {
        assert!(!all.contains(marker), "{marker} is in a trace");
    }
}
