-- The inbox is the holder's own named account: they post on it under their own name.
ALTER TABLE inbox_right ADD COLUMN own BOOLEAN NOT NULL DEFAULT FALSE;
-- Everybody who wrote some of a draft's text: none of them releases it.
CREATE TABLE draft_hand (
    draft_id TEXT NOT NULL REFERENCES draft (id),
    actor TEXT NOT NULL,
    PRIMARY KEY (draft_id, actor)
);
CREATE INDEX draft_hand_actor ON draft_hand (actor);
INSERT INTO draft_hand (draft_id, actor)
SELECT id, author_actor FROM draft WHERE author_actor IS NOT NULL
UNION SELECT id, edited_by FROM draft WHERE edited_by IS NOT NULL;
-- Whose rights an endpoint carries: agent:ID, token:ID, or an operator's name. Who made those that are
-- there already stands in the audit; the operator did, where it does not.
ALTER TABLE webhook_endpoint ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
UPDATE webhook_endpoint SET made_by = (
    SELECT MIN(e.actor) FROM audit_event e
    WHERE e.action = 'webhook.create' AND e.subject = webhook_endpoint.id)
WHERE id IN (SELECT subject FROM audit_event WHERE action = 'webhook.create');
