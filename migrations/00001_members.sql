-- +goose Up
CREATE TABLE members (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role          text NOT NULL CHECK (role IN ('artist', 'collector', 'staff')),
    username      text NOT NULL CHECK (username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$'),
    email         text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash text NOT NULL,
    first_name    text NOT NULL CHECK (char_length(first_name) BETWEEN 1 AND 50),
    last_name     text NOT NULL CHECK (char_length(last_name) BETWEEN 1 AND 50),
    address       text NOT NULL CHECK (char_length(address) BETWEEN 1 AND 255),
    town          text NOT NULL CHECK (char_length(town) BETWEEN 1 AND 100),
    postcode      text NOT NULL CHECK (char_length(postcode) BETWEEN 5 AND 8),
    bio           text NOT NULL DEFAULT '' CHECK (char_length(bio) <= 700),
    website       text NOT NULL DEFAULT '' CHECK (char_length(website) <= 200),
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX members_username_key ON members (lower(username));
CREATE UNIQUE INDEX members_email_key ON members (lower(email));
CREATE INDEX members_artists ON members (lower(last_name), lower(first_name), id) WHERE role = 'artist';

-- One row a signed-in browser. The cookie holds a random token, the row its
-- SHA-256: deleting the row signs the browser out at its next request.
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    id         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    member_id  bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    device     text NOT NULL CHECK (char_length(device) <= 120),
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_member ON sessions (member_id, seen_at DESC);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- A forgotten password. The token in the letter is derived from the id with
-- the market's secret, so that this table alone opens nothing.
CREATE TABLE password_resets (
    id         uuid PRIMARY KEY,
    member_id  bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX password_resets_member ON password_resets (member_id);

-- Counted tries: one row a key (a hash of an address or an account) and window.
CREATE TABLE tries (
    key          bytea NOT NULL CHECK (octet_length(key) = 32),
    window_start timestamptz NOT NULL,
    count        integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (key, window_start)
);
CREATE INDEX tries_window ON tries (window_start);
