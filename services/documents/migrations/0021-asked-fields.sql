-- What forms asked people for, and how often a member in reach held it (the re-ask meter). Of whom is not kept.
CREATE TABLE asked_field (
  day           date NOT NULL,
  purpose       text NOT NULL,
  procedure     text NOT NULL,
  evidence_type text NOT NULL,
  field         text NOT NULL,
  asked         bigint NOT NULL,
  needlessly    bigint NOT NULL,
  by_own_wish   bigint NOT NULL,
  PRIMARY KEY (day, purpose, procedure, evidence_type, field)
);
