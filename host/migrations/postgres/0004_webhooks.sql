-- Webhooks that go out. An event is stored once, with a delivery for each endpoint that hears of it,
-- in the transaction of the change that it tells of.

CREATE TABLE webhook_endpoint (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    inbox_ids TEXT NOT NULL,
    include_content BOOLEAN NOT NULL,
    concurrency BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    failing_since BIGINT,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    rotating_until BIGINT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

-- No texts of messages: those are read when it is sent, so that what was deleted stays deleted.
CREATE TABLE webhook_event (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    data TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX webhook_event_created ON webhook_event (created);

CREATE TABLE webhook_delivery (
    id TEXT PRIMARY KEY,
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoint (id),
    event_id TEXT NOT NULL REFERENCES webhook_event (id),
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    UNIQUE (event_id, endpoint_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_attempt, id)
    WHERE status IN ('queued', 'sending');
CREATE INDEX webhook_delivery_recent ON webhook_delivery (endpoint_id, created, id);
CREATE INDEX webhook_delivery_status ON webhook_delivery (endpoint_id, status, created, id);
CREATE INDEX webhook_delivery_settled ON webhook_delivery (updated)
    WHERE status IN ('delivered', 'failed');

CREATE TABLE webhook_attempt (
    id TEXT PRIMARY KEY,
    delivery_id TEXT NOT NULL REFERENCES webhook_delivery (id),
    started BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    response TEXT
);
CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery_id, started);
