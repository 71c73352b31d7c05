-- A person's answer. Whether it has expired is computed, never stored.
CREATE TABLE consent (
  consent_id    uuid PRIMARY KEY,
  request_id    text NOT NULL UNIQUE REFERENCES consent_request,
  subject       text NOT NULL,
  requester     text NOT NULL,
  purpose       text NOT NULL,
  disclosures   json NOT NULL,
  state         text NOT NULL CHECK (state IN ('given', 'refused', 'withdrawn')),
  acr           text NOT NULL,
  auth_time_s   bigint NOT NULL,
  valid_from_s  bigint NOT NULL,
  valid_until_s bigint NOT NULL,
  -- ISO/IEC TS 27560 record as it stood at the answer; its events are added when it is read.
  record        json NOT NULL
);
CREATE INDEX consent_subject ON consent (subject);

-- One copy for each party and basis; the sealed subject is kept, so that a withdrawal needs nobody else.
CREATE TABLE consent_copy (
  basis_id       text NOT NULL,
  party          text NOT NULL,
  consent_id     uuid NOT NULL REFERENCES consent,
  provider       text NOT NULL,
  evidence_types text[] NOT NULL,
  sealed_subject text NOT NULL,
  PRIMARY KEY (basis_id, party)
);
CREATE INDEX consent_copy_consent ON consent_copy (consent_id);

-- History. A consent enters each state at most once.
CREATE TABLE consent_event (
  consent_id uuid NOT NULL REFERENCES consent,
  state      text NOT NULL CHECK (state IN ('requested', 'given', 'refused', 'withdrawn')),
  at_ms      bigint NOT NULL,
  actor      text NOT NULL,
  PRIMARY KEY (consent_id, state)
);
