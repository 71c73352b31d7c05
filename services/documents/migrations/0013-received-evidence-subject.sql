-- A person asks what is held about them, whichever exchange brought it.
CREATE INDEX received_evidence_subject ON received_evidence (subject, exchange_id);
