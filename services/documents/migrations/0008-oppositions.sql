-- Who opposes the proactive use of their data for a purpose; kept 12 to 24 months and used for nothing else (CRPA R114-9-7).
CREATE TABLE opposition (
  subject       text NOT NULL,
  purpose       text NOT NULL,
  opposed_at_ms bigint NOT NULL,
  kept_until_ms bigint NOT NULL,
  PRIMARY KEY (subject, purpose)
);
CREATE INDEX opposition_kept_until ON opposition (kept_until_ms);

-- The exchanges by which this member collects in proactive mode, so that an opposition finds what they brought.
CREATE TABLE proactive_collection (
  exchange_id   uuid PRIMARY KEY,
  subject       text NOT NULL,
  purpose       text NOT NULL,
  begun_at_ms   bigint NOT NULL
);
CREATE INDEX proactive_collection_use ON proactive_collection (subject, purpose);
CREATE INDEX proactive_collection_begun ON proactive_collection (begun_at_ms);
