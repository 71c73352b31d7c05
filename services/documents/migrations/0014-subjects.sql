-- People whose pseudonyms change are followed (chassis 0002): each row is written for the pseudonym that stands.
CREATE INDEX consent_subject ON consent (subject);
CREATE INDEX pending_request_subject ON pending_request (subject);
CREATE INDEX correction_report_subject ON correction_report (subject);
CREATE INDEX received_correction_subject ON received_correction (subject);

-- Two files about one person may have versions of one number: those of the file that goes on are of branch 0.
ALTER TABLE evidence
  ADD COLUMN branch int NOT NULL DEFAULT 0,
  -- The files said different things of the person: nothing is released until the agency has declared what is true.
  ADD COLUMN is_ambiguous boolean NOT NULL DEFAULT false;
ALTER TABLE evidence DROP CONSTRAINT evidence_pkey, ADD PRIMARY KEY (subject, evidence_type, version, branch);

CREATE TRIGGER hold_subject BEFORE INSERT ON exchange_record FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON consent FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON predicate_use FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON preview_answer FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON opposition FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON proactive_collection FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON correction_report FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON received_correction FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON statement_on_honour FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON contest FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
-- The pseudonym is in the context of what is encrypted here, or the key was taken before the transaction.
CREATE TRIGGER hold_subject BEFORE INSERT ON evidence FOR EACH ROW EXECUTE FUNCTION hold_same_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON pending_request FOR EACH ROW EXECUTE FUNCTION hold_same_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON received_evidence FOR EACH ROW EXECUTE FUNCTION hold_same_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON documents_keys.subject_key FOR EACH ROW EXECUTE FUNCTION hold_same_subject();
