-- Takes all of these claims or none, where holds that are over make room. Answers which holds did; NULL: somebody has one of them.
-- The claims come in the order of resources and times.
CREATE FUNCTION claim_all(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[], sessions uuid[],
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
  over := end_holds(over, now_ms);
  IF cardinality(over) > 0 AND try_claims(holders, resources, lanes, starts, ends, sessions, seats, expiries) THEN
    RETURN over;
  END IF;
  RETURN NULL;
END
$$;

-- For processes of the version before, while they are replaced.
CREATE OR REPLACE FUNCTION take_claims(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[],
                                       sessions uuid[], seats int[], expiries bigint[], now_ms bigint)
RETURNS boolean LANGUAGE sql AS $$
  SELECT claim_all(holders, resources, lanes, starts, ends, sessions, seats, expiries, now_ms) IS NOT NULL
$$;

-- Who took a ticket for somebody, encrypted with a key of its own; NULL: they drew the number themselves.
ALTER TABLE ticket ADD COLUMN content bytea;
