-- Holds many people at once, as `hold_subject` does one. False where one of them may stand under another pseudonym, or is being
-- moved: then each is to be held by itself. The plan is kept, because planning would cost more than the rest.
CREATE FUNCTION hold_subjects_as_named(given text[]) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  space     int := hashtext(current_schema() || ' subject');
  one       text;
  -- Assigned rather than PERFORMed: an expression needs no statement of its own.
  locked    text;
  are_so    boolean;
BEGIN
  locked := pg_advisory_xact_lock_shared(space, hashtext(''))::text;
  FOREACH one IN ARRAY given LOOP
    locked := pg_advisory_xact_lock_shared(space, hashtext(one))::text;
  END LOOP;
  -- A statement of its own, whose snapshot comes after the locks.
  SELECT epoch.target = epoch.kept
     AND NOT EXISTS (SELECT FROM subject_alias AS known WHERE known.alias = ANY (given) AND known.subject <> known.alias)
     AND NOT EXISTS (SELECT FROM unnest(given) AS each WHERE each LIKE 'p1.%' AND split_part(each, '.', 2) <> epoch.kept::text)
    INTO are_so FROM subject_epoch AS epoch;
  RETURN are_so;
END
$$;

-- For `AFTER INSERT … REFERENCING NEW TABLE AS added FOR EACH STATEMENT` on a busy table that keeps people, and in whose keys
-- they are not: once for all rows of a statement. What was written under an alias, because nobody had looked yet, follows it.
CREATE FUNCTION hold_added_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  given    text[] := ARRAY(SELECT DISTINCT subject FROM added);
  one      text;
  standing text;
BEGIN
  IF hold_subjects_as_named(given) THEN
    RETURN NULL;
  END IF;
  FOREACH one IN ARRAY given LOOP
    standing := hold_subject(one);
    IF standing <> one THEN
      EXECUTE format('UPDATE %I.%I SET subject = $1 WHERE subject = $2', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING standing, one;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;

-- The same where the rows were made for exactly these pseudonyms.
CREATE FUNCTION hold_added_same_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  given text[] := ARRAY(SELECT DISTINCT subject FROM added);
  one   text;
BEGIN
  IF hold_subjects_as_named(given) THEN
    RETURN NULL;
  END IF;
  FOREACH one IN ARRAY given LOOP
    IF hold_subject(one) <> one THEN
      RAISE EXCEPTION 'the row was made for a pseudonym that has changed' USING ERRCODE = 'UF002';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
