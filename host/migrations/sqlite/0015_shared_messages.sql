-- The same public post in several inboxes of one channel and network is one message: db/message/shared.rs.
-- As what it is shared: channel and network; none for what is private. The inboxes beside its own are in
-- message_inbox. Of two that are there already the first is shared; the other stays as it is.
ALTER TABLE message ADD COLUMN shared_as TEXT;
CREATE TABLE message_inbox (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    message_id TEXT NOT NULL REFERENCES message (id),
    PRIMARY KEY (inbox_id, message_id)
);
CREATE INDEX message_inbox_message ON message_inbox (message_id);
CREATE TABLE conversation_inbox (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    PRIMARY KEY (inbox_id, conversation_id)
);
CREATE INDEX conversation_inbox_conversation ON conversation_inbox (conversation_id);
UPDATE message SET shared_as = (SELECT x.plugin || ' ' || x.network FROM inbox x WHERE x.id = message.inbox_id)
WHERE id IN (
    SELECT MIN(m.id) FROM message m JOIN inbox x ON x.id = m.inbox_id
    WHERE m.visibility = 'public' AND m.conversation_id IS NOT NULL
    GROUP BY x.plugin, x.network, m.external_id);
CREATE UNIQUE INDEX message_shared ON message (shared_as, external_id);
CREATE INDEX message_shared_answered ON message (shared_as, in_reply_to) WHERE in_reply_to IS NOT NULL;
