-- What the agency said was wrong of what it holds.
CREATE TABLE correction_report (
  report_id         uuid PRIMARY KEY,
  subject           text NOT NULL,
  evidence_type     text NOT NULL,
  first_version     bigint NOT NULL,
  last_version      bigint NOT NULL,
  -- 0: withdrawn.
  corrected_version bigint NOT NULL,
  reported_at_ms    bigint NOT NULL,
  -- Until then releases that were under way are looked for; NULL once that is over.
  watched_until_ms  bigint,
  delete_after_ms   bigint NOT NULL
);
CREATE INDEX correction_report_watched ON correction_report (watched_until_ms) WHERE watched_until_ms IS NOT NULL;
CREATE INDEX correction_report_delete_after ON correction_report (delete_after_ms);

-- Whom it was told, for each exchange in which a wrong version was released.
CREATE TABLE told_correction (
  correction_id  uuid PRIMARY KEY,
  report_id      uuid NOT NULL REFERENCES correction_report ON DELETE CASCADE,
  -- Chosen by the requester, and unique for that requester only.
  exchange_id    uuid NOT NULL,
  requester      text NOT NULL,
  wrong_version  bigint NOT NULL,
  outcome        text CHECK (outcome IN ('acted', 'not-concerned')),
  answered_at_ms bigint,
  UNIQUE (report_id, requester, exchange_id)
);
CREATE INDEX told_correction_page ON told_correction (report_id, correction_id);

-- What providers said was wrong of what this member had received from them.
CREATE TABLE received_correction (
  -- Given under a lock, so that positions are committed as they count and a reader who goes on misses none.
  position          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- As this member's systems name it.
  correction_id     uuid NOT NULL UNIQUE,
  -- As its provider names it.
  told_id           uuid NOT NULL,
  exchange_id       uuid NOT NULL,
  provider          text NOT NULL,
  subject           text NOT NULL,
  evidence_type     text NOT NULL,
  purpose           text NOT NULL,
  procedure         text NOT NULL,
  wrong_version     bigint NOT NULL,
  corrected_version bigint NOT NULL,
  corrected_at_ms   bigint NOT NULL,
  heard_at_ms       bigint NOT NULL,
  outcome           text CHECK (outcome IN ('acted', 'not-concerned')),
  answered_at_ms    bigint,
  delete_after_ms   bigint NOT NULL,
  UNIQUE (exchange_id, told_id)
);
CREATE INDEX received_correction_open ON received_correction (position) WHERE outcome IS NULL;
CREATE INDEX received_correction_answered ON received_correction (position) WHERE outcome IS NOT NULL;
CREATE INDEX received_correction_delete_after ON received_correction (delete_after_ms);
