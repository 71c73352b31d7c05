-- People change and are found by more than one name. A row with keys_version 0 was entered by the version before, which
-- looks at candidate_index alone; it is given its keys by a chore.
ALTER TABLE person
  ADD COLUMN keys_version smallint NOT NULL DEFAULT 0,
  -- YYYY-MM-DD, as civil status has it.
  ADD COLUMN deceased_on text,
  -- This entry and that one are one person; that one stays.
  ADD COLUMN merged_into uuid REFERENCES person,
  -- This entry stood for two people, who have entries of their own.
  ADD COLUMN split_at timestamptz;
CREATE INDEX person_without_keys ON person (person_id) WHERE keys_version = 0;
CREATE INDEX person_merged_into ON person (merged_into) WHERE merged_into IS NOT NULL;

-- HMACs of name and birthdate: those who could be the same person, by birth name, name in use and former identity.
CREATE TABLE candidate_key (
  candidate_index bytea NOT NULL,
  person_id       uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY (candidate_index, person_id)
);
CREATE INDEX candidate_key_person ON candidate_key (person_id);

-- Pivot identities that were registered before a correction, encrypted as the person's own.
CREATE TABLE former_pivot (
  person_id   uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  pivot       bytea NOT NULL,
  replaced_at timestamptz NOT NULL
);
CREATE INDEX former_pivot_person ON former_pivot (person_id);
