-- The rule of one benefit for one validity. A release never changes; another may come in its place.
CREATE TABLE rule_release (
  sha256          text   PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  benefit         text   NOT NULL,
  valid_from      date   NOT NULL,
  valid_to        date   CHECK (valid_to >= valid_from),
  source          text   NOT NULL,
  published_at_ms bigint NOT NULL,
  -- The client that published it.
  published_by    text   NOT NULL,
  replaced_by     text   REFERENCES rule_release
);
CREATE UNIQUE INDEX rule_release_standing ON rule_release (benefit, valid_from) WHERE replaced_by IS NULL;

-- Every procedure as it was published; the latest of an id is in force.
CREATE TABLE published_procedure (
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id              text   NOT NULL,
  sha256          text   NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  source          text   NOT NULL,
  published_at_ms bigint NOT NULL,
  published_by    text   NOT NULL
);
CREATE INDEX published_procedure_latest ON published_procedure (id, position DESC);
