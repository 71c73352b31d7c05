-- People for whom no slot is early enough, in the order in which they came.
CREATE TABLE waiting (
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  waiting_id      uuid NOT NULL UNIQUE,
  subject         text NOT NULL,
  service_type_id text NOT NULL,
  -- Empty: any.
  place_ids       text[] NOT NULL,
  channel         int NOT NULL,
  -- The first and the last moment at which a slot may begin.
  from_ms         bigint NOT NULL,
  until_ms        bigint NOT NULL,
  is_accompanied  boolean NOT NULL,
  -- By their own token: one waits for each service type, and what is booked for them counts as theirs.
  is_by_person    boolean NOT NULL,
  -- When slots began that were offered to them and not taken.
  passed_ms       bigint[] NOT NULL DEFAULT '{}',
  -- 'waiting', 'offered', 'booked', 'left' or 'ended'.
  state           text NOT NULL,
  -- Of the slot that is offered or booked.
  appointment_id  uuid,
  offered_until_ms bigint,
  delete_after_ms bigint NOT NULL,
  content         bytea NOT NULL
);
CREATE INDEX waiting_for ON waiting (service_type_id, position) WHERE state = 'waiting';
CREATE INDEX waiting_subject ON waiting (subject, position);
CREATE INDEX waiting_offered ON waiting (offered_until_ms) WHERE state = 'offered';
CREATE INDEX waiting_until ON waiting (until_ms) WHERE state = 'waiting';
CREATE INDEX waiting_delete_after ON waiting (delete_after_ms);
CREATE TRIGGER hold_subject BEFORE INSERT ON waiting FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- People who came without an appointment.
CREATE TABLE ticket (
  ticket_id       uuid PRIMARY KEY,
  place_id        text NOT NULL,
  -- Local day of the place.
  day             date NOT NULL,
  number          int NOT NULL,
  service_type_id text NOT NULL,
  is_urgent       boolean NOT NULL,
  subject         text NOT NULL,
  -- 'waiting', 'called', 'seen' or 'left'.
  state           text NOT NULL,
  taken_at_ms     bigint NOT NULL,
  called_at_ms    bigint,
  until_ms        bigint,
  practitioner_no int,
  UNIQUE (place_id, day, number)
);
CREATE TRIGGER hold_subject BEFORE INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- People who want to be called.
CREATE TABLE callback (
  callback_id     uuid PRIMARY KEY,
  subject         text NOT NULL,
  service_type_id text NOT NULL,
  place_id        text NOT NULL,
  practitioner_no int NOT NULL,
  -- By their own token: these are counted.
  is_by_person    boolean NOT NULL,
  -- 'open', 'reached' or 'not-reached'.
  state           text NOT NULL,
  due_at_ms       bigint NOT NULL,
  tries           int NOT NULL DEFAULT 0,
  delete_after_ms bigint NOT NULL,
  content         bytea NOT NULL
);
CREATE INDEX callback_due ON callback (due_at_ms, callback_id) WHERE state = 'open';
CREATE INDEX callback_subject ON callback (subject, due_at_ms);
CREATE INDEX callback_practitioner ON callback (practitioner_no) WHERE state = 'open';
CREATE INDEX callback_delete_after ON callback (delete_after_ms);
CREATE TRIGGER hold_subject BEFORE INSERT ON callback FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
