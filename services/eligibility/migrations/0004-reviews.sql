-- On what evidence each decision rests: a correction (by exchange) or a change (by person, member and type) finds exactly the
-- decisions concerned.
CREATE TABLE reliance (
  decision_id   uuid NOT NULL REFERENCES decision ON DELETE CASCADE,
  exchange_id   uuid NOT NULL,
  provider      text NOT NULL,
  evidence_type text NOT NULL,
  version       bigint NOT NULL,
  PRIMARY KEY (decision_id, exchange_id)
);
CREATE INDEX reliance_exchange ON reliance (exchange_id);

-- Decisions whose evidence was corrected or changed since. What was found, said and answered is in the content alone, encrypted
-- with the key of the decision file: a review goes with it.
CREATE TABLE review (
  position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  review_id      uuid NOT NULL UNIQUE,
  decision_id    uuid NOT NULL REFERENCES decision ON DELETE CASCADE,
  application_id uuid NOT NULL,
  subject        text NOT NULL,
  procedure      text NOT NULL,
  state          text NOT NULL,
  -- Where it stands in a list: 0 where the person would gain, 1 while nobody knows, 2 otherwise.
  rank           int NOT NULL,
  opened_at_ms   bigint NOT NULL,
  ended_at_ms    bigint,
  content        bytea NOT NULL
);
-- What comes to a decision while its review stands joins it.
CREATE UNIQUE INDEX review_standing ON review (decision_id) WHERE ended_at_ms IS NULL;
CREATE INDEX review_decision ON review (decision_id);
CREATE INDEX review_order ON review (rank, position) WHERE ended_at_ms IS NULL;
CREATE INDEX review_state ON review (state, rank, position);
CREATE INDEX review_subject ON review (subject);

-- Follows a pseudonym that changes (chassis 0002).
CREATE TRIGGER hold_subject BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
