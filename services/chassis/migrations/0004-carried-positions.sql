-- An event has its position from when it is first carried, NULL before: whoever adds events waits for nobody who adds others. What
-- processes of the version before add has one already, and is carried first.
ALTER TABLE outbox ALTER COLUMN position DROP NOT NULL;
ALTER TABLE outbox DROP CONSTRAINT outbox_receiver_topic_position_key;
-- Nobody looks for it, and a random UUID needs no proof.
ALTER TABLE outbox DROP CONSTRAINT outbox_event_id_key, ALTER COLUMN event_id SET DEFAULT gen_random_uuid();
-- Of each order what has a position, and then the rest as it was added.
CREATE INDEX outbox_order ON outbox (receiver, topic, position, id);
