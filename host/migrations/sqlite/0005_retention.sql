-- Work that is due at a time, once among all hosts: claimed by lease, see db/schedule.rs.
CREATE TABLE schedule (
    name TEXT PRIMARY KEY,
    next_run BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    -- The host that holds the lease.
    holder TEXT,
    last_run BIGINT,
    last_error TEXT
);

-- What retention deleted, by kind of data.
CREATE TABLE retention_run (
    id TEXT PRIMARY KEY,
    started BIGINT NOT NULL,
    finished BIGINT,
    actor TEXT NOT NULL,
    counts TEXT NOT NULL,
    error TEXT
);

-- Hashes of what was erased: it is not stored again when a network sends it again.
CREATE TABLE erased (
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, hash)
);
-- One random salt for a store's hashes.
CREATE TABLE erasure_salt (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    salt TEXT NOT NULL
);

-- Retention looks for what is old.
CREATE INDEX inbound_event_received ON inbound_event (received);
CREATE INDEX decision_decided ON decision (decided);
CREATE INDEX evaluation_evaluated ON evaluation (evaluated);
CREATE INDEX delivery_attempt_finished ON delivery_attempt (finished);
CREATE INDEX contact_last_seen ON contact (last_seen, id);
-- What refers to a row that is to be deleted is found without reading every row.
CREATE INDEX decision_evaluation ON decision (evaluation_id);
CREATE INDEX case_message ON customer_case (message_id);
CREATE INDEX case_contact ON customer_case (contact_id);
CREATE INDEX task_conversation ON task (conversation_id);
CREATE INDEX task_contact ON task (contact_id);
CREATE INDEX draft_message ON draft (message_id);
CREATE INDEX outbox_conversation ON outbox_item (conversation_id);
CREATE INDEX reaction_contact ON reaction (contact_id);
CREATE INDEX message_answered ON message (inbox_id, in_reply_to);
