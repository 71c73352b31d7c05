-- What people declare to this member of their own accord, and what became of it.
CREATE TABLE declaration (
  -- Given under a lock, so that positions are committed as they count and a reader who goes on misses none; given anew when
  -- the person has supplemented, so that the agency comes across it again.
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Drawn by the portal for this member alone.
  declaration_id  uuid NOT NULL UNIQUE,
  subject         text NOT NULL,
  kind            text NOT NULL,
  -- What was declared and every step since, encrypted with the subject's key.
  content         bytea NOT NULL,
  state           text NOT NULL CHECK (state IN ('open', 'needs-more', 'accepted', 'not-concerned')),
  received_at_ms  bigint NOT NULL,
  delete_after_ms bigint NOT NULL
);
CREATE INDEX declaration_subject ON declaration (subject, position DESC);
-- The agency lists by state, by kind, and by both, from any position.
CREATE INDEX declaration_state ON declaration (state, position);
CREATE INDEX declaration_kind ON declaration (kind, position);
CREATE INDEX declaration_kind_state ON declaration (kind, state, position);
CREATE INDEX declaration_delete_after ON declaration (delete_after_ms);

-- Receipts of declarations stand in the same log as the uses of a person's data.
ALTER TABLE exchange_record DROP CONSTRAINT exchange_record_kind_check;
ALTER TABLE exchange_record ADD CONSTRAINT exchange_record_kind_check
  CHECK (kind IN ('request', 'receipt', 'release', 'refusal', 'subscription', 'subscribing', 'declaration')) NOT VALID;

-- Follows a pseudonym that changes (migration 0014).
CREATE TRIGGER hold_subject BEFORE INSERT ON declaration FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
