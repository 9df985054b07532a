-- Ids are UUIDv7 as text, times UTC milliseconds, lists and records JSON text.
-- The same as migrations/postgres, but for type names; flags are INTEGER here.

CREATE TABLE inbox (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    plugin TEXT NOT NULL,
    network TEXT NOT NULL,
    active INTEGER NOT NULL,
    cursor TEXT,
    next_poll BIGINT NOT NULL DEFAULT 0,
    last_polled BIGINT,
    last_error TEXT
);

CREATE TABLE inbox_state (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (inbox_id, key)
);

CREATE TABLE monitor (
    id TEXT PRIMARY KEY,
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    query TEXT NOT NULL,
    -- From rapport.toml, which may take it away again.
    configured INTEGER NOT NULL,
    UNIQUE (inbox_id, query)
);

-- The inbound queue. seq is the order of arrival.
CREATE TABLE inbound_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    external_id TEXT NOT NULL,
    order_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    received BIGINT NOT NULL,
    done BIGINT,
    UNIQUE (inbox_id, external_id)
);
CREATE INDEX inbound_event_open ON inbound_event (seq) WHERE status IN ('queued', 'leased');
CREATE INDEX inbound_event_failed ON inbound_event (seq) WHERE status = 'failed';

CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    display_name TEXT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    message_count BIGINT NOT NULL
);

CREATE TABLE identity (
    id TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contact (id),
    network TEXT NOT NULL,
    external_id TEXT NOT NULL,
    handle TEXT,
    display_name TEXT,
    profile_url TEXT,
    avatar_url TEXT,
    follower_count BIGINT,
    verified INTEGER NOT NULL,
    -- The event that these values stem from: the latest stands.
    version_at BIGINT NOT NULL,
    version_id TEXT NOT NULL,
    UNIQUE (network, external_id)
);
CREATE INDEX identity_contact ON identity (contact_id);

CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    external_id TEXT NOT NULL,
    network TEXT NOT NULL,
    reach TEXT NOT NULL,
    visibility TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    team TEXT,
    respond_by BIGINT,
    labels TEXT NOT NULL,
    first_message BIGINT NOT NULL,
    last_message BIGINT NOT NULL,
    message_count BIGINT NOT NULL,
    UNIQUE (inbox_id, external_id)
);
CREATE INDEX conversation_recent ON conversation (last_message, id);
CREATE INDEX conversation_status_recent ON conversation (status, last_message, id);

CREATE TABLE message (
    id TEXT PRIMARY KEY,
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    -- None: a tombstone for a message that we never saw.
    conversation_id TEXT REFERENCES conversation (id),
    contact_id TEXT REFERENCES contact (id),
    external_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    in_reply_to TEXT,
    attributed_to TEXT,
    published BIGINT NOT NULL,
    updated BIGINT,
    deleted BIGINT,
    received BIGINT NOT NULL,
    title TEXT,
    content TEXT NOT NULL,
    language TEXT,
    url TEXT,
    visibility TEXT NOT NULL,
    reach TEXT NOT NULL,
    ancestors TEXT NOT NULL,
    tags TEXT NOT NULL,
    mentions TEXT NOT NULL,
    attachments TEXT NOT NULL,
    monitor TEXT,
    version_at BIGINT NOT NULL,
    version_id TEXT NOT NULL,
    UNIQUE (inbox_id, external_id)
);
CREATE INDEX message_conversation ON message (conversation_id, published, id);
CREATE INDEX message_contact ON message (contact_id, published, id);
CREATE INDEX message_recent ON message (published, id);

CREATE TABLE message_tag (
    message_id TEXT NOT NULL REFERENCES message (id),
    tag TEXT NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (message_id, tag)
);
CREATE INDEX message_tag_recent ON message_tag (tag, published);

CREATE TABLE reaction (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contact (id),
    published BIGINT NOT NULL,
    PRIMARY KEY (inbox_id, kind, object, contact_id)
);

