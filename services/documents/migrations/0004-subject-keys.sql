-- Keys of subjects live in a schema of their own, which backups of data leave out: forgetting a key is erasing its payloads.
CREATE TABLE documents_keys.subject_key (
  subject text PRIMARY KEY,
  -- AES-256 key, wrapped by the service's key-encryption key.
  wrapped bytea NOT NULL
);
