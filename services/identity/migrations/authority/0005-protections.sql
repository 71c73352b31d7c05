-- People whose places a decision hides. Ground, reference and who recorded or ended it are readable with the register key only.
CREATE TABLE protection (
  protection_id  uuid PRIMARY KEY,
  -- Which member recorded it: it and the authority's own staff may end it.
  member         text NOT NULL,
  recorded_at_ms bigint NOT NULL,
  until_ms       bigint NOT NULL,
  content        bytea NOT NULL,
  -- Before its day; by whom and why.
  ended_at_ms    bigint,
  ending         bytea
);
CREATE INDEX protection_until_ms ON protection (until_ms);

CREATE TABLE protected_person (
  protection_id uuid NOT NULL REFERENCES protection ON DELETE CASCADE,
  person_id     uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY (protection_id, person_id)
);
CREATE INDEX protected_person_person ON protected_person (person_id);
