-- What people contest of the evidence that this member provides, and what became of it.
CREATE TABLE contest (
  -- Given under a lock, so that positions are committed as they count and a reader who goes on misses none.
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Drawn by the portal.
  contest_id      uuid NOT NULL UNIQUE,
  subject         text NOT NULL,
  -- What is contested and why, encrypted with the subject's key.
  content         bytea NOT NULL,
  -- Why it was upheld, encrypted the same way.
  answer          bytea,
  state           text NOT NULL CHECK (state IN ('open', 'corrected', 'upheld')),
  report_id       uuid,
  contested_at_ms bigint NOT NULL,
  answered_at_ms  bigint,
  delete_after_ms bigint NOT NULL
);
CREATE INDEX contest_subject ON contest (subject, position DESC);
CREATE INDEX contest_state ON contest (state, position);
CREATE INDEX contest_delete_after ON contest (delete_after_ms);
