-- The calendar as the agency's software published it; nothing in it is about a person who comes. Each content is a message of
-- unefois.appointments.v1 as it was checked.
CREATE TABLE calendar_revision (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- Grows with each publication: who keeps the calendar in memory reads it again then.
  revision bigint NOT NULL
);
INSERT INTO calendar_revision (revision) VALUES (0);

CREATE TABLE place (
  place_id text PRIMARY KEY,
  content  bytea NOT NULL
);

CREATE TABLE service_type (
  service_type_id text PRIMARY KEY,
  content         bytea NOT NULL
);

-- Practitioners and rooms; the number is what claims and openings name.
CREATE TABLE resource (
  resource_no int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id text NOT NULL UNIQUE,
  place_id    text NOT NULL REFERENCES place,
  content     bytea NOT NULL
);

CREATE TABLE schedule (
  schedule_no     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule_id     text NOT NULL UNIQUE,
  place_id        text NOT NULL REFERENCES place,
  practitioner_no int REFERENCES resource,
  room_no         int REFERENCES resource,
  content         bytea NOT NULL,
  -- The last local day whose openings are there, the day (UTC) on which that was computed, and by which edition of the time zone
  -- database. NULL: it is retired, and has none.
  opened_until    date,
  opened_on       date,
  zone_edition    text NOT NULL DEFAULT '',
  CHECK (practitioner_no IS NOT NULL OR room_no IS NOT NULL)
);
CREATE INDEX schedule_opened_on ON schedule (opened_on);
CREATE INDEX schedule_practitioner ON schedule (practitioner_no);
CREATE INDEX schedule_room ON schedule (room_no);

CREATE TABLE closure (
  closure_id   text PRIMARY KEY,
  place_id     text REFERENCES place,
  resource_no  int REFERENCES resource,
  starts_at_ms bigint NOT NULL,
  ends_at_ms   bigint NOT NULL CHECK (ends_at_ms > starts_at_ms),
  content      bytea NOT NULL,
  is_retired   boolean NOT NULL,
  CHECK ((place_id IS NULL) <> (resource_no IS NULL)),
  -- Two closures of the same place or resource that meet are one that somebody forgot.
  CONSTRAINT closure_place_once EXCLUDE USING gist (place_id WITH =, int8range(starts_at_ms, ends_at_ms) WITH &&)
    WHERE (place_id IS NOT NULL AND NOT is_retired),
  CONSTRAINT closure_resource_once EXCLUDE USING gist (resource_no WITH =, int8range(starts_at_ms, ends_at_ms) WITH &&)
    WHERE (resource_no IS NOT NULL AND NOT is_retired)
);

-- When a practitioner is busy by another calendar of theirs; of its entries nothing else is kept.
CREATE TABLE busy_time (
  resource_no  int NOT NULL REFERENCES resource,
  source       text NOT NULL,
  starts_at_ms bigint NOT NULL,
  ends_at_ms   bigint NOT NULL CHECK (ends_at_ms > starts_at_ms)
);
CREATE INDEX busy_time_resource ON busy_time (resource_no, starts_at_ms);

-- When schedules take meetings, as moments: rule and exceptions, and what closures and busy times leave of them. Computed from the
-- tables above and replaced with them; slots are computed from it and from what is claimed.
CREATE TABLE opening (
  opening_no   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule_no  int NOT NULL REFERENCES schedule,
  starts_at_ms bigint NOT NULL,
  ends_at_ms   bigint NOT NULL CHECK (ends_at_ms > starts_at_ms),
  -- Where the opening of the rule began, from which its slots are counted; a closure in its middle does not shift them.
  grid_at_ms   bigint NOT NULL,
  -- Nothing of it is free for any service type of its schedule. Where something is freed it is false in the same transaction; a chore
  -- says later that it is true, so that it is never true of an opening with a free slot.
  is_full      boolean NOT NULL DEFAULT false
);
CREATE INDEX opening_schedule ON opening (schedule_no, starts_at_ms);
-- What is found by time is ordered like the slots of a search: by the beginning, then by the schedule. All that a search needs of it
-- is in the index, because openings of the same time lie far apart in the table.
CREATE INDEX opening_free ON opening (starts_at_ms, schedule_no) INCLUDE (ends_at_ms, grid_at_ms, opening_no)
  WHERE NOT is_full;

-- Addresses at which a practitioner's appointments can be subscribed to; the secret is kept as its SHA-256.
CREATE TABLE calendar_feed (
  feed_id       uuid PRIMARY KEY,
  resource_no   int NOT NULL REFERENCES resource,
  secret_sha256 bytea NOT NULL UNIQUE,
  created_at_ms bigint NOT NULL
);
