-- +goose Up
-- What a work shows, in its artist's words: "boats, low tide".
ALTER TABLE artworks ADD COLUMN subjects text NOT NULL DEFAULT '' CHECK (char_length(subjects) <= 200);

-- A text as it is searched: small letters without marks, and nothing between
-- words but spaces. Bodies by RETURN, so that a dump finds them again. foldWords in store/search.go does the same with a query.
CREATE FUNCTION fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN btrim(regexp_replace(replace(replace(replace(replace(translate(
        lower(regexp_replace(normalize(words, NFKD), '[\u0300-\u036f''’]', '', 'g')),
        'øłđıħðŧ', 'oldihdt'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]+', ' ', 'g'));

-- What a work is found by, the title before the artist's name (the last line of
-- artworks.search), that before what it is, and that before what is said of it.
CREATE FUNCTION work_words(title text, search text, medium text, material text, subjects text, description text)
RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('simple'::regconfig, fold(title)), 'A') ||
        setweight(to_tsvector('simple'::regconfig, fold(split_part(search, E'\n', -1))), 'B') ||
        setweight(to_tsvector('simple'::regconfig, fold(replace(medium, '_', ' ') || ' ' || material || ' ' || subjects)), 'C') ||
        setweight(to_tsvector('simple'::regconfig, fold(description)), 'D');

ALTER TABLE artworks ADD COLUMN words tsvector NOT NULL
    GENERATED ALWAYS AS (work_words(title, search, medium, material, subjects, description)) STORED;
CREATE INDEX artworks_words ON artworks USING gin (words) WITH (fastupdate = off) WHERE state = 'listed';
-- Titles in full, and how they begin.
CREATE INDEX artworks_called ON artworks (fold(title) COLLATE "C", id DESC) WHERE state = 'listed';
DROP INDEX IF EXISTS artworks_search;

CREATE INDEX members_called ON members USING gin (to_tsvector('simple'::regconfig, fold(first_name || ' ' || last_name || ' ' || username)))
    WHERE role = 'artist';
CREATE INDEX galleries_called ON galleries USING gin (to_tsvector('simple'::regconfig, fold(title))) WHERE visibility = 'public';

-- The words of the listed works, for those who mistype one. forms are the word
-- and what is left of it without one of its letters: two words that differ by a
-- letter, or by two that changed places, have one of them in common.
CREATE TABLE vocabulary (
    word  text COLLATE "C" PRIMARY KEY,
    works integer NOT NULL,
    forms text[] NOT NULL
);
CREATE INDEX vocabulary_forms ON vocabulary USING gin (forms) WITH (fastupdate = off);
CREATE TABLE vocabulary_made (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    at   timestamptz NOT NULL, -- when it was made
    took interval NOT NULL     -- what that cost
);
