-- One poller per inbox among several hosts: who polls, and until when that is so without a word.
ALTER TABLE inbox ADD COLUMN poll_owner TEXT;
ALTER TABLE inbox ADD COLUMN poll_until BIGINT NOT NULL DEFAULT 0;
-- Not before this moment is the next item sent (the inbox's rate limit, or the network's wish).
ALTER TABLE inbox ADD COLUMN next_send BIGINT NOT NULL DEFAULT 0;
-- Counts the changes of the connector's memory, so that two calls at a time can't overwrite each other.
ALTER TABLE inbox ADD COLUMN state_version BIGINT NOT NULL DEFAULT 0;
-- W3C trace context of what brought it, when traces are kept.
ALTER TABLE inbound_event ADD COLUMN trace TEXT;
ALTER TABLE outbox_item ADD COLUMN trace TEXT;
CREATE INDEX inbound_event_lane ON inbound_event (inbox_id, order_key, seq) WHERE status IN ('queued', 'leased');
CREATE INDEX outbox_open_conversation ON outbox_item (conversation_id, id) WHERE status IN ('queued', 'sending', 'uncertain');
