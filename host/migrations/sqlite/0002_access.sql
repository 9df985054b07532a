-- Who may come in and what they may do. Secrets (session cookies, API tokens, set-up links) stand here
-- as SHA-256 only, passwords as argon2id. Built-in roles are in the code.

CREATE TABLE agent (
    id TEXT PRIMARY KEY,
    -- Lower case.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    -- Sealed; see the second factor.
    totp_secret TEXT,
    active INTEGER NOT NULL,
    created BIGINT NOT NULL,
    last_login BIGINT
);

CREATE TABLE team (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE team_member (
    team_id TEXT NOT NULL REFERENCES team (id),
    agent_id TEXT NOT NULL REFERENCES agent (id),
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_member_agent ON team_member (agent_id);

-- Custom roles only.
CREATE TABLE role (
    name TEXT PRIMARY KEY
);

CREATE TABLE role_permission (
    role TEXT NOT NULL REFERENCES role (name),
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
);

-- Built-in and custom roles.
CREATE TABLE agent_role (
    agent_id TEXT NOT NULL REFERENCES agent (id),
    role TEXT NOT NULL,
    PRIMARY KEY (agent_id, role)
);
CREATE INDEX agent_role_role ON agent_role (role);

-- holder_kind is agent or team. A row is the right to read.
CREATE TABLE inbox_right (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    holder_kind TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    answer INTEGER NOT NULL,
    voice INTEGER NOT NULL,
    PRIMARY KEY (inbox_id, holder_kind, holder_id)
);
CREATE INDEX inbox_right_holder ON inbox_right (holder_kind, holder_id);

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    secret_hash TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    agent_id TEXT REFERENCES agent (id),
    -- JSON lists.
    scopes TEXT NOT NULL,
    inboxes TEXT,
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT,
    revoked BIGINT
);

-- Failed log-ins by what they have in common: an account, an address, or both. The key is a digest.
CREATE TABLE login_throttle (
    key TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failure BIGINT NOT NULL
);
CREATE INDEX login_throttle_age ON login_throttle (last_failure);

-- Where somebody logged in before: what others do to the account does not slow them there.
CREATE TABLE login_known (
    agent_id TEXT NOT NULL REFERENCES agent (id),
    address_hash TEXT NOT NULL,
    last_login BIGINT NOT NULL,
    PRIMARY KEY (agent_id, address_hash)
);

-- The first factor was right, the second is awaited.
CREATE TABLE login_challenge (
    secret_hash TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agent (id),
    attempts BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

-- One-time links that make the first admin.
CREATE TABLE setup_link (
    secret_hash TEXT PRIMARY KEY,
    expires BIGINT NOT NULL
);

-- Who wrote a draft and who changed it last, as actors: nobody releases their own.
ALTER TABLE draft ADD COLUMN author_actor TEXT;
ALTER TABLE draft ADD COLUMN edited_by TEXT;
