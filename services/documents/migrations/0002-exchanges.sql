-- What happened, readable for its person for 36 months (CRPA R114-9-7), encrypted with the service's record key.
CREATE TABLE exchange_record (
  sequence     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_id    uuid NOT NULL UNIQUE,
  exchange_id  uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('request', 'receipt', 'release', 'refusal')),
  subject      text NOT NULL,
  counterparty text NOT NULL,
  at_ms        bigint NOT NULL,
  -- Salt and canonical record, encrypted.
  content      bytea NOT NULL,
  delete_after_ms bigint NOT NULL
);
CREATE INDEX exchange_record_subject ON exchange_record (subject, sequence DESC);
CREATE INDEX exchange_record_exchange ON exchange_record (exchange_id);
CREATE INDEX exchange_record_delete_after ON exchange_record (delete_after_ms);

-- One leaf of the Merkle tree for each record. The entry is H(salt || record), which outlives the record and tells nothing.
CREATE TABLE log_leaf (
  sequence   bigint PRIMARY KEY,
  record_id  uuid NOT NULL UNIQUE,
  entry      bytea NOT NULL,
  -- Place in the tree, given by the sequencer.
  leaf_index bigint UNIQUE
);
CREATE INDEX log_leaf_unsequenced ON log_leaf (sequence) WHERE leaf_index IS NULL;

-- Hashes of complete subtrees (RFC 6962 section 2.1).
CREATE TABLE log_node (
  level int NOT NULL,
  index bigint NOT NULL,
  hash  bytea NOT NULL,
  PRIMARY KEY (level, index)
);

-- Signed tree heads (C2SP tlog-checkpoint), newest last.
CREATE TABLE log_checkpoint (
  tree_size  bigint PRIMARY KEY,
  note       text NOT NULL,
  signed_at_ms bigint NOT NULL
);

-- How often a predicate was answered about a person, for each requester and day.
CREATE TABLE predicate_use (
  subject   text NOT NULL,
  requester text NOT NULL,
  predicate text NOT NULL,
  day       date NOT NULL,
  uses      int NOT NULL,
  PRIMARY KEY (subject, requester, predicate, day)
);
