-- Of what we said: who wrote it, and the contact whom it answers.
ALTER TABLE message ADD COLUMN author TEXT;
ALTER TABLE message ADD COLUMN recipient_id TEXT REFERENCES contact (id);
UPDATE message SET
    author = (SELECT d.author FROM outbox_item o JOIN draft d ON d.id = o.draft_id
        WHERE o.inbox_id = message.inbox_id AND o.external_id = message.external_id LIMIT 1),
    recipient_id = (SELECT m.contact_id FROM message m
        WHERE m.inbox_id = message.inbox_id AND m.external_id = message.in_reply_to)
WHERE direction = 'outbound';
CREATE INDEX message_recipient ON message (recipient_id, effective, id) WHERE recipient_id IS NOT NULL;
