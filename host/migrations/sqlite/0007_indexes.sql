-- An index for each list and look-up that grows with history.
CREATE INDEX conversation_inbox_recent ON conversation (inbox_id, last_message, id);
CREATE INDEX conversation_inbox_status ON conversation (inbox_id, status, last_message, id);
CREATE INDEX conversation_team_recent ON conversation (team, last_message, id) WHERE team IS NOT NULL;
CREATE INDEX case_contact_status ON customer_case (contact_id, status, opened, id);
CREATE INDEX case_recent ON customer_case (opened, id);
CREATE INDEX task_recent ON task (created, id);
CREATE INDEX draft_recent ON draft (created, id);
CREATE INDEX outbox_recent ON outbox_item (created, id);
CREATE INDEX decision_recent ON decision (decided, id);
CREATE INDEX decision_effect ON decision (effect, decided, id);
-- Figures of long conversations.
CREATE INDEX message_participant ON message (conversation_id, contact_id);
CREATE INDEX message_ours ON message (conversation_id) WHERE direction = 'outbound';
