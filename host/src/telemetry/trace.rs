//! Traces of one event through all stages, in OpenTelemetry's form. Off unless [`super::export`] was
//! started; then nothing here costs more than a look at a flag.
//!
//! Events are handled in batches but traced one by one: a stage's time is told to the trace of every
//! event that was in it. An event's trace is kept with it as a W3C `traceparent`, so that receipt and
//! processing join, even in different hosts. Attributes are names of inboxes and plugins only.

use opentelemetry::trace::{
    Span, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

tokio::task_local! {
    /// The traces of the events that the running task handles now.
    static TRACES: Arc<[Context]>;
}

/// From now on spans are made. A second call changes nothing.
pub(super) fn switch_on(tracer: SdkTracer) {
    let _ = TRACER.set(tracer);
}

/// Whether anybody listens.
pub fn is_on() -> bool {
    TRACER.get().is_some()
}

/// The first span of a trace; it ends when it is dropped.
pub struct Root(Option<SdkSpan>);

impl Root {
    /// Begins a trace: `receive`, `poll` or `outbound`, in this inbox.
    pub fn start(name: &'static str, started: SystemTime, inbox: &str) -> Self {
        Self(TRACER.get().map(|tracer| {
            let builder = SpanBuilder::from_name(name)
                .with_start_time(started)
                .with_attributes([KeyValue::new("rapport.inbox", inbox.to_owned())]);
            tracer.build_with_context(builder, &Context::new())
        }))
    }

    /// What is kept with the event: `00-trace-span-flags`.
    pub fn traceparent(&self) -> Option<String> {
        let context = self.0.as_ref()?.span_context();
        Some(format!(
            "00-{}-{}-{:02x}",
            context.trace_id(),
            context.span_id(),
            context.trace_flags().to_u8()
        ))
    }
}

/// Runs work on events with these traceparents; [`stage`]s inside are told to each of their traces.
/// One that is not well formed is left out.
pub async fn within<F: Future>(traceparents: Vec<String>, work: F) -> F::Output {
    if !is_on() {
        return work.await;
    }
    let traces = traceparents.iter().filter_map(|t| context_of(t)).collect();
    TRACES.scope(traces, work).await
}

/// One stage, with the plugin that was asked, if one was.
pub async fn stage<F: Future>(name: &'static str, plugin: Option<&str>, work: F) -> F::Output {
    if !is_on() {
        return work.await;
    }
    let started = SystemTime::now();
    let output = work.await;
    tell(name, plugin, started);
    output
}

/// A stage that began then and ends now.
pub fn tell(name: &'static str, plugin: Option<&str>, started: SystemTime) {
    let Some(tracer) = TRACER.get() else { return };
    let ended = SystemTime::now();
    // Outside `within` there is nobody to tell.
    let _ = TRACES.try_with(|traces| {
        for trace in traces.iter() {
            let attributes = plugin.map(|id| KeyValue::new("rapport.plugin", id.to_owned()));
            let builder = SpanBuilder::from_name(name)
                .with_start_time(started)
                .with_attributes(attributes);
            tracer
                .build_with_context(builder, trace)
                .end_with_timestamp(ended);
        }
    });
}

fn context_of(traceparent: &str) -> Option<Context> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00" || trace.len() != 32 || span.len() != 16 {
        return None;
    }
    let parent = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    );
    parent
        .is_valid()
        .then(|| Context::new().with_remote_span_context(parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_parents_are_followed() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(context_of(good).is_some());
        for bad in [
            "",
            "00",
            "00-0-0-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333x-01",
        ] {
            assert!(context_of(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn switched_off_there_is_nothing_to_keep() {
        if !is_on() {
            let root = Root::start("receive", SystemTime::now(), "town");
            assert_eq!(root.traceparent(), None);
        }
    }
}
