-- +goose Up
-- A file on its way here. Its bytes arrive in parts, and wait until the picture
-- is made of them: whatever ends meanwhile, they are safe.
CREATE TABLE uploads (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
    artist_id  bigint NOT NULL REFERENCES members,
    name       text NOT NULL CHECK (char_length(name) <= 200),
    size       integer NOT NULL CHECK (size > 0),
    received   integer NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
    created_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL
);
CREATE INDEX uploads_touched ON uploads (touched_at);
CREATE INDEX uploads_artist ON uploads (artist_id);
CREATE TABLE upload_parts (
    upload_id text NOT NULL REFERENCES uploads ON DELETE CASCADE,
    start     integer NOT NULL CHECK (start >= 0),
    bytes     bytea NOT NULL,
    PRIMARY KEY (upload_id, start)
);
ALTER TABLE upload_parts ALTER COLUMN bytes SET STORAGE EXTERNAL; -- a photograph is packed already

-- A photograph is here from the moment its file is safe; its picture is made
-- later, and its key says what it is made of. The seed goes into the key, so
-- that no key tells that two people sent the same file.
ALTER TABLE images
    ADD COLUMN state      text NOT NULL DEFAULT 'ready' CHECK (state IN ('preparing', 'ready', 'refused')),
    ADD COLUMN seed       text,
    ADD COLUMN host       text NOT NULL DEFAULT 'disk' CHECK (host IN ('disk', 'cloudinary')),
    ADD COLUMN upload_id  text UNIQUE REFERENCES uploads,
    ADD COLUMN reason     text NOT NULL DEFAULT '',
    ADD COLUMN part       text NOT NULL DEFAULT '' CHECK (part IN ('', 'front', 'detail', 'edge', 'back', 'studio')),
    ADD COLUMN avif_width integer NOT NULL DEFAULT 0 CHECK (avif_width >= 0),
    ADD COLUMN palette    real[] NOT NULL DEFAULT '{}' CHECK (cardinality(palette) % 4 = 0), -- L*, a*, b*, share of the area; and the next
    ADD COLUMN findings   text[] NOT NULL DEFAULT '{}';
UPDATE images SET seed = key;
ALTER TABLE images
    ALTER COLUMN seed SET NOT NULL,
    ALTER COLUMN seed SET DEFAULT replace(gen_random_uuid()::text, '-', ''),
    ADD CONSTRAINT images_seed_key UNIQUE (seed);

-- Work on pictures that no request waits for.
CREATE TABLE image_jobs (
    image_id bigint NOT NULL REFERENCES images ON DELETE CASCADE,
    task     text NOT NULL CHECK (task IN ('prepare', 'avif', 'remake')),
    host     text NOT NULL DEFAULT '' CHECK (host IN ('', 'disk', 'cloudinary')), -- where a remade picture goes
    due_at   timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0, -- how often it was put off
    claims   integer NOT NULL DEFAULT 0, -- how often it was begun since
    PRIMARY KEY (image_id, task)
);
CREATE INDEX image_jobs_due ON image_jobs (task, due_at);

-- Pictures that are to be deleted at their host, and those that are about to be
-- put there: whoever puts one writes it here first and takes it out again in the
-- transaction that makes it an image's. So every file has a row, or goes.
CREATE TABLE picture_deletions (
    host     text NOT NULL CHECK (host IN ('disk', 'cloudinary')),
    key      text NOT NULL,
    due_at   timestamptz NOT NULL,
    claimed  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (host, key)
);
CREATE INDEX picture_deletions_due ON picture_deletions (due_at);

CREATE INDEX orders_image ON orders (image_key) WHERE image_key <> '';
