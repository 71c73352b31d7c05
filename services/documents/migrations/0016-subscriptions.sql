-- What this member asked other members to tell it of: that evidence about somebody changed, never what it is.
CREATE TABLE subscription (
  -- Drawn here, for this subscription alone; both ends' records of it carry it as their exchange id.
  subscription_id uuid PRIMARY KEY,
  subject         text NOT NULL,
  provider        text NOT NULL,
  evidence_type   text NOT NULL,
  purpose         text NOT NULL,
  procedure       text NOT NULL,
  basis_id        text NOT NULL,
  mode            text NOT NULL,
  asked_at_ms     bigint NOT NULL,
  -- NULL until the provider has answered.
  until_ms        bigint,
  changed_at_ms   bigint,
  ended_at_ms     bigint,
  delete_after_ms bigint NOT NULL
);
CREATE INDEX subscription_subject ON subscription (subject, subscription_id);
-- What no provider has answered for a week is over too.
CREATE INDEX subscription_until ON subscription ((COALESCE(until_ms, asked_at_ms + 604800000))) WHERE ended_at_ms IS NULL;
CREATE INDEX subscription_delete_after ON subscription (delete_after_ms) WHERE ended_at_ms IS NOT NULL;

-- Whom this member tells.
CREATE TABLE subscriber (
  requester       text NOT NULL,
  -- Chosen by the requester, and unique for that requester only.
  subscription_id uuid NOT NULL,
  subject         text NOT NULL,
  evidence_type   text NOT NULL,
  purpose         text NOT NULL,
  procedure       text NOT NULL,
  basis_id        text NOT NULL,
  mode            text NOT NULL,
  opened_at_ms    bigint NOT NULL,
  until_ms        bigint NOT NULL,
  -- When what is still to be told happened first, and when it is told; NULL when there is nothing to tell.
  changed_at_ms   bigint,
  due_at_ms       bigint,
  ended_at_ms     bigint,
  delete_after_ms bigint NOT NULL,
  PRIMARY KEY (requester, subscription_id),
  CHECK ((changed_at_ms IS NULL) = (due_at_ms IS NULL))
);
CREATE INDEX subscriber_subject ON subscriber (subject, evidence_type) WHERE ended_at_ms IS NULL;
CREATE INDEX subscriber_basis ON subscriber (basis_id) WHERE ended_at_ms IS NULL;
CREATE INDEX subscriber_due ON subscriber (due_at_ms) WHERE due_at_ms IS NOT NULL AND ended_at_ms IS NULL;
CREATE INDEX subscriber_until ON subscriber (until_ms) WHERE ended_at_ms IS NULL;
CREATE INDEX subscriber_delete_after ON subscriber (delete_after_ms) WHERE ended_at_ms IS NOT NULL;

-- Follows a pseudonym that changes (migration 0014).
CREATE TRIGGER hold_subject BEFORE INSERT ON subscription FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
CREATE TRIGGER hold_subject BEFORE INSERT ON subscriber FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
