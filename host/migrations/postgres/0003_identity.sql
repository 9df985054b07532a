-- The end of the audit chain, kept in the same transaction as each row: a chain that was cut off shows.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    count BIGINT NOT NULL
);
INSERT INTO audit_head (id, seq, hash, count)
SELECT 1, last.seq, last.hash, (SELECT COUNT(*) FROM audit_event)
FROM audit_event AS last ORDER BY last.seq DESC LIMIT 1;
CREATE INDEX audit_event_actor ON audit_event (actor, seq);
CREATE INDEX audit_event_action ON audit_event (action, seq);
CREATE INDEX audit_event_subject ON audit_event (subject, seq);
CREATE INDEX audit_event_at ON audit_event (at);

-- What plugins and inboxes were at the last start, so that a change goes on record.
-- parts: JSON object of digests by part.
CREATE TABLE fingerprint (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    parts TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
);

-- Whether this host's secret key is the one that the store's secrets are sealed under.
CREATE TABLE secret_key_check (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    sealed TEXT NOT NULL
);

-- The second factor. The secret in use stands sealed in agent.totp_secret; here one that is not yet
-- confirmed, and the last 30-second step whose code was used.
CREATE TABLE totp (
    agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agent (id),
    pending TEXT,
    pending_since BIGINT,
    last_step BIGINT NOT NULL
);

-- SHA-256 of codes that are not used yet.
CREATE TABLE recovery_code (
    agent_id TEXT NOT NULL REFERENCES agent (id),
    hash TEXT NOT NULL,
    PRIMARY KEY (agent_id, hash)
);

-- Log-ins that are under way at an OpenID Connect provider. secrets: nonce and PKCE verifier, sealed.
-- binding_hash: of the cookie of the browser that began it.
CREATE TABLE oidc_login (
    state_hash TEXT PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    binding_hash TEXT NOT NULL,
    secrets TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX oidc_login_expires ON oidc_login (expires);

-- Who somebody is at a provider.
CREATE TABLE oidc_link (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    created BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, agent_id)
);
CREATE INDEX oidc_link_agent ON oidc_link (agent_id);
