-- Holds and appointments. What the person said is in the content alone, encrypted with a key of its own for each.
CREATE TABLE appointment (
  appointment_id  uuid PRIMARY KEY,
  -- The agency's pseudonym; empty for somebody without an account.
  subject         text NOT NULL,
  service_type_id text NOT NULL,
  schedule_no     int NOT NULL,
  place_id        text NOT NULL,
  practitioner_no int,
  starts_at_ms    bigint NOT NULL,
  ends_at_ms      bigint NOT NULL CHECK (ends_at_ms > starts_at_ms),
  -- 'held', 'booked', 'arrived', 'fulfilled', 'cancelled' or 'no-show'; 'lapsed': a hold that is over, kept for a day so that who
  -- held it hears so.
  state           text NOT NULL,
  -- SEQUENCE of RFC 5545.
  revision        int NOT NULL,
  -- Of one person one is live for each motive, where it is theirs by their own hand.
  motive          text NOT NULL,
  is_by_person    boolean NOT NULL,
  -- Of a hold.
  held_until_ms   bigint,
  series_id       uuid,
  visit_id        uuid,
  -- SHA-256 of the secret of somebody without an account; the appointments of one series share it.
  secret_sha256   bytea,
  -- When the next reminder is due; NULL: none any more.
  remind_at_ms    bigint,
  delete_after_ms bigint NOT NULL,
  content         bytea NOT NULL
);
CREATE INDEX appointment_subject ON appointment (subject, starts_at_ms, appointment_id) WHERE subject <> '';
CREATE INDEX appointment_place ON appointment (place_id, starts_at_ms, appointment_id);
CREATE INDEX appointment_practitioner ON appointment (practitioner_no, starts_at_ms, appointment_id);
CREATE INDEX appointment_starts ON appointment (starts_at_ms, appointment_id);
CREATE INDEX appointment_schedule ON appointment (schedule_no, starts_at_ms) WHERE state IN ('held', 'booked', 'arrived');
CREATE INDEX appointment_series ON appointment (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX appointment_visit ON appointment (visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX appointment_secret ON appointment (secret_sha256) WHERE secret_sha256 IS NOT NULL;
CREATE INDEX appointment_remind ON appointment (remind_at_ms) WHERE remind_at_ms IS NOT NULL;
CREATE INDEX appointment_delete_after ON appointment (delete_after_ms);

-- Follows a pseudonym that changes (chassis 0002).
CREATE TRIGGER hold_subject BEFORE INSERT ON appointment FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- What holds, appointments, called tickets and pledges take of a resource. This constraint, and nothing before it, says that no two
-- meetings have the same practitioner, counter or room at once; only the seats of one group share a session.
CREATE TABLE claim (
  -- Of the appointment or the ticket.
  holder_id     uuid NOT NULL,
  resource_no   int NOT NULL,
  -- Which of the meetings that the resource holds at once, from 0.
  lane          smallint NOT NULL,
  -- Moments in milliseconds; of a practitioner the gap after the meeting is in it.
  during        int8range NOT NULL CHECK (NOT isempty(during)),
  -- One for each meeting; the seats of a group share it.
  session_id    uuid NOT NULL,
  seat          smallint NOT NULL,
  -- Of a hold that ends by itself; NULL: it stands.
  expires_at_ms bigint,
  CONSTRAINT claim_seat_once PRIMARY KEY (session_id, resource_no, seat),
  CONSTRAINT claim_never_twice EXCLUDE USING gist
    (resource_no WITH =, lane WITH =, during WITH &&, session_id WITH <>)
);
CREATE INDEX claim_holder ON claim (holder_id);
CREATE INDEX claim_expires ON claim (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Ends those of these holds that are over by now; answers which. Whoever books a hold and whoever ends it take its row's lock first;
-- what somebody else has locked is left to them, so that nobody who holds anything waits for it.
CREATE FUNCTION end_holds(ids uuid[], now_ms bigint) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
  ended uuid[];
BEGIN
  ended := ARRAY(SELECT appointment_id FROM appointment
                 WHERE appointment_id = ANY(ids) AND state = 'held' AND held_until_ms <= now_ms
                 FOR UPDATE SKIP LOCKED);
  IF cardinality(ended) > 0 THEN
    UPDATE appointment SET state = 'lapsed' WHERE appointment_id = ANY(ended);
    DELETE FROM claim WHERE holder_id = ANY(ended);
  END IF;
  RETURN ended;
END
$$;

-- Takes one claim: a lane that nobody else's session has, and a seat of the own session. Lanes and seats that are seen to be taken are
-- passed over, so that nobody waits for who is just giving one back.
CREATE FUNCTION take_claim(holder uuid, resource int, lanes int, span int8range, session uuid, seats int, expires bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  lane_nos int[] := ARRAY[0];
  lane_no  int;
BEGIN
  IF lanes > 1 THEN
    -- First where others of the session are.
    lane_nos := ARRAY(SELECT DISTINCT lane::int FROM claim WHERE session_id = session AND resource_no = resource)
             || ARRAY(SELECT generate_series(0, lanes - 1));
  END IF;
  FOREACH lane_no IN ARRAY lane_nos LOOP
    FOR seat_no IN 0 .. seats - 1 LOOP
      -- Also after another session came first meanwhile: then no seat of this lane is to be had.
      EXIT WHEN EXISTS (SELECT FROM claim AS other WHERE other.resource_no = resource AND other.lane = lane_no
                        AND other.during && span AND other.session_id <> session);
      CONTINUE WHEN EXISTS (SELECT FROM claim AS own WHERE own.session_id = session AND own.resource_no = resource
                            AND own.seat = seat_no);
      INSERT INTO claim (holder_id, resource_no, lane, during, session_id, seat, expires_at_ms)
      VALUES (holder, resource, lane_no, span, session, seat_no, expires) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        RETURN true;
      END IF;
    END LOOP;
  END LOOP;
  RETURN false;
END
$$;

-- Takes all of these claims or none, undone as a whole, which also lets those go on who wait for a part.
CREATE FUNCTION try_claims(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[], sessions uuid[],
                           seats int[], expiries bigint[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR nr IN 1 .. cardinality(holders) LOOP
    IF NOT take_claim(holders[nr], resources[nr], lanes[nr], int8range(starts[nr], ends[nr]), sessions[nr], seats[nr],
                      expiries[nr]) THEN
      RAISE EXCEPTION 'taken' USING ERRCODE = 'UF003';
    END IF;
  END LOOP;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'UF003' THEN
  RETURN false;
END
$$;

-- The same, where holds that are over make room for it. The claims come in the order of resources and times.
CREATE FUNCTION take_claims(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[], sessions uuid[],
                            seats int[], expiries bigint[], now_ms bigint) RETURNS boolean LANGUAGE plpgsql
-- Each statement is a look into one index: to plan it takes longer than to run it.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  over uuid[];
BEGIN
  IF try_claims(holders, resources, lanes, starts, ends, sessions, seats, expiries) THEN
    RETURN true;
  END IF;
  over := ARRAY(SELECT DISTINCT holder_id
                FROM unnest(resources, starts, ends) AS wanted (resource_no, starts_at_ms, ends_at_ms)
                JOIN claim ON claim.resource_no = wanted.resource_no
                          AND claim.during && int8range(wanted.starts_at_ms, wanted.ends_at_ms)
                WHERE claim.expires_at_ms <= now_ms);
  RETURN cardinality(over) > 0 AND cardinality(end_holds(over, now_ms)) > 0
     AND try_claims(holders, resources, lanes, starts, ends, sessions, seats, expiries);
END
$$;

-- The numbers under which the national hub knows who comes, in clear: by them it asks.
CREATE TABLE pre_application (
  pre_application text NOT NULL,
  appointment_id  uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
  PRIMARY KEY (pre_application, appointment_id)
);
CREATE INDEX pre_application_appointment ON pre_application (appointment_id);

-- What the national hub is still to be told, in order for each pre-application.
CREATE TABLE hub_notice (
  notice_no       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pre_application text NOT NULL,
  -- 'POST' or 'DELETE'.
  method          text NOT NULL,
  place_id        text NOT NULL,
  place_title     text NOT NULL,
  -- Wall clock of the place, as the hub writes it.
  local_start     text NOT NULL,
  management_url  text NOT NULL,
  attempts        int NOT NULL DEFAULT 0,
  due_at_ms       bigint NOT NULL
);
CREATE INDEX hub_notice_due ON hub_notice (due_at_ms, notice_no);
CREATE INDEX hub_notice_order ON hub_notice (pre_application, notice_no);

-- Links by which somebody books one appointment without an account; the secret is kept as its SHA-256.
CREATE TABLE booking_link (
  link_id         uuid PRIMARY KEY,
  secret_sha256   bytea NOT NULL UNIQUE,
  service_type_id text NOT NULL,
  place_ids       text[] NOT NULL,
  subject         text NOT NULL,
  is_accompanied  boolean NOT NULL,
  created_at_ms   bigint NOT NULL,
  expires_at_ms   bigint NOT NULL,
  -- The appointment that was booked by it; a cancelled one does not give it back.
  used_by         uuid
);
CREATE INDEX booking_link_expires ON booking_link (expires_at_ms);
CREATE TRIGGER hold_subject BEFORE INSERT ON booking_link FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- Keys of appointments live in a schema of their own, which backups of data leave out: deleting a key is deleting what it opens.
CREATE TABLE appointments_keys.file_key (
  file_id uuid PRIMARY KEY,
  -- AES-256 key, wrapped by the service's key-encryption key.
  wrapped bytea NOT NULL
);

-- People of whom few may know where they will be, as the identity authority told: one row for each pseudonym of theirs.
CREATE TABLE protected_subject (
  subject  text PRIMARY KEY,
  until_ms bigint NOT NULL
);
CREATE INDEX protected_subject_until_ms ON protected_subject (until_ms);

-- Every pseudonym by which this service may have been told of somebody, whichever it is asked by. Not standing_subject(): who
-- is protected is told under all pseudonyms at once, also of an epoch that nobody here was moved to yet.
CREATE FUNCTION names_of(given text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT given
  UNION SELECT subject FROM subject_alias WHERE alias = given
  UNION SELECT alias FROM subject_alias
        WHERE subject IN (SELECT given UNION SELECT subject FROM subject_alias WHERE alias = given)
$$;
