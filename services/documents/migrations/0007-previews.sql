-- What people answered at the portal to a preview: released in explicit-request mode is only what they confirmed.
CREATE TABLE preview_answer (
  subject          text NOT NULL,
  requester        text NOT NULL,
  purpose          text NOT NULL,
  evidence_type    text NOT NULL,
  -- Of the request that the preview was for.
  basis_id         text NOT NULL,
  answer           text NOT NULL CHECK (answer IN ('confirmed', 'declined')),
  -- What was shown: a release of another version, or under another authorisation, needs a preview of its own.
  evidence_version bigint NOT NULL,
  authorisation    text NOT NULL,
  valid_until_ms   bigint NOT NULL,
  PRIMARY KEY (subject, requester, purpose, evidence_type, basis_id)
);
CREATE INDEX preview_answer_valid_until ON preview_answer (valid_until_ms);
