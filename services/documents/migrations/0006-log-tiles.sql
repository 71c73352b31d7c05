-- Leaves whose place in the tree is not given yet: written with their record, taken by the sequencer.
CREATE TABLE log_unplaced (
  sequence bigint PRIMARY KEY,
  -- H(salt || record), which tells nothing.
  entry    bytea NOT NULL
);

-- Where the leaf of each readable record stands; goes with its record.
CREATE TABLE log_place (
  sequence   bigint PRIMARY KEY,
  leaf_index bigint NOT NULL
);

-- The tree in tiles of C2SP tlog-tiles: up to 256 hashes, side by side, of the subtrees of one level in eight.
CREATE TABLE log_tile (
  level  int NOT NULL,
  index  bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, index)
);
-- Hashes do not compress.
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

INSERT INTO log_unplaced (sequence, entry) SELECT sequence, entry FROM log_leaf WHERE leaf_index IS NULL;
INSERT INTO log_place (sequence, leaf_index)
  SELECT sequence, leaf_index FROM log_leaf JOIN exchange_record USING (sequence) WHERE leaf_index IS NOT NULL;
INSERT INTO log_tile (level, index, hashes)
  SELECT level / 8, index / 256, string_agg(hash, '' ORDER BY index) FROM log_node WHERE level % 8 = 0 GROUP BY 1, 2;

-- A process of the version before fails loudly from here on, its commits refused, rather than grow a second tree.
DROP TABLE log_leaf, log_node;

-- Records are made in the order of this column, so a summary of block ranges finds those to be deleted.
DROP INDEX exchange_record_delete_after;
CREATE INDEX exchange_record_delete_after ON exchange_record USING brin (delete_after_ms) WITH (autosummarize = on);
