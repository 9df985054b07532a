-- By digest, what each version of a plugin was taken in by: the key whose signature it runs by; null:
-- unsigned, as an admin allowed for this one file. JSON. Before this it was allowed for all that followed.
ALTER TABLE plugin ADD COLUMN admitted TEXT NOT NULL DEFAULT '{}';
UPDATE plugin SET admitted = '{"' || digest || '":null'
    || CASE WHEN previous IS NULL THEN '' ELSE ',"' || previous || '":null' END
    || CASE WHEN good IS NULL THEN '' ELSE ',"' || good || '":null' END
    || CASE WHEN candidate IS NULL THEN '' ELSE ',"' || candidate || '":null' END
    || '}'
WHERE allow_unsigned;
-- Hosts of the version before still read it.
ALTER TABLE plugin ALTER COLUMN allow_unsigned SET DEFAULT FALSE;

-- Whose a plugin is: the key that signed it first, or that an admin named since. It stays when the plugin
-- is taken out.
CREATE TABLE plugin_publisher (
    plugin_id TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    since BIGINT NOT NULL
);
