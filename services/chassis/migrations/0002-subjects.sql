-- Pseudonyms by which this service was once told of somebody whom it keeps under another one now: after a merge, or in another
-- epoch. Flat: what an alias leads to is an alias of nothing else. A row of its own says that a pseudonym was looked into and
-- stays as it is.
CREATE TABLE subject_alias (
  alias   text PRIMARY KEY,
  subject text NOT NULL
);
CREATE INDEX subject_alias_subject ON subject_alias (subject);

-- In which epoch this service keeps people, and to which it is moving them; the same when it moves nobody. Pseudonyms of the
-- epoch that is kept need no looking into: rows are found under them as they stand.
CREATE TABLE subject_epoch (
  is_only      boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  kept         int NOT NULL,
  target       int NOT NULL,
  -- Where the move goes on: the table, and the last pseudonym of it that was looked at.
  at_table     text NOT NULL DEFAULT '',
  at_subject   text NOT NULL DEFAULT '',
  moved_people bigint NOT NULL DEFAULT 0,
  began_at     timestamptz NOT NULL DEFAULT now()
);
INSERT INTO subject_epoch (kept, target) VALUES (1, 1);

-- Pseudonyms of the epoch before that were written during a move, perhaps behind the place that it had reached. Not unique: who
-- writes never waits for who else writes.
CREATE TABLE subject_stray (
  subject text NOT NULL
);
CREATE INDEX subject_stray_subject ON subject_stray (subject);

-- Under which pseudonym somebody is kept who is named by this one; of the statement's own snapshot, so that names and rows fit.
-- Written `(SELECT standing_subject($1))`, it is computed once for a statement, whatever its plan.
CREATE FUNCTION standing_subject(given text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  kept_epoch int;
  standing   text;
BEGIN
  SELECT epoch.kept, known.subject INTO kept_epoch, standing
    FROM subject_epoch AS epoch LEFT JOIN subject_alias AS known ON known.alias = given;
  IF standing IS NOT NULL THEN
    RETURN standing;
  END IF;
  IF split_part(given, '.', 2) = kept_epoch::text OR given NOT LIKE 'p1.%'
     OR EXISTS (SELECT FROM subject_alias WHERE subject = given) THEN
    RETURN given;
  END IF;
  RAISE EXCEPTION 'a pseudonym of another epoch must be looked into first' USING ERRCODE = 'UF001';
END
$$;

-- The same for what is written: until the transaction ends, nobody moves the rows of this person.
CREATE FUNCTION hold_subject(given text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  space        int := hashtext(current_schema() || ' subject');
  standing     text := given;
  kept_epoch   int;
  target_epoch int;
  next         text;
  -- Assigned rather than PERFORMed: an expression needs no statement of its own.
  locked       text;
BEGIN
  locked := pg_advisory_xact_lock_shared(space, hashtext(''))::text;
  LOOP
    locked := pg_advisory_xact_lock_shared(space, hashtext(standing))::text;
    -- A statement of its own, whose snapshot comes after the locks.
    SELECT epoch.kept, epoch.target, known.subject INTO kept_epoch, target_epoch, next
      FROM subject_epoch AS epoch LEFT JOIN subject_alias AS known ON known.alias = standing;
    EXIT WHEN next IS NULL;
    IF next = standing THEN
      RETURN standing;
    END IF;
    standing := next;
  END LOOP;
  IF split_part(standing, '.', 2) = kept_epoch::text OR given NOT LIKE 'p1.%' THEN
    IF target_epoch <> kept_epoch AND NOT EXISTS (SELECT FROM subject_stray WHERE subject = standing) THEN
      INSERT INTO subject_stray VALUES (standing);
    END IF;
    RETURN standing;
  END IF;
  IF EXISTS (SELECT FROM subject_alias WHERE subject = standing) THEN
    RETURN standing;
  END IF;
  RAISE EXCEPTION 'a pseudonym of another epoch must be looked into first' USING ERRCODE = 'UF001';
END
$$;

-- For `BEFORE INSERT FOR EACH ROW` on each table that keeps people, so that no statement can forget to.
CREATE FUNCTION hold_new_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.subject := hold_subject(NEW.subject);
  RETURN NEW;
END
$$;

-- The same where the row was made for exactly this pseudonym: it must be made anew for the one that stands now.
CREATE FUNCTION hold_same_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF hold_subject(NEW.subject) <> NEW.subject THEN
    RAISE EXCEPTION 'the row was made for a pseudonym that has changed' USING ERRCODE = 'UF002';
  END IF;
  RETURN NEW;
END
$$;
