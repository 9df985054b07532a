-- The time that counts of a message, beside the one that its sender's clock said: see
-- domain/effective_time.rs. A tag's `published` is the effective time of its message.
ALTER TABLE message ADD COLUMN effective BIGINT NOT NULL DEFAULT 0;
UPDATE message SET effective = CASE
    WHEN published > received OR published < 978307200000 THEN received ELSE published END;
-- While hosts of the version before still write, which know of no effective time.
CREATE FUNCTION message_effective() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.effective := CASE WHEN NEW.published > NEW.received OR NEW.published < 978307200000
        THEN NEW.received ELSE NEW.published END;
    RETURN NEW;
END $$;
CREATE TRIGGER message_effective BEFORE INSERT ON message
    FOR EACH ROW WHEN (NEW.effective = 0) EXECUTE FUNCTION message_effective();
-- Which draft became which message.
CREATE INDEX outbox_sent ON outbox_item (inbox_id, external_id);
-- What we sent was received, so far, when the network said that it was.
UPDATE message SET (received, effective) = (SELECT MAX(o.updated), MAX(o.updated) FROM outbox_item o
        WHERE o.inbox_id = message.inbox_id AND o.external_id = message.external_id)
WHERE direction = 'outbound' AND (SELECT MAX(o.updated) FROM outbox_item o
        WHERE o.inbox_id = message.inbox_id AND o.external_id = message.external_id) < effective;

DROP INDEX message_conversation;
DROP INDEX message_contact;
DROP INDEX message_recent;
CREATE INDEX message_conversation ON message (conversation_id, effective, id);
CREATE INDEX message_contact ON message (contact_id, effective, id);
CREATE INDEX message_recent ON message (effective, id);

-- An answer comes after what it answers: two links of a chain; the rest is moved when it is next heard of.
UPDATE message SET effective = 1 + (SELECT MAX(p.effective) FROM message p
    WHERE p.inbox_id = message.inbox_id AND p.external_id = message.in_reply_to)
WHERE id IN (SELECT a.id FROM message a JOIN message p ON p.inbox_id = a.inbox_id
    AND p.external_id = a.in_reply_to AND p.effective >= a.effective AND p.id <> a.id);
UPDATE message SET effective = 1 + (SELECT MAX(p.effective) FROM message p
    WHERE p.inbox_id = message.inbox_id AND p.external_id = message.in_reply_to)
WHERE id IN (SELECT a.id FROM message a JOIN message p ON p.inbox_id = a.inbox_id
    AND p.external_id = a.in_reply_to AND p.effective >= a.effective AND p.id <> a.id);

UPDATE message_tag SET published = (SELECT effective FROM message WHERE id = message_id)
WHERE published <> (SELECT effective FROM message WHERE id = message_id);
UPDATE conversation SET
    first_message = (SELECT MIN(effective) FROM message WHERE conversation_id = conversation.id),
    last_message = (SELECT MAX(effective) FROM message WHERE conversation_id = conversation.id)
WHERE id IN (SELECT conversation_id FROM message WHERE effective <> published);
UPDATE contact SET
    first_seen = (SELECT MIN(effective) FROM message WHERE contact_id = contact.id),
    last_seen = (SELECT MAX(effective) FROM message WHERE contact_id = contact.id)
WHERE id IN (SELECT contact_id FROM message WHERE effective <> published);

-- Clocks ran from what the sender's clock said; now they run from receipt.
UPDATE conversation SET respond_by = respond_by - (
    SELECT MAX(published - received) FROM message WHERE conversation_id = conversation.id)
WHERE respond_by IS NOT NULL AND respond_by >= (
    SELECT MIN(published) FROM message WHERE conversation_id = conversation.id AND published > received);
UPDATE conversation SET respond_by = respond_by + (
    SELECT MAX(received - published) FROM message
    WHERE conversation_id = conversation.id AND published < 978307200000)
WHERE respond_by < 978307200000 AND EXISTS (SELECT 1 FROM message
    WHERE conversation_id = conversation.id AND published < 978307200000);
UPDATE customer_case SET
    opened = opened - (SELECT published - received FROM message WHERE id = message_id),
    respond_by = respond_by - (SELECT published - received FROM message WHERE id = message_id),
    solve_by = solve_by - (SELECT published - received FROM message WHERE id = message_id)
WHERE message_id IN (SELECT id FROM message WHERE updated IS NULL
    AND (published > received OR published < 978307200000)) AND status = 'open';

-- What the future was said to hold.
UPDATE contact SET last_seen = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) WHERE last_seen > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT);
UPDATE reaction SET published = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) WHERE published > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT);
UPDATE identity SET version_at = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) WHERE version_at > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT);
UPDATE message SET version_at = CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) WHERE version_at > CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT);
