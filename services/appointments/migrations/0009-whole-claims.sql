-- The same as before, but after a no the holds that were over are as they were, like everything else: a transaction that goes on after a
-- no would otherwise keep them ended without telling whoever waits for what they had.
CREATE OR REPLACE FUNCTION claim_all(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[], sessions uuid[],
                                     seats int[], expiries bigint[], now_ms bigint) RETURNS uuid[] LANGUAGE plpgsql
-- Each statement is a look into one index: to plan it takes longer than to run it.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  over uuid[];
BEGIN
  IF try_claims(holders, resources, lanes, starts, ends, sessions, seats, expiries) THEN
    RETURN '{}';
  END IF;
  over := ARRAY(SELECT DISTINCT holder_id
                FROM unnest(resources, starts, ends) AS wanted (resource_no, starts_at_ms, ends_at_ms)
                JOIN claim ON claim.resource_no = wanted.resource_no
                          AND claim.during && int8range(wanted.starts_at_ms, wanted.ends_at_ms)
                WHERE claim.expires_at_ms <= now_ms);
  IF cardinality(over) = 0 THEN
    RETURN NULL;
  END IF;
  BEGIN
    over := end_holds(over, now_ms);
    IF cardinality(over) > 0 AND try_claims(holders, resources, lanes, starts, ends, sessions, seats, expiries) THEN
      RETURN over;
    END IF;
    RAISE EXCEPTION 'taken' USING ERRCODE = 'UF003';
  EXCEPTION WHEN SQLSTATE 'UF003' THEN
    RETURN NULL;
  END;
END
$$;
