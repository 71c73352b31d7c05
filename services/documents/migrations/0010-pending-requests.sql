-- Requests that a provider will be able to answer later: asked again for the agency, under the same gates as the first time.
CREATE TABLE pending_request (
  -- As the agency was told it.
  exchange_id      uuid PRIMARY KEY,
  -- The newest exchange that came of it.
  last_exchange_id uuid NOT NULL,
  subject          text NOT NULL,
  -- What is asked and for whom, encrypted with the subject's key; NULL once there is an answer.
  content          bytea,
  due_at_ms        bigint,
  give_up_at_ms    bigint NOT NULL,
  delete_after_ms  bigint NOT NULL,
  CHECK ((content IS NULL) = (due_at_ms IS NULL))
);
CREATE INDEX pending_request_due ON pending_request (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX pending_request_delete_after ON pending_request (delete_after_ms);
