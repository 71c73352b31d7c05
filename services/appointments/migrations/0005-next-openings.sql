-- What a few schedules have next, without going past what is full: with weeks that are full the first free day is as near as today.
CREATE INDEX opening_next ON opening (schedule_no, starts_at_ms) INCLUDE (ends_at_ms, grid_at_ms, opening_no)
  WHERE NOT is_full;
-- Few openings do not begin where their slots are counted from: closures and busy times cut them.
CREATE INDEX opening_cut ON opening (starts_at_ms, schedule_no) INCLUDE (ends_at_ms, grid_at_ms, opening_no)
  WHERE NOT is_full AND grid_at_ms <> starts_at_ms;

-- Searches ask by these functions: each is one statement with one plan, because a search waits longer for plans and round trips than
-- for what it looks up. Keys are a moment and a schedule; a slot comes after a key by its beginning, then by its schedule.

-- What is taken of a schedule's resources around an opening by now, as one text: of each resource, from, to, lane, seat, session and, of
-- a hold, until when. A row for each would cost a search more than all the rest.
CREATE FUNCTION taken_around(wanted_no int, from_ms bigint, to_ms bigint, now_ms bigint)
RETURNS TABLE (taken text) LANGUAGE sql STABLE AS $$
  SELECT string_agg(concat_ws(' ', resource.no, lower(during), upper(during), lane, seat, session_id, expires_at_ms), ',')
  FROM schedule CROSS JOIN LATERAL unnest(ARRAY[practitioner_no, room_no]) AS resource (no)
  -- For each resource apart, so that the constraint's own index is used.
  CROSS JOIN LATERAL (
    SELECT during, lane, seat, session_id, expires_at_ms FROM claim
    -- No gap after a meeting is longer than two hours.
    WHERE claim.resource_no = resource.no AND during && int8range(from_ms, to_ms + 7200000)
      AND (expires_at_ms IS NULL OR expires_at_ms > now_ms)
    OFFSET 0) AS claimed
  WHERE schedule_no = wanted_no
$$;

-- The first slot of a grid at a moment or after it.
CREATE FUNCTION slot_from(at_ms bigint, grid_ms bigint, step_ms bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT grid_ms + (at_ms - grid_ms + step_ms - 1) / step_ms * step_ms';

-- Of each of these schedules at most so many openings with a slot (next_ms, the first after the key from) after the key at; of all at
-- most so many, by that slot.
CREATE FUNCTION next_openings(schedules int[], from_ms bigint, from_no int, at_ms bigint, at_no int, until_ms bigint,
                              longest_ms bigint, length_ms bigint, step_ms bigint, most_each int, most int, now_ms bigint)
RETURNS TABLE (opening_no bigint, schedule_no int, starts_at_ms bigint, ends_at_ms bigint, grid_at_ms bigint, next_ms bigint,
               taken text) LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT found.*, around.taken FROM (
    SELECT opening.* FROM unnest(schedules) AS wanted (no) CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms,
          slot_from(greatest(from_ms + (schedule_no <= from_no)::int, starts_at_ms), grid_at_ms, step_ms) AS next_ms
        FROM opening
        WHERE schedule_no = wanted.no AND NOT is_full AND starts_at_ms > at_ms - longest_ms AND starts_at_ms < until_ms
          AND ends_at_ms > at_ms) AS opening
      WHERE next_ms + length_ms <= ends_at_ms AND next_ms >= at_ms + (schedule_no <= at_no)::int
      ORDER BY starts_at_ms LIMIT most_each) AS opening
    ORDER BY next_ms, schedule_no LIMIT most) AS found
  CROSS JOIN LATERAL taken_around(found.schedule_no, found.starts_at_ms, found.ends_at_ms, now_ms) AS around
  ORDER BY next_ms, schedule_no;
END
$$;

-- At most so many openings that began at the key from or before, by their first slots after it, as far as these come after the key
-- going (NULL: none); and so many that begin after the key coming (NULL: none), in the order of their beginning. Of schedules whose bit
-- is set, counted from a number; NULL: of all. Of those that come no more than 4096 are looked at, because the next of these schedules
-- may be weeks away; the last that was looked at is then answered without its number.
CREATE FUNCTION openings_in_time(first_no int, bits bytea, from_ms bigint, from_no int, going_ms bigint, going_no int,
                                 coming_ms bigint, coming_no int, until_ms bigint, longest_ms bigint, length_ms bigint,
                                 step_ms bigint, most int, now_ms bigint)
