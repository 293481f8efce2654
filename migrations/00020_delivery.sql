-- +goose Up
-- What the market keeps of a sale, and how a work comes to its collector: at the
-- price of the formula or of its artist's own rates; at one that its artist quotes
-- when accepting; or not at all, because it is collected.
ALTER TABLE orders
    ADD COLUMN commission_rate integer NOT NULL DEFAULT 0 CHECK (commission_rate BETWEEN 0 AND 10000), -- hundredths of a per cent of the price
    ADD COLUMN commission      bigint  NOT NULL DEFAULT 0,
    ADD COLUMN unquoted        boolean NOT NULL DEFAULT false, -- its artist has yet to say what delivery costs
    ADD COLUMN turn_at         timestamptz,                    -- of an unquoted one: when its turn in line came
    ADD COLUMN collection      boolean NOT NULL DEFAULT false, -- it is fetched from the studio
    ADD COLUMN collection_words text   NOT NULL DEFAULT '' CHECK (char_length(collection_words) <= 300),
    ADD COLUMN collection_code text    NOT NULL DEFAULT '' CHECK (collection_code ~ '^([0-9]{6})?$'), -- while it waits to be fetched
    ADD CONSTRAINT orders_commission CHECK (commission BETWEEN 0 AND price),
    ADD CONSTRAINT orders_quoted_when_accepted CHECK (NOT unquoted OR delivery = 0 AND status IN ('pending', 'cancelled')),
    ADD CONSTRAINT orders_collected_for_nothing CHECK (NOT collection OR delivery = 0 AND cover = 0 AND NOT unquoted),
    ADD CONSTRAINT orders_code_of_collection CHECK (collection_code = '' OR collection AND status = 'shipped');
DROP INDEX orders_unanswered;
CREATE INDEX orders_unanswered ON orders (reply_by) WHERE status = 'pending' AND (line_at IS NULL OR turn_at IS NOT NULL);
-- What is fetched does not complete by itself.
DROP INDEX orders_shipped;
CREATE INDEX orders_shipped ON orders (shipped_at) WHERE status = 'shipped' AND NOT collection;

ALTER TABLE order_events
    DROP CONSTRAINT order_events_kind_check,
    ADD CONSTRAINT order_events_kind_check CHECK (kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid',
        'payment declined', 'sold out', 'shipped', 'completed', 'joined the line', 'put in line', 'promoted',
        'lapsed by artist', 'lapsed by collector', 'price lowered', 'reminded', 'overdue', 'turn came'));
DROP INDEX order_events_step_key;
CREATE UNIQUE INDEX order_events_step_key ON order_events (order_id, status)
    WHERE kind NOT IN ('payment declined', 'sold out', 'put in line', 'promoted', 'price lowered', 'reminded', 'overdue', 'turn came');
DROP INDEX order_events_once_key;
CREATE UNIQUE INDEX order_events_once_key ON order_events (order_id, kind) WHERE kind IN ('put in line', 'promoted', 'overdue', 'turn came');

-- An artist's own prices of delivery to the zones 1 to 5, in pence: none, or five
-- of which those that are NULL leave it to the formula.
ALTER TABLE members
    ADD COLUMN rates integer[] NOT NULL DEFAULT '{}' CHECK (cardinality(rates) IN (0, 5) AND 0 <= ALL (rates) AND 999999 >= ALL (rates)),
    ADD COLUMN collection boolean NOT NULL DEFAULT false,
    ADD COLUMN collection_words text NOT NULL DEFAULT '' CHECK (char_length(collection_words) <= 300);
ALTER TABLE artworks ADD COLUMN rates integer[] NOT NULL DEFAULT '{}'; -- its artist's

