-- What this member asked a person to consent to.
CREATE TABLE consent_request (
  request_id     text PRIMARY KEY,
  subject        text NOT NULL,
  purpose        text NOT NULL,
  providers      text[] NOT NULL,
  evidence_types text[] NOT NULL,
  duration_days  int NOT NULL,
  opened_at_ms   bigint NOT NULL,
  expires_at_ms  bigint NOT NULL
);
CREATE INDEX consent_request_subject ON consent_request (subject);

-- The latest artefact of each consent that this member is a party of, as the consent authority signed it.
CREATE TABLE consent_artefact (
  basis_id       text PRIMARY KEY,
  subject        text NOT NULL,
  -- Only where this member is the requester; no reference, because the answer may come before its request is committed here.
  request_id     text,
  requester      text NOT NULL,
  provider       text NOT NULL,
  purpose        text NOT NULL,
  evidence_types text[] NOT NULL,
  state          text NOT NULL CHECK (state IN ('given', 'refused', 'withdrawn')),
  valid_until_s  bigint NOT NULL,
  position       bigint NOT NULL,
  artefact       text NOT NULL
);
CREATE INDEX consent_artefact_subject ON consent_artefact (subject);
CREATE INDEX consent_artefact_request ON consent_artefact (request_id);
