-- A person's session with this gateway. The cookie's value is nowhere: only its SHA-256. The access token is encrypted.
CREATE TABLE session (
  id_hash bytea PRIMARY KEY,
  access_token bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_expires_at ON session (expires_at);

-- A login under way at the identity provider: found by its state, usable once, and only by the browser that began it.
CREATE TABLE login_attempt (
  state_hash bytea PRIMARY KEY,
  browser_hash bytea NOT NULL,
  secrets bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX login_attempt_expires_at ON login_attempt (expires_at);
