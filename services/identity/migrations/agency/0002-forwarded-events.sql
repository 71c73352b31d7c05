-- Which events went on to the agency's own services; what was kept before goes on after it.
ALTER TABLE identity_event ADD COLUMN is_forwarded boolean NOT NULL DEFAULT false;
CREATE INDEX identity_event_waiting ON identity_event (position) WHERE NOT is_forwarded;
