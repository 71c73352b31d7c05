-- What the identity authority told this agency about people whom it knows, by the agency's own pseudonyms. One order is
-- applied at a time, so positions are committed as they count.
CREATE TABLE identity_event (
  position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type           text NOT NULL,
  data           bytea NOT NULL,
  occurred_at_ms bigint NOT NULL
);
CREATE INDEX identity_event_occurred_at_ms ON identity_event (occurred_at_ms);
