-- +goose Up
-- Whether machines are asked not to learn from an artist's pictures. They are,
-- until the artist says otherwise: who never heard of the choice loses nothing.
ALTER TABLE members ADD COLUMN no_learning boolean NOT NULL DEFAULT true;
