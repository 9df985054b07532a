-- The last version of a plugin, before the one in force, that stood its first hour; and on record with
-- an answer that it gave in the stead of the version in force, which that was and why it gave none.
ALTER TABLE plugin ADD COLUMN good TEXT;
ALTER TABLE evaluation ADD COLUMN in_stead_of TEXT;
