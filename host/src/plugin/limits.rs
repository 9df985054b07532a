//! Every limit on a plugin, in one place. What the manifest asks for is lower or equal.

use std::time::Duration;

/// Fuel a millisecond: about what a current core does in that time (measured: 0.7 to 1.2 million).
pub const FUEL_PER_MS: u64 = 1_000_000;
/// Longest call of a pure plugin, in fuel's milliseconds, whatever its manifest says.
pub const PURE_TIME_CEILING_MS: u32 = 2_000;
/// A pure plugin that waits instead of computing, or has the host compute, is cut off after this.
pub const PURE_WAITING: Duration = Duration::from_secs(10);
/// What `configure` may compute, wherever it runs: its own work, not the time that a busy machine takes
/// for it.
pub const CONFIGURE_FUEL_MS: u64 = 10_000;
/// Processor time of `configure`, what the host does for it included: well above its fuel.
pub const CONFIGURE_COMPUTING: Duration = Duration::from_secs(30);
/// How long `configure` may wait instead of computing, all waits together.
pub const CONFIGURE_WAIT: Duration = Duration::from_secs(10);
/// Plugins that are configured and compiled at a time, at least; as many as there are processors.
pub const PREPARED_AT_ONCE: usize = 4;
/// How often a running pure plugin gives way to others, in fuel.
pub const FUEL_YIELD_INTERVAL: u64 = 1_000_000;
/// How often a running connector gives way to others, and its deadline is looked at.
pub const EPOCH_TICK: Duration = Duration::from_millis(5);

/// Host calls (log, config, secrets, state, clock) in one call of a plugin.
pub const HOST_CALLS: u32 = 100_000;
/// Log lines kept of one call; each at most [`LOG_LINE_BYTES`].
pub const LOG_LINES: usize = 100;
pub const LOG_LINE_BYTES: usize = 2048;
/// Log lines in one call beyond which the plugin is flooding.
pub const LOG_FLOOD_LINES: u32 = 10_000;
/// The same for their bytes, before they are cut: copying long lines costs the guest nothing.
pub const LOG_FLOOD_BYTES: usize = 4 * 1024 * 1024;
/// What a guest may print on its standard output and error (panic messages), in bytes.
pub const STDIO_BYTES: usize = 16 * 1024;
/// Data copied from a guest to the host in one call, in bytes. A guest can point many list items at
/// the same text, so its own memory is no limit.
pub const OUTPUT_BYTES: usize = 16 * 1024 * 1024;
/// Random bytes that a guest gets at once; what the host makes costs it no fuel.
pub const RANDOM_BYTES: u64 = 4096;
/// Resources (streams, requests, …) that one call may hold.
pub const RESOURCES: usize = 256;
/// Table elements in one instance, as many as a file may declare.
pub const TABLE_ELEMENTS: usize = rapport_package::limits::TABLE_ELEMENTS as usize;
/// Native stack of a guest, in bytes.
pub const WASM_STACK_BYTES: usize = 512 * 1024;

/// Concurrent calls of pure plugins; the pool holds at least this many instances.
pub const CONCURRENT_CALLS: usize = 32;
/// Of which one plugin may have this many.
pub const CONCURRENT_CALLS_EACH: usize = 16;
/// Concurrent calls of connectors. Most of them wait for a network, which takes no processor.
pub const CONNECTOR_CALLS: usize = 128;
/// Of which one inbox may have so many for webhooks, and so many for polls and sends.
pub const RECEIVING_EACH_INBOX: usize = 8;
pub const OWN_CALLS_EACH_INBOX: usize = 4;
/// And one plugin, all its inboxes together.
pub const RECEIVING_EACH_PLUGIN: usize = 24;
pub const OWN_CALLS_EACH_PLUGIN: usize = 16;
/// Calls that wait for a place of their inbox or plugin; more are told that it is busy.
pub const WAITING_EACH_INBOX: usize = 32;
pub const WAITING_EACH_PLUGIN: usize = 64;
/// Names that one inbox has looked up at a time: each takes a thread for as long as the name's server
/// likes.
pub const LOOKUPS: usize = 4;
/// Core instances that one component may consist of (38 seen in interpreted languages).
pub const CORE_INSTANCES_PER_COMPONENT: u32 = 64;
/// Its tables and memories, as many as a file may declare.
pub const TABLES_PER_COMPONENT: u32 = rapport_package::limits::TABLES as u32;
pub const MEMORIES_PER_COMPONENT: u32 = rapport_package::limits::MEMORIES as u32;

/// Messages in one call of a classifier or a policy.
pub const BATCH: usize = 256;
/// After this many items of a batch faulted when called one by one, the rest is not tried.
pub const SINGLE_FAULTS: usize = 3;

// What a guest may return; the contract says the same.
pub const CLASSIFICATIONS_PER_MESSAGE: usize = 64;
pub const EFFECTS_PER_CASE: usize = 32;
pub const EVIDENCE: usize = 64;
pub const ACTIVITIES: usize = 500;
pub const EXTERNAL_ID_BYTES: usize = 512;
pub const CONTENT_BYTES: usize = 64 * 1024;
pub const TITLE_BYTES: usize = 1024;
pub const TEXT_BYTES: usize = 1024;
pub const URL_BYTES: usize = 2048;
pub const CURSOR_BYTES: usize = 16 * 1024;
pub const TAGS: usize = 64;
pub const MENTIONS: usize = 64;
pub const ATTACHMENTS: usize = 32;
pub const ANCESTORS: usize = 64;
pub const EXTRA: usize = 32;
pub const EXTRA_VALUE_BYTES: usize = 4096;
pub const WEBHOOK_BODY_BYTES: usize = 1024 * 1024;
pub const RULES: usize = 64;

// A connector's memory in the host.
pub const STATE_KEY_BYTES: usize = 256;
pub const STATE_VALUE_BYTES: usize = 64 * 1024;
pub const STATE_BYTES: usize = 1024 * 1024;

// Egress.
pub const REQUESTS_PER_CALL: u32 = 200;
pub const REQUEST_BYTES: usize = 8 * 1024 * 1024;
pub const RESPONSE_BYTES: usize = 8 * 1024 * 1024;
/// Bodies of all requests and answers of one call together: many at once are held in memory.
pub const TRAFFIC_BYTES: usize = 64 * 1024 * 1024;
/// Names and values of a request's headers together, once secrets are in them.
pub const HEADER_BYTES: usize = 64 * 1024;
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

// Secrets.
/// Longest value that is captured from an answer, in bytes; in the headers of the next request it
/// would be refused by most servers anyway.
pub const CAPTURED_BYTES: usize = 8 * 1024;
/// Largest answer that a value is captured from, in bytes.
pub const CAPTURE_ANSWER_BYTES: usize = 256 * 1024;
/// Shorter values are not taken out of answers: they would be found everywhere.
pub const SECRET_SCRUB_MIN_BYTES: usize = 6;

// The circuit breaker.
pub const BREAKER_FAULTS: u32 = 5;
pub const BREAKER_FIRST_PAUSE: Duration = Duration::from_secs(30);
pub const BREAKER_LONGEST_PAUSE: Duration = Duration::from_secs(600);
