-- The state of each consent that this provider releases on, as the consent authority told it.
CREATE TABLE consent (
  basis_id        text PRIMARY KEY,
  subject         text NOT NULL,
  requester       text NOT NULL,
  purpose         text NOT NULL,
  evidence_types  text[] NOT NULL,
  valid_from_s    bigint NOT NULL,
  valid_until_s   bigint NOT NULL,
  revoked_at_s    bigint
);

-- How far the consent authority's feed has been applied.
CREATE TABLE consent_feed (
  authority text PRIMARY KEY,
  position  bigint NOT NULL
);
