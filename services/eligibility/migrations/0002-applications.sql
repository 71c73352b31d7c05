-- What people ask the agency for. What they said is in the content alone, encrypted with a key of its own for each application.
CREATE TABLE application (
  -- Given under a lock, so that positions are committed as they count and a reader who goes on misses none; given anew with each
  -- change, so that whoever reads on comes across it again.
  position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application_id  uuid NOT NULL UNIQUE,
  subject         text NOT NULL,
  procedure       text NOT NULL,
  state           text NOT NULL,
  -- 'person', 'helper' or 'agent'.
  came_by         text NOT NULL,
  deposited_at_ms bigint NOT NULL,
  kept_at_ms      bigint NOT NULL,
  -- Europe/Paris: silence speaks then, or later by what became known since; NULL where it says nothing any more.
  due_day         date,
  content         bytea NOT NULL,
  -- NULL while nobody decided.
  delete_after_ms bigint
);
CREATE INDEX application_subject ON application (subject, position);
CREATE INDEX application_state ON application (state, position);
CREATE INDEX application_procedure ON application (procedure, position);
CREATE INDEX application_due_day ON application (due_day, position) WHERE due_day IS NOT NULL;
CREATE INDEX application_kept ON application (subject, kept_at_ms);
CREATE INDEX application_delete_after ON application (delete_after_ms) WHERE delete_after_ms IS NOT NULL;

-- Follows a pseudonym that changes (chassis 0002).
CREATE TRIGGER hold_subject BEFORE INSERT ON application FOR EACH ROW EXECUTE FUNCTION hold_new_subject();

-- Keys of applications and decision files live in a schema of their own, which backups of data leave out: deleting a key is
-- deleting what it opens.
CREATE TABLE eligibility_keys.file_key (
  file_id uuid PRIMARY KEY,
  -- AES-256 key, wrapped by the service's key-encryption key.
  wrapped bytea NOT NULL
);
