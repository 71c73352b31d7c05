-- What a member wants to ask a person. The person is known by the authority's own pseudonym only.
CREATE TABLE consent_request (
  request_id        text PRIMARY KEY,
  requester         text NOT NULL,
  client_request_id text NOT NULL,
  subject           text NOT NULL,
  purpose           text NOT NULL,
  providers         text[] NOT NULL,
  evidence_types    text[] NOT NULL,
  duration_days     int NOT NULL,
  return_url        text NOT NULL,
  text_version      text NOT NULL,
  -- What would be disclosed, as the authorisations said when the request came: the person agrees to what was shown.
  disclosures       json NOT NULL,
  state             text NOT NULL CHECK (state IN ('requested', 'given', 'refused')),
  requested_at_ms   bigint NOT NULL,
  expires_at_ms     bigint NOT NULL,
  UNIQUE (requester, client_request_id)
);
CREATE INDEX consent_request_subject ON consent_request (subject);
