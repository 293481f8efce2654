-- +goose Up
CREATE TABLE galleries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collector_id bigint NOT NULL UNIQUE REFERENCES members,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    intro        text NOT NULL DEFAULT '' CHECK (char_length(intro) <= 700),
    visibility   text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'link', 'public')),
    link_token   text NOT NULL UNIQUE CHECK (char_length(link_token) >= 16),
    rehung_at    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX galleries_public ON galleries (rehung_at DESC, id DESC) WHERE visibility = 'public';

CREATE TABLE gallery_artworks (
    gallery_id bigint NOT NULL REFERENCES galleries ON DELETE CASCADE,
    artwork_id bigint NOT NULL REFERENCES artworks,
    position   integer NOT NULL,
    note       text NOT NULL DEFAULT '' CHECK (char_length(note) <= 300),
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (gallery_id, artwork_id),
    CONSTRAINT gallery_artworks_position_key UNIQUE (gallery_id, position) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX gallery_artworks_artwork ON gallery_artworks (artwork_id);
