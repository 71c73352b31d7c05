-- What a person was told before an exchange, and the statement that travels with the request.
CREATE TABLE notice (
  basis_id       text PRIMARY KEY,
  subject        text NOT NULL,
  provider       text NOT NULL,
  purpose        text NOT NULL,
  evidence_types text[] NOT NULL,
  text_version   text NOT NULL,
  language       text NOT NULL,
  channel        text NOT NULL,
  told_at_ms     bigint NOT NULL,
  statement      text NOT NULL
);
CREATE INDEX notice_subject ON notice (subject);
