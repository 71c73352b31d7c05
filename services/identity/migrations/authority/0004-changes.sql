-- Merges, splits, deaths and corrections: who recorded them, when, why.
CREATE TABLE person_change (
  change_id  uuid PRIMARY KEY,
  person_id  uuid NOT NULL REFERENCES person,
  kind       text NOT NULL,
  client_id  text NOT NULL,
  decided_by text NOT NULL,
  -- Encrypted as the reasons of questions.
  why        bytea NOT NULL,
  at_ms      bigint NOT NULL
);
CREATE INDEX person_change_person ON person_change (person_id, at_ms);

-- Epochs of pseudonyms that members were told of.
CREATE TABLE announced_epoch (
  epoch        int PRIMARY KEY,
  announced_at timestamptz NOT NULL
);
