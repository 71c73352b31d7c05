-- What exchanges in explicit-request and proactive mode rest on: the statement of this member that travels with the request.
CREATE TABLE basis_statement (
  basis_id       text PRIMARY KEY,
  mode           text NOT NULL CHECK (mode IN ('explicit-request', 'proactive')),
  subject        text NOT NULL,
  provider       text NOT NULL,
  purpose        text NOT NULL,
  evidence_types text[] NOT NULL,
  made_at_ms     bigint NOT NULL,
  statement      text NOT NULL
);
CREATE INDEX basis_statement_subject ON basis_statement (subject);
