-- What a release of the draft overruled, as digests: when the item leaves, the rules are asked again, and
-- only these holds don't stop it.
ALTER TABLE outbox_item ADD COLUMN released TEXT;

-- How far each host that is there follows the store, and a change of the secret key (the change's start,
-- its step): key_kept is 1 when what the host starts from is the new key.
CREATE TABLE host_state (
    host TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL,
    key_change BIGINT NOT NULL DEFAULT 0,
    key_step BIGINT NOT NULL DEFAULT 0,
    key_kept BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL
);

-- A change of the secret key that is under way: the new key sealed under the old one, and the old one
-- under the new, until nothing is sealed under the old one any more.
CREATE TABLE secret_key_change (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    next TEXT NOT NULL,
    previous TEXT NOT NULL,
    step BIGINT NOT NULL,
    started BIGINT NOT NULL
);
