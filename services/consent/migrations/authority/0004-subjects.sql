-- People whose pseudonyms change are followed (chassis 0002): each row is written for the pseudonym that stands.
CREATE TRIGGER hold_subject BEFORE INSERT ON consent_request FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON consent FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
