-- Who is who. The pivot identity is readable with the register key only; equality is asked of keyed hashes.
CREATE TABLE person (
  person_id       uuid PRIMARY KEY,
  -- AES-256-GCM: nonce, ciphertext, tag; bound to the person id.
  pivot           bytea NOT NULL,
  -- HMAC of the whole normalised pivot: one person for each.
  pivot_index     bytea NOT NULL UNIQUE,
  -- HMAC of birth name and birthdate: those who could be the same person.
  candidate_index bytea NOT NULL,
  registered_at   timestamptz NOT NULL
);
CREATE INDEX person_candidate_index ON person (candidate_index);

-- Accounts at identity providers that are known to be a person's: HMAC of issuer and sub.
CREATE TABLE federated_login (
  issuer      text NOT NULL,
  login_index bytea NOT NULL,
  person_id   uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  linked_at   timestamptz NOT NULL,
  PRIMARY KEY (issuer, login_index)
);
CREATE INDEX federated_login_person ON federated_login (person_id);

-- Which members know a person; told to nobody but the portal, for the person.
CREATE TABLE acquaintance (
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  member    text NOT NULL,
  since     timestamptz NOT NULL,
  PRIMARY KEY (person_id, member)
);

-- Logins that were opened for a member; the handle itself is kept by that member alone.
CREATE TABLE login_handle (
  handle_sha256     bytea PRIMARY KEY,
  member            text NOT NULL,
  person_id         uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  acr               text NOT NULL,
  auth_time_seconds bigint NOT NULL,
  expires_at        timestamptz NOT NULL
);
CREATE INDEX login_handle_expires_at ON login_handle (expires_at);
CREATE INDEX login_handle_person ON login_handle (person_id);
