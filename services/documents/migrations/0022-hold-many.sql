-- The two tables that every exchange writes to hold the people of a whole batch at once.
DROP TRIGGER hold_subject ON exchange_record;
CREATE TRIGGER hold_subject AFTER INSERT ON exchange_record REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION hold_added_subjects();
DROP TRIGGER hold_subject ON received_evidence;
CREATE TRIGGER hold_subject AFTER INSERT ON received_evidence REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION hold_added_same_subjects();
