//! Sends traces to a collector: OTLP over HTTP, protobuf. Off unless an endpoint is configured, in
//! `[telemetry] otlp-endpoint` or by OpenTelemetry's own OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_…);
//! OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_BSP_* and OTEL_RESOURCE_ATTRIBUTES work too.
//!
//! A collector that is slow or gone costs spans, never events: the queue is bounded.

use super::trace;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Spans that wait for the collector; more are dropped.
const SPANS_WAITING: usize = 16 * 1024;
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the OTLP exporter: {0}")]
    Exporter(String),
    #[error("the OTLP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// The running exporter.
pub struct Exporter(Option<SdkTracerProvider>);

/// Starts to export if an endpoint is given here or in the environment. `roots` are trusted beside the
/// system's authorities. Needs a tokio runtime.
pub fn start(
    endpoint: Option<&str>,
    roots: &[reqwest::Certificate],
) -> Result<Exporter, ExportError> {
    let in_environment = [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]
    .iter()
    .any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
    if endpoint.is_none() && !in_environment {
        return Ok(Exporter(None));
    }
    // A second installation is refused and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(EXPORT_TIMEOUT)
        .tls_certs_merge(roots.iter().cloned())
        .build()?;
    let mut builder = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Client {
            client,
            runtime: tokio::runtime::Handle::current(),
        });
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')));
    }
    let exporter = builder
        .build()
        .map_err(|e| ExportError::Exporter(e.to_string()))?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(SPANS_WAITING)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(
            BatchSpanProcessor::builder(exporter)
                .with_batch_config(batches)
                .build(),
        )
        .with_resource(
            Resource::builder()
                .with_service_name("rapport")
                .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                .build(),
        )
        .build();
    trace::switch_on(provider.tracer("rapport"));
    Ok(Exporter(Some(provider)))
}

impl Exporter {
    /// Sends what waits, for a few seconds at most.
    pub async fn stop(self) {
        let Some(provider) = self.0 else { return };
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(error)) = stopped {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The exporter's thread has no runtime of its own; requests run in ours.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let (head, body) = request.into_parts();
            let answer = client
                .request(head.method, head.uri.to_string())
                .headers(head.headers)
                .body(body)
                .send()
                .await?;
            let mut response = Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.extend(answer.headers().clone());
            }
            Ok::<_, HttpError>(response.body(answer.bytes().await?)?)
        });
        Box::pin(async move { sent.await? })
    }
}
