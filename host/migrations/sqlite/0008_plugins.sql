-- Plugins and inboxes that an admin manages while hosts run. Every change raises the revision, which
-- hosts look at to find out that there is something to do.

CREATE TABLE plugin_revision (
    id BIGINT PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO plugin_revision (id, revision) VALUES (1, 0);

-- The files, for every host of this database. What once decided stays, so that it can be re-executed.
CREATE TABLE plugin_file (
    digest TEXT PRIMARY KEY,
    plugin_id TEXT NOT NULL,
    version TEXT NOT NULL,
    bytes BLOB NOT NULL,
    signatures TEXT NOT NULL,
    source TEXT NOT NULL,
    added BIGINT NOT NULL
);

-- Settings that classifiers and policies worked with, as JSON, for the same reason.
CREATE TABLE plugin_settings (
    digest TEXT NOT NULL,
    plugin_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (plugin_id, digest)
);

-- A digest is that of a file, or the word `bundled`.
CREATE TABLE plugin (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    granted TEXT,
    previous TEXT,
    previous_granted TEXT,
    candidate TEXT,
    candidate_mode TEXT,
    enabled INTEGER NOT NULL,
    allow_unsigned INTEGER NOT NULL,
    settings TEXT NOT NULL,
    upgraded BIGINT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE plugin_trust (
    id BIGINT PRIMARY KEY,
    store TEXT NOT NULL
);

-- What each host makes of each plugin, and its figures since that host's start.
CREATE TABLE plugin_status (
    host TEXT NOT NULL,
    plugin_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (host, plugin_id)
);

CREATE TABLE plugin_log (
    id TEXT PRIMARY KEY,
    plugin_id TEXT NOT NULL,
    host TEXT NOT NULL,
    at BIGINT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX plugin_log_recent ON plugin_log (plugin_id, id);

-- A candidate that runs beside the version in force: what both said, counted, and where they differ.
CREATE TABLE plugin_shadow (
    plugin_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    host TEXT NOT NULL,
    at BIGINT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (plugin_id, digest, host)
);

-- Inboxes that are made over the API or the command line, not in rapport.toml.
CREATE TABLE inbox_setup (
    inbox_id TEXT PRIMARY KEY REFERENCES inbox (id),
    setup TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

-- Sealed under the host's secret key.
CREATE TABLE inbox_secret (
    inbox_id TEXT NOT NULL REFERENCES inbox (id),
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (inbox_id, name)
);
