-- Evidence declared by the agency's own systems: append-only, a correction is a new version that supersedes.
CREATE TABLE evidence (
  subject       text NOT NULL,
  evidence_type text NOT NULL,
  version       bigint NOT NULL,
  as_of_ms      bigint NOT NULL,
  declared_at_ms bigint NOT NULL,
  -- The value and the related subjects, encrypted with the subject's key.
  content       bytea NOT NULL,
  PRIMARY KEY (subject, evidence_type, version)
);

-- What was received from other members, kept no longer than its retention.
CREATE TABLE received_evidence (
  exchange_id   uuid PRIMARY KEY,
  subject       text NOT NULL,
  content       bytea NOT NULL,
  keep_until_ms bigint NOT NULL
);
CREATE INDEX received_evidence_keep_until ON received_evidence (keep_until_ms);
