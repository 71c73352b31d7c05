-- Takes the claims of several bookings in one transaction, of each all or none. They come booking by booking, of each in the order of
-- resources and times. Answers the numbers of those that have theirs; what somebody has, or would have to be waited for longer than the
-- transaction waits for locks, is left out.
CREATE FUNCTION claim_each(nrs int[], holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[], sessions uuid[],
                           seats int[], expiries bigint[]) RETURNS int[] LANGUAGE plpgsql
-- Each statement is a look into one index: to plan it takes longer than to run it.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  taken int[] := '{}';
  first int := 1;
  last  int;
BEGIN
  WHILE first <= cardinality(nrs) LOOP
    last := first;
    WHILE nrs[last + 1] = nrs[first] LOOP
      last := last + 1;
    END LOOP;
    BEGIN
      FOR at IN first .. last LOOP
        IF lanes[at] > 1 THEN
          PERFORM pg_advisory_xact_lock(hashtext(current_schema() || ' lanes'), resources[at]);
        END IF;
        IF NOT take_claim(holders[at], resources[at], lanes[at], int8range(starts[at], ends[at]), sessions[at], seats[at],
                          expiries[at]) THEN
          RAISE EXCEPTION 'taken' USING ERRCODE = 'UF003';
        END IF;
      END LOOP;
      taken := taken || nrs[first];
    EXCEPTION WHEN SQLSTATE 'UF003' OR lock_not_available THEN
      NULL;
    END;
    first := last + 1;
  END LOOP;
  RETURN taken;
END
$$;
