-- +goose Up
-- A catalogue that its artist brought in. The same file, or the same upload, is
-- the same import: what was broken off goes on.
CREATE TABLE imports (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id  bigint NOT NULL REFERENCES members,
    key        text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 100),
    name       text NOT NULL CHECK (char_length(name) <= 200),
    settings   text NOT NULL, -- how its columns are read, as an address writes it
    upload_id  text REFERENCES uploads ON DELETE SET NULL,
    rows       integer NOT NULL DEFAULT 0,
    refused    integer NOT NULL DEFAULT 0,
    known      integer NOT NULL DEFAULT 0, -- rows whose works were here before
    created_at timestamptz NOT NULL,
    ended_at   timestamptz,
    UNIQUE (artist_id, key)
);
CREATE INDEX imports_upload ON imports (upload_id);

ALTER TABLE artworks
    ADD COLUMN import_id  bigint REFERENCES imports,
    ADD COLUMN import_key text CHECK (char_length(import_key) BETWEEN 1 AND 200), -- its number in the artist's own catalogue
    ADD COLUMN notes      text NOT NULL DEFAULT '' CHECK (char_length(notes) <= 10000); -- for its artist alone
CREATE UNIQUE INDEX artworks_import_key ON artworks (artist_id, import_key) WHERE import_key IS NOT NULL;
CREATE INDEX artworks_import ON artworks (import_id, id) WHERE import_id IS NOT NULL;

-- Old catalogues have long titles and gaps. A draft may lack what a catalogue
-- did not say: 0 and '' stand for that. What was ever shown is whole.
ALTER TABLE artworks
    DROP CONSTRAINT artworks_title_check,
    DROP CONSTRAINT artworks_year_check,
    DROP CONSTRAINT artworks_material_check,
    DROP CONSTRAINT artworks_width_check,
    DROP CONSTRAINT artworks_height_check,
    DROP CONSTRAINT artworks_price_check,
    DROP CONSTRAINT artworks_weight_known,
    ADD CONSTRAINT artworks_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    ADD CONSTRAINT artworks_year_check CHECK (year BETWEEN 0 AND 9999),
    ADD CONSTRAINT artworks_material_check CHECK (char_length(material) <= 50),
    ADD CONSTRAINT artworks_width_check CHECK (width = 0 OR width BETWEEN 10 AND 999999),
    ADD CONSTRAINT artworks_height_check CHECK (height = 0 OR height BETWEEN 10 AND 999999),
    ADD CONSTRAINT artworks_price_check CHECK (price = 0 OR price BETWEEN 100 AND 9999999),
    ADD CONSTRAINT artworks_whole CHECK (state = 'draft' OR
        (year > 0 AND material <> '' AND width > 0 AND height > 0 AND price > 0 AND (weight IS NOT NULL OR medium = 'digital_art'))),
    ADD CONSTRAINT artworks_sale_needs_price CHECK (NOT for_sale OR price > 0);