-- What one piece costs, delivered, in pence: the total of store/shipping.go's
-- quote, to the penny; NULL where its artist quotes.
ALTER TABLE artworks DROP COLUMN nearby;
DROP FUNCTION delivered(integer, text, integer, integer, integer, integer, integer, integer);
CREATE FUNCTION delivered(price integer, medium text, width integer, height integer, depth integer, weight integer, from_zone integer, to_zone integer, rates integer[])
    RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN medium = 'digital_art' THEN price::bigint
    WHEN weight > 3000 OR GREATEST(width, height, depth) > 20000 THEN NULL
    WHEN rates[to_zone] IS NOT NULL THEN price + (price + 50) / 100 + rates[to_zone]::bigint
    ELSE
    price + (price + 50) / 100
    + (500 + 2 * COALESCE(weight, 0) + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) / 10000000) * (10 + 2 * abs(from_zone - to_zone)) / 10
    + ((500 + 2 * COALESCE(weight, 0) + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) / 10000000) * (10 + 2 * abs(from_zone - to_zone)) % 10 * 10000000
       + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) % 10000000 * (10 + 2 * abs(from_zone - to_zone)) + 50000000) / 100000000
END;
-- What it costs where it costs least, or less; NULL where its artist quotes.
CREATE FUNCTION delivered_least(price integer, medium text, width integer, height integer, depth integer, weight integer, rates integer[])
    RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN rates = '{}' THEN delivered(price, medium, width, height, depth, weight, 0, 0, '{}') ELSE LEAST(
    CASE WHEN array_position(rates, NULL) IS NOT NULL THEN delivered(price, medium, width, height, depth, weight, 0, 0, '{}') END,
    delivered(price, medium, width, height, depth, weight, 1, 1, rates), delivered(price, medium, width, height, depth, weight, 2, 2, rates),
    delivered(price, medium, width, height, depth, weight, 3, 3, rates), delivered(price, medium, width, height, depth, weight, 4, 4, rates),
    delivered(price, medium, width, height, depth, weight, 5, 5, rates)) END;
ALTER TABLE artworks ADD COLUMN nearby bigint GENERATED ALWAYS AS (delivered_least(price, medium, width, height, depth, weight, rates)) STORED;
CREATE INDEX artworks_nearby ON artworks (nearby) WHERE state = 'listed';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION artwork_of_artist() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT town, postcode_zone(postcode), rates INTO NEW.town, NEW.zone, NEW.rates FROM members WHERE id = NEW.artist_id;
    NEW.town := COALESCE(NEW.town, '');
    NEW.zone := COALESCE(NEW.zone, 0);
    NEW.rates := COALESCE(NEW.rates, '{}');
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION artist_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE artworks SET town = NEW.town, zone = postcode_zone(NEW.postcode), rates = NEW.rates WHERE artist_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER artist_moved ON members;
CREATE TRIGGER artist_moved AFTER UPDATE OF town, postcode, rates ON members FOR EACH ROW
    WHEN (OLD.role = 'artist' AND (OLD.town, OLD.postcode, OLD.rates) IS DISTINCT FROM (NEW.town, NEW.postcode, NEW.rates)) EXECUTE FUNCTION artist_moved();

-- The prices that a work has had in public, oldest first. A work that had but one
-- has no row: its first price is written down when it goes.
CREATE TABLE artwork_prices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artwork_id bigint NOT NULL REFERENCES artworks ON DELETE CASCADE,
    price      integer NOT NULL,
    since      timestamptz NOT NULL,
    given      boolean NOT NULL DEFAULT false -- open requests that were made at a higher price were brought down to it
);
CREATE INDEX artwork_prices_artwork ON artwork_prices (artwork_id, id);
-- +goose StatementBegin
CREATE FUNCTION price_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last integer;
BEGIN
    SELECT price INTO last FROM artwork_prices WHERE artwork_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF last IS NULL AND OLD.state = 'listed' THEN
        INSERT INTO artwork_prices (artwork_id, price, since) VALUES (OLD.id, OLD.price, OLD.listed_at);
        last := OLD.price;
    END IF;
    IF NEW.state = 'listed' AND last <> NEW.price THEN
        INSERT INTO artwork_prices (artwork_id, price, since) VALUES (NEW.id, NEW.price, NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER price_changed AFTER UPDATE OF price, state ON artworks FOR EACH ROW
    WHEN ((OLD.price, OLD.state) IS DISTINCT FROM (NEW.price, NEW.state) AND (OLD.state = 'listed' OR NEW.state = 'listed') AND OLD.listed_at IS NOT NULL)
    EXECUTE FUNCTION price_changed();
