-- What this agency's systems should hear of, in one order: ids only, never a value, a field or a pseudonym.
CREATE TABLE agency_event (
  -- Given under a lock, so that positions are committed as they count and a reader who goes on misses none.
  position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id       uuid NOT NULL UNIQUE,
  type           text NOT NULL,
  -- What to look up: a subscription, a correction, a contest, an exchange or a declaration, by the type.
  reference      uuid NOT NULL,
  occurred_at_ms bigint NOT NULL,
  keep_until_ms  bigint NOT NULL
);
CREATE INDEX agency_event_keep_until ON agency_event USING brin (keep_until_ms) WITH (autosummarize = on);

-- The position up to which events were deleted: an older one can no longer be gone on from.
CREATE TABLE agency_event_deleted (
  is_one   boolean PRIMARY KEY DEFAULT true CHECK (is_one),
  position bigint NOT NULL
);
INSERT INTO agency_event_deleted (position) VALUES (0);

-- Uses of a person's data that are no single exchange: `subscription` at the provider, `subscribing` at the requester.
ALTER TABLE exchange_record DROP CONSTRAINT exchange_record_kind_check;
ALTER TABLE exchange_record ADD CONSTRAINT exchange_record_kind_check
  CHECK (kind IN ('request', 'receipt', 'release', 'refusal', 'subscription', 'subscribing')) NOT VALID;
