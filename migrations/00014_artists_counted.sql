-- +goose Up
-- What is counted of an artist's works is read from the index alone: the works
-- lie all over a large table.
DROP INDEX artworks_artist;
CREATE INDEX artworks_artist ON artworks (artist_id, listed_at DESC, id DESC)
    INCLUDE (medium, for_sale, quantity, sold) WHERE state = 'listed';
