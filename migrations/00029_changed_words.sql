-- +goose Up
-- Instances keep the words of the listed works in memory too (store/mirror_words.go):
-- a work whose words changed is one that changed.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION artworks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id)
    SELECT is_now.id FROM changed is_now JOIN was ON was.id = is_now.id
    WHERE (was.state = 'listed' OR is_now.state = 'listed')
        AND (was.state, was.listed_at, was.price, was.width, was.height, was.depth, was.weight, was.year, was.medium, was.town, was.zone, was.rates,
                was.facets, was.palette, was.words)
            IS DISTINCT FROM (is_now.state, is_now.listed_at, is_now.price, is_now.width, is_now.height, is_now.depth, is_now.weight, is_now.year,
                is_now.medium, is_now.town, is_now.zone, is_now.rates, is_now.facets, is_now.palette, is_now.words);
    RETURN NULL;
END $$;
-- +goose StatementEnd
