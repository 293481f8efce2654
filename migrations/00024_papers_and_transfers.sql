-- +goose Up
-- The papers of a sale: a receipt for the collector and a statement for the artist,
-- and a credit note for whatever goes back. All that is on one is kept with it, and
-- nothing of it ever changes. Numbers count from 1 for each artist and kind, without
-- gaps: the counter is a row, so that a number that is not used is not spent.
CREATE TABLE papers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind              text NOT NULL CHECK (kind IN ('receipt', 'statement', 'credit note')),
    artist_id         bigint NOT NULL REFERENCES members,
    order_id          bigint NOT NULL REFERENCES orders,
    number            integer NOT NULL CHECK (number > 0),
    reference         text NOT NULL GENERATED ALWAYS AS (upper(left(kind, 1)) || artist_id || '-' || CASE WHEN number < 10000 THEN right('000' || number, 4) ELSE number::text END) STORED,
    issued_at         timestamptz NOT NULL,
    paid_at           timestamptz NOT NULL,
    paid_how          text NOT NULL, -- in words
    payment_reference text NOT NULL,

    artist_name       text NOT NULL,
    buyer_name        text NOT NULL,
    ship_address      text NOT NULL DEFAULT '', -- on a statement
    ship_town         text NOT NULL DEFAULT '',
    ship_postcode     text NOT NULL DEFAULT '',
    title             text NOT NULL,
    year              integer NOT NULL,
    medium            text NOT NULL,
    material          text NOT NULL,
    width             integer NOT NULL,
    height            integer NOT NULL,
    depth             integer,
    edition           text NOT NULL,
    edition_size      integer,
    edition_number    integer,

    price             bigint NOT NULL CHECK (price > 0),
    delivery          bigint NOT NULL CHECK (delivery >= 0),
    cover             bigint NOT NULL CHECK (cover >= 0),
    total             bigint NOT NULL CHECK (total = price + delivery + cover),
    commission        bigint NOT NULL CHECK (commission BETWEEN 0 AND total),
    commission_rate   integer NOT NULL, -- hundredths of a per cent of the price
    collection        boolean NOT NULL, -- it was fetched from the studio
    refund_id         text UNIQUE, -- of a credit note: what goes back, and the receipt that it takes from
    amount            bigint CHECK (amount BETWEEN 1 AND total),
    receipt           text,

    CONSTRAINT papers_number_key UNIQUE (artist_id, kind, number),
    CONSTRAINT papers_reference_key UNIQUE (reference),
    CONSTRAINT papers_credit CHECK ((kind = 'credit note') = ALL (ARRAY[refund_id IS NOT NULL, amount IS NOT NULL, receipt IS NOT NULL])),
    CONSTRAINT papers_address CHECK (kind = 'statement' OR ship_address || ship_town || ship_postcode = '')
);
CREATE UNIQUE INDEX papers_sale_key ON papers (order_id, kind) WHERE kind <> 'credit note';
CREATE INDEX papers_order ON papers (order_id);
CREATE INDEX papers_artist ON papers (artist_id, id) WHERE kind <> 'receipt';

CREATE TABLE paper_counters (
    artist_id bigint NOT NULL REFERENCES members,
    kind      text NOT NULL,
    last      integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (artist_id, kind)
);

-- Sales that were made before have their papers, in the order in which they were made.
INSERT INTO papers (kind, artist_id, order_id, number, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name,
        ship_address, ship_town, ship_postcode, title, year, medium, material, width, height, depth, edition, edition_size, edition_number,
        price, delivery, cover, total, commission, commission_rate, collection)
    SELECT kind, o.seller_id, o.id, row_number() OVER (PARTITION BY o.seller_id, kind ORDER BY o.paid_at, o.id), now(), o.paid_at,
        'Through the test gateway, where no money moves', p.id, o.artist_name, o.buyer_name,
        CASE WHEN kind = 'statement' THEN o.ship_address ELSE '' END, CASE WHEN kind = 'statement' THEN o.ship_town ELSE '' END,
        CASE WHEN kind = 'statement' THEN o.ship_postcode ELSE '' END,
        o.title, o.year, o.medium, o.material, o.width, o.height, o.depth, o.edition, o.edition_size, o.edition_number,
        o.price, o.delivery, o.cover, o.total, p.fee, o.commission_rate, o.collection
    FROM orders o JOIN payments p ON p.order_id = o.id AND p.state = 'settled', unnest(ARRAY['receipt', 'statement']) kind
    WHERE o.paid_at IS NOT NULL ORDER BY o.paid_at, o.id, kind;
INSERT INTO paper_counters (artist_id, kind, last) SELECT artist_id, kind, max(number) FROM papers GROUP BY 1, 2;

-- +goose StatementBegin
CREATE FUNCTION papers_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'papers are not changed: issue a credit note' USING ERRCODE = 'check_violation', CONSTRAINT = 'papers_kept', TABLE = 'papers';
END $$;
-- +goose StatementEnd
CREATE TRIGGER papers_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON papers FOR EACH STATEMENT EXECUTE FUNCTION papers_kept();

-- Where collectors who pay an artist directly send the money. What is sealed can be
-- read with the market's secret alone.
CREATE TABLE bank_details (
    artist_id  bigint PRIMARY KEY REFERENCES members,
    sealed     bytea NOT NULL,
    ending     text NOT NULL CHECK (ending ~ '^[0-9A-Z]{4}$'), -- of the account, for papers
    changed_at timestamptz NOT NULL
);
ALTER TABLE orders
    ADD COLUMN direct boolean NOT NULL DEFAULT false, -- it is paid to the artist by hand
    ADD COLUMN transfer_sent_at timestamptz,          -- the collector's word
    ADD COLUMN transfer_missing_at timestamptz,       -- the artist's: it has not come
    ADD CONSTRAINT orders_transfer CHECK (transfer_sent_at IS NULL OR direct),
    ADD CONSTRAINT orders_transfer_missing CHECK (transfer_missing_at IS NULL OR transfer_sent_at IS NOT NULL);
CREATE INDEX payments_direct ON payments (order_id, opened_at) WHERE gateway = 'direct';
ALTER TABLE order_events
    DROP CONSTRAINT order_events_kind_check,
    ADD CONSTRAINT order_events_kind_check CHECK (kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid',
        'payment declined', 'sold out', 'shipped', 'completed', 'joined the line', 'put in line', 'promoted',
        'lapsed by artist', 'lapsed by collector', 'price lowered', 'reminded', 'overdue',
        'money back', 'cancellation asked', 'cancellation refused', 'called off', 'part refund', 'refunded', 'refund failed',
        'charged back', 'charge-back won', 'charge-back lost', 'piece back', 'piece gone', 'turn came',
        'transfer sent', 'transfer missing'));
