-- What a member asked and a human must answer. Pivot identity and reason are readable with the register key only.
CREATE TABLE question (
  question_id    uuid PRIMARY KEY,
  member         text NOT NULL,
  -- HMAC of the normalised pivot: a member asks the same once.
  question_index bytea NOT NULL,
  pivot          bytea NOT NULL,
  asked_at_ms    bigint NOT NULL,
  decided_at_ms  bigint,
  client_id      text,
  decided_by     text,
  why            bytea,
  -- NULL once decided: nobody.
  same_person    uuid REFERENCES person,
  -- Whom the human saw when the answer was nobody; somebody new makes it a question again.
  seen           uuid[] NOT NULL DEFAULT '{}',
  UNIQUE (member, question_index)
);
CREATE INDEX question_open ON question (asked_at_ms, question_id) WHERE decided_at_ms IS NULL;
CREATE INDEX question_member ON question (member, asked_at_ms, question_id);
CREATE INDEX question_decided_at_ms ON question (decided_at_ms);
CREATE INDEX question_same_person ON question (same_person);

-- How many pivot identities each member has asked about on a day (UTC), and what it was answered: counts, never names.
CREATE TABLE asking_day (
  member    text NOT NULL,
  day       date NOT NULL,
  asked     int NOT NULL DEFAULT 0,
  same      int NOT NULL DEFAULT 0,
  different int NOT NULL DEFAULT 0,
  ask_human int NOT NULL DEFAULT 0,
  refused   int NOT NULL DEFAULT 0,
  PRIMARY KEY (member, day)
);

-- HMACs of what was asked on a day, so that a retry counts once; forgotten afterwards.
CREATE TABLE asked_pivot (
  member      text NOT NULL,
  day         date NOT NULL,
  pivot_index bytea NOT NULL,
  PRIMARY KEY (member, day, pivot_index)
);
CREATE INDEX asked_pivot_day ON asked_pivot (day);
