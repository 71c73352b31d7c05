-- Effects and their answers, so that a retry has the effect of one.
CREATE TABLE idempotency (
  caller       text NOT NULL,
  method       text NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  response     bytea,
  expires_at   timestamptz NOT NULL,
  PRIMARY KEY (caller, method, key)
);
CREATE INDEX idempotency_expires_at ON idempotency (expires_at);

-- Single-use messages and tokens already accepted: (issuer, jti) once, across replicas and restarts.
CREATE TABLE accepted_once (
  issuer     text NOT NULL,
  jti        text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, jti)
);
CREATE INDEX accepted_once_expires_at ON accepted_once (expires_at);

-- Events that happened here and that a receiver has not confirmed yet.
CREATE TABLE outbox (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id       uuid NOT NULL UNIQUE,
  receiver       text NOT NULL,
  topic          text NOT NULL,
  position       bigint NOT NULL,
  type           text NOT NULL,
  data           bytea NOT NULL,
  occurred_at_ms bigint NOT NULL,
  attempts       int NOT NULL DEFAULT 0,
  due_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (receiver, topic, position)
);

-- The last position given out in each order that is kept.
CREATE TABLE outbox_position (
  receiver text NOT NULL,
  topic    text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (receiver, topic)
);

-- The last position applied from each sender and topic.
CREATE TABLE inbox_position (
  sender   text NOT NULL,
  topic    text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (sender, topic)
);
