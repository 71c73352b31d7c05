-- Where the agency's feed of events is delivered to, and how far it has been.
CREATE TABLE webhook (
  webhook_id        uuid PRIMARY KEY,
  client_id         text NOT NULL,
  url               text NOT NULL,
  -- Event types; none: all.
  types             text[] NOT NULL,
  -- The signing secret, encrypted; the one before it goes on signing until its time is over.
  secret            bytea NOT NULL,
  old_secret        bytea,
  old_secret_until_ms bigint,
  -- Of the request that made the secret, so that the same request again is answered the same.
  secret_key_hash   bytea NOT NULL,
  created_at_ms     bigint NOT NULL,
  -- The last event that was delivered, as the feed names it; empty: none.
  position          text NOT NULL,
  attempts          int NOT NULL DEFAULT 0,
  due_at_ms         bigint NOT NULL DEFAULT 0,
  failing_since_ms  bigint,
  last_failure      text,
  disabled_at_ms    bigint,
  disabled_because  text CHECK (disabled_because IN ('failing', 'gone', 'position-too-old', 'address-not-allowed')),
  CHECK ((disabled_at_ms IS NULL) = (disabled_because IS NULL))
);
CREATE INDEX webhook_client ON webhook (client_id, webhook_id);
