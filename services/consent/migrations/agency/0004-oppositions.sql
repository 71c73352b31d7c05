-- Who opposes proactive uses, as this member's documents told it; kept 12 to 24 months, used for nothing else (CRPA R114-9-7).
CREATE TABLE opposition (
  subject       text NOT NULL,
  purpose       text NOT NULL,
  kept_until_ms bigint NOT NULL,
  PRIMARY KEY (subject, purpose)
);
CREATE INDEX opposition_kept_until ON opposition (kept_until_ms);

-- Each time this member contacted a person about a right that it found; the first offers opposition.
CREATE TABLE contact (
  sequence          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject           text NOT NULL,
  purpose           text NOT NULL,
  campaign          text NOT NULL,
  text_version      text NOT NULL,
  language          text NOT NULL,
  channel           text NOT NULL,
  offers_opposition boolean NOT NULL,
  at_ms             bigint NOT NULL
);
CREATE INDEX contact_use ON contact (subject, purpose);
