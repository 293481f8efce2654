-- +goose Up
-- A search that a member keeps, to be told of new works that match. keys are
-- those of which a work that matches has one: see store/saved_searches.go.
CREATE TABLE saved_searches (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id  bigint NOT NULL REFERENCES members,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    filter     jsonb NOT NULL, -- a store.Filter without what it leaves open
    keys       text[] NOT NULL CHECK (cardinality(keys) > 0),
    notify     boolean NOT NULL,
    letter     text NOT NULL CHECK (letter IN ('off', 'daily', 'weekly')),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX saved_searches_once_key ON saved_searches (member_id, md5(filter::text));
CREATE INDEX saved_searches_keys ON saved_searches USING gin (keys) WITH (fastupdate = off);

-- The works of an announcement that are yet to be compared with the searches.
-- Whoever does so holds the lock of the announcement.
CREATE TABLE announced_works (
    announcement_id bigint NOT NULL REFERENCES announcements,
    artwork_id      bigint NOT NULL REFERENCES artworks ON DELETE CASCADE,
    listed_at       timestamptz NOT NULL, -- searches that are kept later do not find it
    looked_at       bigint NOT NULL DEFAULT 0, -- the searches up to this id
    PRIMARY KEY (announcement_id, artwork_id)
);
CREATE INDEX announced_works_artwork ON announced_works (artwork_id);
ALTER TABLE announcements ADD COLUMN followers_told boolean NOT NULL DEFAULT false; -- all of them; the searches come after
UPDATE announcements SET followers_told = true WHERE done_at IS NOT NULL;

-- An address has one letter a day about the searches of its member, as it has one
-- a week about the artists it follows.
DROP INDEX digests_week;
ALTER TABLE digests RENAME COLUMN week TO day; -- for letters about artists a Monday
ALTER TABLE digests
    ADD COLUMN about text NOT NULL DEFAULT 'artists' CHECK (about IN ('artists', 'searches')),
    ALTER COLUMN since DROP NOT NULL,
    ADD CONSTRAINT digests_since CHECK (since IS NOT NULL OR about <> 'artists'),
    DROP CONSTRAINT digests_key,
    ADD CONSTRAINT digests_key UNIQUE (address, about, day);
ALTER TABLE digests ALTER COLUMN about DROP DEFAULT;
CREATE INDEX digests_day ON digests (day);

-- What a search found, for a letter.
CREATE TABLE search_matches (
    search_id  bigint NOT NULL REFERENCES saved_searches ON DELETE CASCADE,
    artwork_id bigint NOT NULL REFERENCES artworks ON DELETE CASCADE,
    found_at   timestamptz NOT NULL,
    digest_id  bigint REFERENCES digests ON DELETE CASCADE, -- the letter that it is in
    PRIMARY KEY (search_id, artwork_id)
);
CREATE INDEX search_matches_artwork ON search_matches (artwork_id);
CREATE INDEX search_matches_waiting ON search_matches (found_at) WHERE digest_id IS NULL;
CREATE INDEX search_matches_digest ON search_matches (digest_id) WHERE digest_id IS NOT NULL;

ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('order', 'password reset', 'password changed', 'digest confirmation', 'digest', 'searches'));

-- A notification may also speak of a work that a search has found. A member is
-- told of a work once, whatever how many of their searches find it.
ALTER TABLE notifications
    ADD COLUMN found_artwork_id bigint REFERENCES artworks ON DELETE CASCADE,
    ADD COLUMN found_by text CHECK (char_length(found_by) BETWEEN 1 AND 100), -- the name of the search
    ADD CONSTRAINT notifications_found CHECK ((found_artwork_id IS NULL) = (found_by IS NULL)),
    ADD CONSTRAINT notifications_found_alone CHECK (found_artwork_id IS NULL OR event_id IS NULL AND order_id IS NULL AND announcement_id IS NULL);
CREATE UNIQUE INDEX notifications_found_key ON notifications (found_artwork_id, recipient_id) WHERE found_artwork_id IS NOT NULL;

-- The work that stands for a gallery where others show it.
ALTER TABLE gallery_artworks ADD COLUMN cover boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX gallery_artworks_cover_key ON gallery_artworks (gallery_id) WHERE cover;

-- The public gallery in which the collector came upon the work, as it was called.
ALTER TABLE orders
    ADD COLUMN gallery_id      bigint REFERENCES galleries,
    ADD COLUMN gallery_title   text NOT NULL DEFAULT '',
    ADD COLUMN gallery_curator text NOT NULL DEFAULT '',
    ADD CONSTRAINT orders_gallery_named CHECK ((gallery_id IS NULL) = (gallery_title = '') AND (gallery_id IS NULL) = (gallery_curator = ''));
CREATE INDEX orders_gallery ON orders (gallery_id) WHERE gallery_id IS NOT NULL;
