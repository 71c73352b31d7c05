-- What people stated on their honour to this member; apart from evidence, so that no release can contain it.
CREATE TABLE statement_on_honour (
  statement_id  uuid PRIMARY KEY,
  subject       text NOT NULL,
  purpose       text NOT NULL,
  -- The statement, encrypted with the subject's key.
  content       bytea NOT NULL,
  stated_at_ms  bigint NOT NULL,
  keep_until_ms bigint NOT NULL
);
CREATE INDEX statement_on_honour_subject ON statement_on_honour (subject);
CREATE INDEX statement_on_honour_keep_until ON statement_on_honour (keep_until_ms);
