-- Lists by inbox and by kind, newest first.
CREATE INDEX message_inbox_recent ON message (inbox_id, effective, id);
CREATE INDEX case_kind_recent ON customer_case (kind, opened, id);
-- What a draft's client key was first used for, as a digest: the same key with other words is refused.
ALTER TABLE draft ADD COLUMN client_request TEXT;
