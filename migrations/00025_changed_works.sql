-- +goose Up
-- Which listed works changed, and in which transaction: instances keep in memory
-- what filters need of each, and look here for what they have not seen yet
-- (store/mirror.go).
CREATE TABLE artwork_changes (
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    artwork_id bigint      NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX artwork_changes_xid ON artwork_changes (xid);
-- How far they were swept: of later transactions all are there.
CREATE TABLE artwork_changes_swept (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8    NOT NULL
);
INSERT INTO artwork_changes_swept (xid) VALUES ('0');

-- +goose StatementBegin
CREATE FUNCTION artworks_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id) SELECT id FROM changed WHERE state = 'listed';
    RETURN NULL;
END $$;
CREATE FUNCTION artworks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artwork_changes (artwork_id)
    SELECT is_now.id FROM changed is_now JOIN was ON was.id = is_now.id
    WHERE (was.state = 'listed' OR is_now.state = 'listed')
        AND (was.state, was.listed_at, was.price, was.width, was.height, was.depth, was.weight, was.year, was.medium, was.town, was.zone, was.rates,
                was.facets, was.palette)
            IS DISTINCT FROM (is_now.state, is_now.listed_at, is_now.price, is_now.width, is_now.height, is_now.depth, is_now.weight, is_now.year,
                is_now.medium, is_now.town, is_now.zone, is_now.rates, is_now.facets, is_now.palette);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER artworks_came AFTER INSERT ON artworks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION artworks_came();
CREATE TRIGGER artworks_gone AFTER DELETE ON artworks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION artworks_came();
CREATE TRIGGER artworks_changed AFTER UPDATE ON artworks REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION artworks_changed();

-- Of what the last migrations added, the planner knows nothing yet.
ANALYZE artworks;
