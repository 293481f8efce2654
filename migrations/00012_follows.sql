-- +goose Up
-- Names as people look for them.
ALTER TABLE members
    ADD COLUMN statement text NOT NULL DEFAULT '' CHECK (char_length(statement) <= 2000),
    ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(last_name) || ' ' || fold(first_name)) STORED,
    ADD COLUMN found_by  text NOT NULL GENERATED ALWAYS AS
        (fold(first_name || ' ' || last_name) || E'\n' || fold(username) || E'\n' || fold(town)) STORED;
DROP INDEX members_artists;
CREATE INDEX members_artists ON members (sort_name, id) WHERE role = 'artist';
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX members_found ON members USING gin (found_by gin_trgm_ops) WHERE role = 'artist';
    END IF;
END $$;
-- +goose StatementEnd

-- The lines of an artist's curriculum vitae.
CREATE TABLE exhibitions (
    artist_id bigint NOT NULL REFERENCES members,
    position  integer NOT NULL CHECK (position BETWEEN 0 AND 49),
    year      integer NOT NULL CHECK (year BETWEEN 1800 AND 9999),
    what      text NOT NULL CHECK (char_length(what) BETWEEN 1 AND 150),
    place     text NOT NULL DEFAULT '' CHECK (char_length(place) <= 150),
    PRIMARY KEY (artist_id, position)
);

-- Works that belong together. Its works are its artist's.
CREATE TABLE series (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id  bigint NOT NULL REFERENCES members,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    about      text NOT NULL DEFAULT '' CHECK (char_length(about) <= 700),
    position   integer NOT NULL CHECK (position BETWEEN 0 AND 99),
    created_at timestamptz NOT NULL,
    UNIQUE (id, artist_id),
    CONSTRAINT series_position_key UNIQUE (artist_id, position) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX series_name_key ON series (artist_id, lower(name));
ALTER TABLE artworks
    ADD COLUMN series_id bigint,
    ADD CONSTRAINT artworks_series FOREIGN KEY (series_id, artist_id) REFERENCES series (id, artist_id);
CREATE INDEX artworks_series_newest ON artworks (series_id, listed_at DESC, id DESC) WHERE series_id IS NOT NULL;

CREATE TABLE follows (
    artist_id   bigint NOT NULL REFERENCES members,
    member_id   bigint NOT NULL REFERENCES members ON DELETE CASCADE,
    followed_at timestamptz NOT NULL,
    PRIMARY KEY (artist_id, member_id),
    CONSTRAINT follows_others CHECK (artist_id <> member_id)
);
CREATE INDEX follows_member ON follows (member_id, followed_at DESC, artist_id DESC);

-- What followers are to be told, written with the listing that it tells of. They
-- are told afterwards, a few at a time in the order of their ids.
CREATE TABLE announcements (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text NOT NULL UNIQUE, -- the work, or the import, that it tells of
    artist_id  bigint NOT NULL REFERENCES members,
    artwork_id bigint REFERENCES artworks ON DELETE SET NULL, -- the one that is named
    works      integer NOT NULL CHECK (works > 0),
    told_to    bigint NOT NULL DEFAULT 0, -- the last follower who was told
    created_at timestamptz NOT NULL,
    done_at    timestamptz
);
CREATE INDEX announcements_waiting ON announcements (id) WHERE done_at IS NULL;
CREATE INDEX announcements_artwork ON announcements (artwork_id);

ALTER TABLE notifications
    ALTER COLUMN event_id DROP NOT NULL,
    ALTER COLUMN order_id DROP NOT NULL,
    ADD COLUMN announcement_id bigint REFERENCES announcements,
    ADD CONSTRAINT notifications_order_event CHECK ((event_id IS NULL) = (order_id IS NULL)),
    ADD CONSTRAINT notifications_announcement_alone CHECK (announcement_id IS NULL OR event_id IS NULL),
    ADD CONSTRAINT notifications_announced_key UNIQUE (announcement_id, recipient_id);

-- Who gets a letter a week with the new works of the artists they follow: a
-- member who chose it, or an address without an account.
CREATE TABLE subscribers (
    id         uuid PRIMARY KEY,
    member_id  bigint UNIQUE REFERENCES members ON DELETE CASCADE,
    email      text CHECK (char_length(email) BETWEEN 3 AND 254),
    told_until timestamptz NOT NULL, -- works listed up to here are told, or were none
    next_at    timestamptz NOT NULL, -- when the next letter is written, if there is something to tell
    touched_at timestamptz NOT NULL,
    CONSTRAINT subscribers_one_address CHECK ((member_id IS NULL) <> (email IS NULL))
);
CREATE UNIQUE INDEX subscribers_email_key ON subscribers (lower(email));
CREATE INDEX subscribers_due ON subscribers (next_at, id);

-- What an address without an account asked for. It counts once its owner has
-- followed the link in a letter; what nobody confirmed is swept.
CREATE TABLE subscriptions (
    id            uuid PRIMARY KEY,
    subscriber_id uuid NOT NULL REFERENCES subscribers ON DELETE CASCADE,
    artist_id     bigint NOT NULL REFERENCES members,
    expires_at    timestamptz NOT NULL,
    confirmed_at  timestamptz,
    CONSTRAINT subscriptions_key UNIQUE (subscriber_id, artist_id)
);
CREATE INDEX subscriptions_artist ON subscriptions (artist_id) WHERE confirmed_at IS NOT NULL;
CREATE INDEX subscriptions_unconfirmed ON subscriptions (expires_at) WHERE confirmed_at IS NULL;

-- Which address had its letter of which week. Addresses are kept as hashes with
-- the market's secret: whoever stopped the letters is not in here by name.
CREATE TABLE digests (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address bytea NOT NULL CHECK (octet_length(address) = 32),
    week    date NOT NULL, -- its Monday
    since   timestamptz NOT NULL,
    until   timestamptz NOT NULL,
    CONSTRAINT digests_key UNIQUE (address, week)
);
CREATE INDEX digests_week ON digests (week);

ALTER TABLE outbox
    ALTER COLUMN recipient_id DROP NOT NULL,
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('order', 'password reset', 'password changed', 'digest confirmation', 'digest')),
    DROP CONSTRAINT outbox_state_check,
    ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')), -- dropped: nothing was left to tell
    ADD COLUMN subscriber_id   uuid REFERENCES subscribers ON DELETE CASCADE,
    ADD COLUMN subscription_id uuid REFERENCES subscriptions ON DELETE CASCADE,
    ADD COLUMN digest_id       bigint REFERENCES digests ON DELETE CASCADE,
    ADD CONSTRAINT outbox_to_somebody CHECK ((recipient_id IS NULL) <> (subscriber_id IS NULL));
CREATE INDEX outbox_subscriber ON outbox (subscriber_id) WHERE subscriber_id IS NOT NULL;
CREATE INDEX outbox_subscription ON outbox (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX outbox_digest ON outbox (digest_id) WHERE digest_id IS NOT NULL;
