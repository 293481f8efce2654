-- +goose Up
-- Sizes are hundredths of a centimetre, weights hundredths of a kilogram,
-- prices pence: whole numbers everywhere, so that sums are exact.
CREATE TABLE artworks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id    bigint NOT NULL REFERENCES members,
    state        text NOT NULL CHECK (state IN ('draft', 'listed', 'unlisted', 'archived')),
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    description  text NOT NULL DEFAULT '' CHECK (char_length(description) <= 300),
    year         integer NOT NULL CHECK (year BETWEEN 1 AND 9999),
    medium       text NOT NULL CHECK (medium IN ('painting', 'sculpture', 'digital_art', 'photography',
                                                 'mixed_media', 'printmaking', 'ceramics', 'textile')),
    material     text NOT NULL CHECK (char_length(material) BETWEEN 1 AND 50),
    width        integer NOT NULL CHECK (width BETWEEN 10 AND 999999),
    height       integer NOT NULL CHECK (height BETWEEN 10 AND 999999),
    depth        integer CHECK (depth BETWEEN 10 AND 999999),
    weight       integer CHECK (weight BETWEEN 1 AND 999999),
    price        integer NOT NULL CHECK (price BETWEEN 100 AND 9999999),
    quantity     integer NOT NULL CHECK (quantity BETWEEN 0 AND 9999),
    for_sale     boolean NOT NULL,
    edition      text NOT NULL CHECK (edition IN ('unique', 'limited', 'open')),
    edition_size integer CHECK (edition_size BETWEEN 1 AND 9999),
    sold         integer NOT NULL DEFAULT 0 CHECK (sold >= 0),
    version      integer NOT NULL DEFAULT 1,
    search       text NOT NULL,
    request_key  uuid NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    listed_at    timestamptz,
    CONSTRAINT artworks_sale_needs_stock CHECK (NOT for_sale OR quantity > 0),
    CONSTRAINT artworks_weight_known CHECK (weight IS NOT NULL OR medium = 'digital_art'),
    CONSTRAINT artworks_listed_when CHECK (state <> 'listed' OR listed_at IS NOT NULL),
    CONSTRAINT artworks_edition_size CHECK ((edition = 'limited') = (edition_size IS NOT NULL)),
    CONSTRAINT artworks_edition_stock CHECK (
        (edition <> 'unique' OR quantity + sold <= 1) AND
        (edition <> 'limited' OR quantity + sold <= edition_size))
);
CREATE INDEX artworks_newest ON artworks (listed_at DESC, id DESC) WHERE state = 'listed';
CREATE INDEX artworks_price ON artworks (price, id) WHERE state = 'listed';
CREATE INDEX artworks_medium_newest ON artworks (medium, listed_at DESC, id DESC) WHERE state = 'listed';
CREATE INDEX artworks_medium_price ON artworks (medium, price, id) WHERE state = 'listed';
CREATE INDEX artworks_artist ON artworks (artist_id, listed_at DESC, id DESC) WHERE state = 'listed';
CREATE INDEX artworks_studio ON artworks (artist_id, id DESC) WHERE state <> 'archived';

-- Substring search needs trigrams; a PostgreSQL without its contrib folder
-- still serves, only slower.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX artworks_search ON artworks USING gin (search gin_trgm_ops) WHERE state = 'listed';
    END IF;
END $$;
-- +goose StatementEnd

-- A photograph. Until its form is saved it belongs to its artist alone
-- (artwork_id NULL); what stays so for a day is swept.
CREATE TABLE images (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id  bigint NOT NULL REFERENCES members,
    artwork_id bigint REFERENCES artworks,
    position   integer NOT NULL DEFAULT 0,
    key        text NOT NULL UNIQUE,
    name       text NOT NULL CHECK (char_length(name) <= 200),
    alt        text NOT NULL DEFAULT '' CHECK (char_length(alt) <= 300),
    width      integer NOT NULL CHECK (width > 0),
    height     integer NOT NULL CHECK (height > 0),
    ground     text NOT NULL CHECK (ground ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz NOT NULL,
    CONSTRAINT images_position_key UNIQUE (artwork_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT images_ten CHECK (position BETWEEN 0 AND 9)
);
CREATE INDEX images_loose ON images (created_at) WHERE artwork_id IS NULL;
