-- +goose Up
-- Instances keep what the cards of the listed works show in memory too
-- (store/mirror_cards.go): a work whose card changed is one that changed. Covers and
-- names are noticed of drafts too, which may be listed at the same moment.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION artworks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id)
    SELECT is_now.id FROM changed is_now JOIN was ON was.id = is_now.id
    WHERE (was.state = 'listed' OR is_now.state = 'listed')
        AND (was.state, was.listed_at, was.price, was.width, was.height, was.depth, was.weight, was.year, was.medium, was.town, was.zone, was.rates,
                was.facets, was.palette, was.words, was.title, was.material, was.quantity, was.for_sale, was.edition, was.edition_size, was.sold, was.held)
            IS DISTINCT FROM (is_now.state, is_now.listed_at, is_now.price, is_now.width, is_now.height, is_now.depth, is_now.weight, is_now.year,
                is_now.medium, is_now.town, is_now.zone, is_now.rates, is_now.facets, is_now.palette, is_now.words, is_now.title, is_now.material,
                is_now.quantity, is_now.for_sale, is_now.edition, is_now.edition_size, is_now.sold, is_now.held);
    RETURN NULL;
END $$;

CREATE FUNCTION covers_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id) SELECT artwork_id FROM changed WHERE artwork_id IS NOT NULL AND position = 0;
    RETURN NULL;
END $$;
CREATE FUNCTION moved_covers_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id)
    SELECT DISTINCT work FROM changed is_now JOIN was ON was.id = is_now.id
        CROSS JOIN LATERAL (VALUES (was.artwork_id, was.position), (is_now.artwork_id, is_now.position)) AS of (work, position)
    WHERE work IS NOT NULL AND of.position = 0
        AND (was.artwork_id, was.position, was.state, was.key, was.host, was.name, was.alt, was.part, was.width, was.height, was.ground, was.avif_width)
            IS DISTINCT FROM (is_now.artwork_id, is_now.position, is_now.state, is_now.key, is_now.host, is_now.name, is_now.alt, is_now.part,
                is_now.width, is_now.height, is_now.ground, is_now.avif_width);
    RETURN NULL;
END $$;
CREATE FUNCTION artist_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id) SELECT id FROM artworks WHERE artist_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER covers_noticed AFTER INSERT ON images REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION covers_noticed();
CREATE TRIGGER moved_covers_noticed AFTER UPDATE ON images REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION moved_covers_noticed();
CREATE TRIGGER gone_covers_noticed AFTER DELETE ON images REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION covers_noticed();
CREATE TRIGGER artist_renamed AFTER UPDATE OF first_name, last_name, username ON members FOR EACH ROW
    WHEN (OLD.role = 'artist' AND (OLD.first_name, OLD.last_name, OLD.username) IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.username))
    EXECUTE FUNCTION artist_renamed();
