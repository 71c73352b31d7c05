-- Whose key an agent's key is: one belongs to one agent of this agency, whatever the delegations.
CREATE TABLE agent_key (
  -- RFC 7638 thumbprint of the public key.
  thumbprint text PRIMARY KEY,
  agent_id   text NOT NULL
);

-- Who may sign what, under which text. A row stays when it ends, because decisions name it.
CREATE TABLE delegation (
  position         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delegation_id    uuid NOT NULL UNIQUE,
  thumbprint       text NOT NULL REFERENCES agent_key,
  agent_id         text NOT NULL,
  first_name       text NOT NULL,
  last_name        text NOT NULL,
  capacity         text NOT NULL,
  is_unnamed       boolean NOT NULL,
  -- The public JWK (RFC 8037).
  jwk              text NOT NULL,
  procedures       text[] NOT NULL,
  outcomes         int[] NOT NULL,
  -- Days in Europe/Paris, both included.
  from_day         date NOT NULL,
  to_day           date NOT NULL CHECK (to_day >= from_day),
  legal_reference  text NOT NULL,
  registered_at_ms bigint NOT NULL,
  registered_by    text NOT NULL,
  ended_at_ms      bigint,
  -- The day in Europe/Paris of that moment.
  ended_day        date
);

-- Decisions as they were issued, and what they rested on.
CREATE TABLE decision (
  decision_id    uuid PRIMARY KEY,
  application_id uuid NOT NULL,
  subject        text NOT NULL,
  procedure      text NOT NULL,
  outcome        int NOT NULL,
  issued_at_ms   bigint NOT NULL,
  -- The last day in Europe/Paris.
  kept_until     date NOT NULL,
  -- Why it is kept longer; empty where it is not.
  legal_hold     text NOT NULL DEFAULT '',
  -- The decision file, encrypted with a key of its own; hold and the person's pseudonym are read from the row.
  content        bytea NOT NULL
);
CREATE INDEX decision_subject ON decision (subject, issued_at_ms DESC);
CREATE INDEX decision_application ON decision (application_id, issued_at_ms DESC);
CREATE INDEX decision_kept_until ON decision (kept_until) WHERE legal_hold = '';

-- Follows a pseudonym that changes (chassis 0002).
CREATE TRIGGER hold_subject BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
