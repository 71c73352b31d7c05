-- Visits to several agencies that were booked here. The row's state is the one decision: from 'pledging' it goes once, to 'booked' or
-- to 'released', and nobody is told anything that is not in it.
CREATE TABLE visit (
  visit_id      uuid PRIMARY KEY,
  subject       text NOT NULL,
  -- 'pledging', 'booked', 'released' or 'cancelled'.
  state         text NOT NULL,
  -- From then on a visit that is still pledging is released.
  decide_by_ms  bigint NOT NULL,
  delete_after_ms bigint NOT NULL,
  content       bytea NOT NULL
);
CREATE INDEX visit_undecided ON visit (decide_by_ms) WHERE state = 'pledging';
CREATE INDEX visit_subject ON visit (subject);
CREATE INDEX visit_delete_after ON visit (delete_after_ms);
CREATE TRIGGER hold_subject BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- Slots that are kept here for visits of other members. A row stays when the visit has ended, and keeps a pledge out that comes late.
CREATE TABLE pledge (
  member         text NOT NULL,
  visit_id       uuid NOT NULL,
  leg            int NOT NULL,
  -- NULL where the visit ended before a pledge came.
  appointment_id uuid,
  -- 'pledged', 'booked', 'released' or 'cancelled'.
  state          text NOT NULL,
  -- When the member is asked what became of the visit, and how often it was.
  ask_at_ms      bigint,
  asked          int NOT NULL DEFAULT 0,
  delete_after_ms bigint NOT NULL,
  PRIMARY KEY (member, visit_id, leg)
);
CREATE INDEX pledge_ask ON pledge (ask_at_ms) WHERE state = 'pledged';
CREATE INDEX pledge_appointment ON pledge (appointment_id) WHERE appointment_id IS NOT NULL;
CREATE INDEX pledge_delete_after ON pledge (delete_after_ms);
