-- People whose places are withheld, as the identity authority told: one row for each pseudonym of theirs and each decision, of
-- which the mark says nothing but that it is the same. A decision that ended keeps its row for as long as a preview may have
-- been shown under it.
CREATE TABLE protected_subject (
  subject  text NOT NULL,
  mark     text NOT NULL,
  until_ms bigint NOT NULL,
  PRIMARY KEY (subject, mark)
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

-- Releases that told the places of a file, by each other person whom that file named: whoever of them becomes protected later,
-- its requester is told to withhold what it still keeps.
CREATE TABLE place_told (
  subject       text NOT NULL,
  requester     text NOT NULL,
  exchange_id   uuid NOT NULL,
  -- Whose file it is; whoever is protected together with them is not hidden from them. Found by names_of(), never moved.
  about         text NOT NULL,
  keep_until_ms bigint NOT NULL,
  PRIMARY KEY (subject, requester, exchange_id)
);
CREATE INDEX place_told_about ON place_told (about);
CREATE INDEX place_told_exchange ON place_told (requester, exchange_id);
CREATE INDEX place_told_keep_until_ms ON place_told (keep_until_ms);

-- What this member received and withholds, because its provider said that the file names somebody who is protected.
CREATE TABLE withheld_exchange (
  exchange_id uuid PRIMARY KEY,
  until_ms    bigint NOT NULL
);
CREATE INDEX withheld_exchange_until_ms ON withheld_exchange (until_ms);
