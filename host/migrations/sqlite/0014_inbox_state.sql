-- How an inbox stands: not-ready, failing or partly-failing (none: nothing is wrong), since when, and how
-- many calls in a row ended that way. last_error says why.
ALTER TABLE inbox ADD COLUMN trouble TEXT;
ALTER TABLE inbox ADD COLUMN trouble_since BIGINT;
ALTER TABLE inbox ADD COLUMN trouble_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN last_success BIGINT;
-- When a message last came in, and how long it usually is from one arrival to the next, in milliseconds;
-- the gap that is going on is counted from gap_from.
ALTER TABLE inbox ADD COLUMN last_message BIGINT;
ALTER TABLE inbox ADD COLUMN gap_from BIGINT;
ALTER TABLE inbox ADD COLUMN usual_gap BIGINT NOT NULL DEFAULT 86400000;
UPDATE inbox SET last_message = (
    SELECT MAX(m.received) FROM message m WHERE m.inbox_id = inbox.id AND m.direction = 'inbound'
);
UPDATE inbox SET gap_from = last_message;
