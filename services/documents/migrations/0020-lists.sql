-- What lists filter by, so that a page costs the same however long the list is.
CREATE INDEX received_correction_type ON received_correction (evidence_type, position);
CREATE INDEX received_correction_heard ON received_correction (heard_at_ms, position);
CREATE INDEX contest_contested ON contest (contested_at_ms, position);
CREATE INDEX subscription_asked ON subscription (subscription_id) WHERE ended_at_ms IS NULL AND until_ms IS NULL;
CREATE INDEX subscription_ended ON subscription (subscription_id) WHERE ended_at_ms IS NOT NULL;
