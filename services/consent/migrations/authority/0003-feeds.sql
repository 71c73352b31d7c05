-- One row for each party: how far its feed has come, and until when a lease given on less than that may last. A new position
-- and a lease take the lock of this row, which puts all of them in one order.
CREATE TABLE feed (
  party             text PRIMARY KEY,
  position          bigint NOT NULL,
  -- The last position that concerns this party as a provider.
  provider_position bigint NOT NULL,
  lease_ends_at_ms  bigint
);

-- A withdrawal as one provider must apply it, with the end of the leases that were given before it.
CREATE TABLE withdrawal (
  consent_id       uuid NOT NULL REFERENCES consent,
  provider         text NOT NULL,
  position         bigint NOT NULL,
  lease_ends_at_ms bigint,
  confirmed_at_ms  bigint,
  PRIMARY KEY (consent_id, provider)
);
CREATE INDEX withdrawal_unconfirmed ON withdrawal (provider, position) WHERE confirmed_at_ms IS NULL;
