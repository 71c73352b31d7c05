-- Takes all of these claims or none, undone as a whole, which also lets those go on who wait for a part. Of a resource that holds several
-- meetings at once one transaction takes claims at a time: which lane is free depends on what others are taking, so that an order of
-- claims alone does not keep two from waiting for each other's lanes.
CREATE OR REPLACE FUNCTION try_claims(holders uuid[], resources int[], lanes int[], starts bigint[], ends bigint[],
                                      sessions uuid[], seats int[], expiries bigint[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR nr IN 1 .. cardinality(holders) LOOP
    IF lanes[nr] > 1 THEN
      PERFORM pg_advisory_xact_lock(hashtext(current_schema() || ' lanes'), resources[nr]);
    END IF;
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