RETURNS TABLE (opening_no bigint, schedule_no int, starts_at_ms bigint, ends_at_ms bigint, grid_at_ms bigint, next_ms bigint,
               is_coming boolean, taken text) LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  found_now int;
  last_no   int := first_no + length(bits) * 8 - 1;
BEGIN
  IF going_ms IS NOT NULL THEN
    RETURN QUERY
    WITH RECURSIVE begun (at_ms) AS (
      SELECT from_ms - longest_ms
      UNION ALL
      SELECT (SELECT starts_at_ms FROM opening WHERE NOT is_full AND starts_at_ms > begun.at_ms AND starts_at_ms <= from_ms
              ORDER BY starts_at_ms LIMIT 1)
      FROM begun WHERE begun.at_ms IS NOT NULL)
    SELECT found.*, false, around.taken FROM (
      SELECT * FROM (
        -- Amid the day ten thousands go on, and they began at few moments: of those that began at the same one and were not cut the next
        -- slots are at the same moment, so that few of each are enough. Only those up to the key's schedule may have theirs one later.
        SELECT opening.* FROM begun
        CROSS JOIN (VALUES (from_no, 2147483647, 0), (0, from_no, 1)) AS part (after_no, to_no, later)
        CROSS JOIN LATERAL (
          SELECT opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms,
            slot_from(from_ms + part.later, grid_at_ms, step_ms) AS next_ms
          FROM opening
          WHERE NOT is_full AND starts_at_ms = begun.at_ms AND grid_at_ms = starts_at_ms
            AND schedule_no > part.after_no AND schedule_no <= part.to_no AND (starts_at_ms < from_ms OR part.later = 1)
            AND slot_from(from_ms + part.later, grid_at_ms, step_ms) + length_ms <= ends_at_ms
            AND slot_from(from_ms + part.later, grid_at_ms, step_ms) >= going_ms + (schedule_no <= going_no)::int
            AND CASE WHEN bits IS NULL THEN true WHEN schedule_no BETWEEN first_no AND last_no
                     THEN get_bit(bits, schedule_no - first_no) = 1 ELSE false END
          ORDER BY schedule_no LIMIT most) AS opening
        WHERE begun.at_ms > from_ms - longest_ms
        UNION ALL
        SELECT * FROM (
          SELECT opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms,
            slot_from(from_ms + (schedule_no <= from_no)::int, grid_at_ms, step_ms) AS next_ms
          FROM opening
          WHERE NOT is_full AND grid_at_ms <> starts_at_ms AND starts_at_ms > from_ms - longest_ms AND starts_at_ms <= from_ms
            AND (starts_at_ms, schedule_no) <= (from_ms, from_no) AND ends_at_ms > from_ms
            AND CASE WHEN bits IS NULL THEN true WHEN schedule_no BETWEEN first_no AND last_no
                     THEN get_bit(bits, schedule_no - first_no) = 1 ELSE false END) AS cut
        WHERE next_ms + length_ms <= ends_at_ms AND next_ms >= going_ms + (schedule_no <= going_no)::int) AS opening
      ORDER BY next_ms, schedule_no LIMIT most) AS found
    CROSS JOIN LATERAL taken_around(found.schedule_no, found.starts_at_ms, found.ends_at_ms, now_ms) AS around
    ORDER BY next_ms, schedule_no;
  END IF;
  IF coming_ms IS NOT NULL THEN
    RETURN QUERY
    SELECT found.*, starts_at_ms, true, around.taken FROM (
      SELECT * FROM (
        SELECT opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms FROM opening
        WHERE NOT is_full AND (starts_at_ms, schedule_no) > (coming_ms, coming_no) AND starts_at_ms < until_ms
        ORDER BY starts_at_ms, schedule_no LIMIT 4096) AS opening
      WHERE CASE WHEN bits IS NULL THEN true WHEN schedule_no BETWEEN first_no AND last_no
                 THEN get_bit(bits, schedule_no - first_no) = 1 ELSE false END
      ORDER BY starts_at_ms, schedule_no LIMIT most) AS found
    CROSS JOIN LATERAL taken_around(found.schedule_no, found.starts_at_ms, found.ends_at_ms, now_ms) AS around
    ORDER BY starts_at_ms, schedule_no;
    GET DIAGNOSTICS found_now = ROW_COUNT;
    IF found_now < most THEN
      RETURN QUERY
      SELECT NULL::bigint, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms, starts_at_ms, true, NULL::text FROM opening
      WHERE NOT is_full AND (starts_at_ms, schedule_no) > (coming_ms, coming_no) AND starts_at_ms < until_ms
      ORDER BY starts_at_ms, schedule_no OFFSET 4095 LIMIT 1;
    END IF;
  END IF;
END
$$;