CREATE TABLE classification (
    message_id TEXT NOT NULL REFERENCES message (id),
    plugin TEXT NOT NULL,
    position BIGINT NOT NULL,
    version TEXT NOT NULL,
    plugin_digest TEXT NOT NULL,
    settings_digest TEXT NOT NULL,
    dimension TEXT NOT NULL,
    label TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    evidence TEXT NOT NULL,
    extra TEXT NOT NULL,
    PRIMARY KEY (message_id, plugin, position)
);

CREATE TABLE evaluation (
    id TEXT PRIMARY KEY,
    message_id TEXT,
    draft_id TEXT,
    moment TEXT NOT NULL,
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    plugin_digest TEXT NOT NULL,
    settings_digest TEXT NOT NULL,
    input TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    output_digest TEXT NOT NULL,
    batch_fuel BIGINT NOT NULL,
    batch_size BIGINT NOT NULL,
    fault TEXT,
    evaluated BIGINT NOT NULL
);
CREATE INDEX evaluation_message ON evaluation (message_id);
CREATE INDEX evaluation_draft ON evaluation (draft_id);

CREATE TABLE decision (
    id TEXT PRIMARY KEY,
    evaluation_id TEXT NOT NULL REFERENCES evaluation (id),
    message_id TEXT,
    draft_id TEXT,
    moment TEXT NOT NULL,
    plugin TEXT NOT NULL,
    rule TEXT NOT NULL,
    effect TEXT NOT NULL,
    detail TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    withheld TEXT NOT NULL,
    decided BIGINT NOT NULL
);
CREATE INDEX decision_message ON decision (message_id);
CREATE INDEX decision_draft ON decision (draft_id);

-- "case" is a word of SQL's own.
CREATE TABLE customer_case (
    id TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contact (id),
    conversation_id TEXT REFERENCES conversation (id),
    message_id TEXT REFERENCES message (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    priority TEXT NOT NULL,
    status TEXT NOT NULL,
    team TEXT,
    opened BIGINT NOT NULL,
    respond_by BIGINT,
    solve_by BIGINT,
    responded BIGINT,
    closed BIGINT
);
CREATE INDEX case_open_contact ON customer_case (contact_id) WHERE status = 'open';
CREATE INDEX case_conversation ON customer_case (conversation_id);
CREATE INDEX case_status ON customer_case (status, opened, id);

CREATE TABLE suppression (
    id TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contact (id),
    purpose TEXT NOT NULL,
    channel TEXT,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    until_cases_closed INTEGER NOT NULL,
    lifted BIGINT
);
CREATE INDEX suppression_contact ON suppression (contact_id) WHERE lifted IS NULL;

CREATE TABLE task (
    id TEXT PRIMARY KEY,
    conversation_id TEXT REFERENCES conversation (id),
    contact_id TEXT REFERENCES contact (id),
    title TEXT NOT NULL,
    team TEXT,
    due BIGINT,
    status TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX task_status ON task (status, created, id);

CREATE TABLE draft (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    message_id TEXT REFERENCES message (id),
    purpose TEXT NOT NULL,
    content TEXT NOT NULL,
    language TEXT,
    visibility TEXT NOT NULL,
    author TEXT NOT NULL,
    named_account INTEGER NOT NULL,
    status TEXT NOT NULL,
    -- The client's Idempotency-Key: the same key twice is one draft.
    client_key TEXT UNIQUE,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX draft_conversation ON draft (conversation_id, created);

CREATE TABLE outbox_item (
    id TEXT PRIMARY KEY,
    draft_id TEXT NOT NULL UNIQUE REFERENCES draft (id),
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    idempotency_key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    external_id TEXT,
    url TEXT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox_item (next_attempt) WHERE status IN ('queued', 'sending', 'uncertain');
CREATE INDEX outbox_status ON outbox_item (status, created, id);

CREATE TABLE delivery_attempt (
    id TEXT PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES outbox_item (id),
    started BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT
);
CREATE INDEX delivery_attempt_item ON delivery_attempt (item_id, started);

-- Hash-chained: each row's hash covers its fields and the hash of the row before.
CREATE TABLE audit_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
