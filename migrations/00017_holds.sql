-- +goose Up
-- A piece is held for one accepted order at a time; those who come later wait in
-- line. store/deadlines.go says how long everything may take.
ALTER TABLE orders
    ADD COLUMN reply_by   timestamptz,                    -- a request that is not in line lapses then
    ADD COLUMN hold_until timestamptz,                    -- of an accepted order
    ADD COLUMN stretched  boolean  NOT NULL DEFAULT false, -- the hold, for a payment under way
    ADD COLUMN line_at    timestamptz,                    -- since when it is in line
    ADD COLUMN reminded   smallint NOT NULL DEFAULT 0 CHECK (reminded BETWEEN 0 AND 3), -- how often it was said that it waits to be shipped
    DROP CONSTRAINT orders_cancelled_by_check,
    ADD CONSTRAINT orders_cancelled_by_check CHECK (cancelled_by IN ('artist', 'collector', 'clock'));

-- What was asked for or accepted before begins to count now. Where more was
-- accepted than there are pieces, those who came later are put in line.
UPDATE orders o SET status = 'pending', accepted_at = NULL, line_at = o.accepted_at, version = version + 1
FROM (SELECT a.id, row_number() OVER (PARTITION BY a.artwork_id ORDER BY a.accepted_at, a.id) > w.quantity AS surplus
      FROM orders a JOIN artworks w ON w.id = a.artwork_id WHERE a.status = 'accepted') ranked
WHERE ranked.id = o.id AND ranked.surplus;
UPDATE orders SET reply_by = CASE WHEN status = 'pending' THEN now() ELSE created_at END + interval '48 hours',
    hold_until = CASE WHEN status = 'accepted' THEN now() + interval '48 hours' END;
ALTER TABLE orders
    ALTER COLUMN reply_by SET NOT NULL,
    ADD CONSTRAINT orders_held_while_accepted CHECK ((status = 'accepted') = (hold_until IS NOT NULL)),
    ADD CONSTRAINT orders_number_of_live_order CHECK (edition_number IS NULL OR status NOT IN ('pending', 'cancelled'));
CREATE INDEX orders_unanswered ON orders (reply_by) WHERE status = 'pending' AND line_at IS NULL;
CREATE INDEX orders_pending ON orders (artwork_id) WHERE status = 'pending';
CREATE INDEX orders_line ON orders (artwork_id, line_at, id) WHERE status = 'pending' AND line_at IS NOT NULL;
CREATE INDEX orders_held ON orders (hold_until) WHERE status = 'accepted';
CREATE INDEX orders_holds ON orders (artwork_id, hold_until) WHERE status = 'accepted';
CREATE INDEX orders_unsent ON orders (paid_at) WHERE status = 'ready to ship';

-- How many pieces are held: never more than there are.
ALTER TABLE artworks ADD COLUMN held integer NOT NULL DEFAULT 0;
UPDATE artworks a SET held = h.n FROM (SELECT artwork_id, count(*) AS n FROM orders WHERE status = 'accepted' GROUP BY 1) h WHERE h.artwork_id = a.id;
ALTER TABLE artworks ADD CONSTRAINT artworks_held CHECK (held BETWEEN 0 AND quantity);
-- +goose StatementBegin
CREATE FUNCTION order_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE artworks SET held = held + CASE WHEN NEW.status = 'accepted' THEN 1 ELSE -1 END WHERE id = NEW.artwork_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER order_taken_as_held AFTER INSERT ON orders FOR EACH ROW WHEN (NEW.status = 'accepted') EXECUTE FUNCTION order_holds();
CREATE TRIGGER order_holds AFTER UPDATE OF status ON orders FOR EACH ROW
    WHEN ((OLD.status = 'accepted') <> (NEW.status = 'accepted')) EXECUTE FUNCTION order_holds();

-- An edition of which a piece is sold stays what it was sold as, and does not grow.
-- +goose StatementBegin
CREATE FUNCTION edition_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'pieces of edition % are sold: it cannot grow', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'artworks_edition_closed', TABLE = 'artworks';
END $$;
-- +goose StatementEnd
CREATE TRIGGER edition_closed BEFORE UPDATE OF edition, edition_size ON artworks FOR EACH ROW
    WHEN (OLD.sold > 0 AND OLD.edition = 'limited' AND (NEW.edition <> 'limited' OR NEW.edition_size > OLD.edition_size))
    EXECUTE FUNCTION edition_closed();

ALTER TABLE order_events
    DROP CONSTRAINT order_events_kind_check,
    ADD CONSTRAINT order_events_kind_check CHECK (kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid',
        'payment declined', 'sold out', 'shipped', 'completed', 'joined the line', 'put in line', 'promoted',
        'lapsed by artist', 'lapsed by collector', 'price lowered', 'reminded', 'overdue'));
-- A status is entered once in an order's life. What was accepted before there were
-- holds may have to wait in line, and then be promoted.
DROP INDEX order_events_step_key;
CREATE UNIQUE INDEX order_events_step_key ON order_events (order_id, status)
    WHERE kind NOT IN ('payment declined', 'sold out', 'put in line', 'promoted', 'price lowered', 'reminded', 'overdue');
CREATE UNIQUE INDEX order_events_once_key ON order_events (order_id, kind) WHERE kind IN ('put in line', 'promoted', 'overdue');

-- The day from which an artist is back; requests are paused until then.
ALTER TABLE members
    ADD COLUMN away_until date,
    ADD COLUMN away_words text NOT NULL DEFAULT '' CHECK (char_length(away_words) <= 300);
