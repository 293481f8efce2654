-- +goose Up
-- An order keeps a snapshot of all that was agreed: what the work was, what it
-- costs, who asked and where it goes. Later edits of the work never move it.
CREATE TABLE orders (
    id               bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) PRIMARY KEY,
    artwork_id       bigint NOT NULL REFERENCES artworks,
    buyer_id         bigint NOT NULL REFERENCES members,
    seller_id        bigint NOT NULL REFERENCES members,
    status           text NOT NULL CHECK (status IN ('pending', 'accepted', 'ready to ship', 'shipped', 'completed', 'cancelled')),
    version          integer NOT NULL DEFAULT 1,
    request_key      uuid NOT NULL UNIQUE,

    price            bigint NOT NULL CHECK (price > 0),
    delivery         bigint NOT NULL CHECK (delivery >= 0),
    cover            bigint NOT NULL CHECK (cover >= 0),
    total            bigint NOT NULL CHECK (total = price + delivery + cover),

    title            text NOT NULL,
    year             integer NOT NULL,
    medium           text NOT NULL,
    material         text NOT NULL,
    width            integer NOT NULL,
    height           integer NOT NULL,
    depth            integer,
    weight           integer,
    edition          text NOT NULL,
    edition_size     integer,
    edition_number   integer CHECK (edition_number > 0),
    image_key        text NOT NULL DEFAULT '',
    image_width      integer NOT NULL DEFAULT 0,
    image_height     integer NOT NULL DEFAULT 0,
    artist_name      text NOT NULL,
    buyer_name       text NOT NULL,
    ship_address     text NOT NULL,
    ship_town        text NOT NULL,
    ship_postcode    text NOT NULL,
    from_postcode    text NOT NULL,

    note             text NOT NULL DEFAULT '' CHECK (char_length(note) <= 500),
    reason           text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 40),
    reason_words     text NOT NULL DEFAULT '' CHECK (char_length(reason_words) <= 300),
    cancelled_by     text CHECK (cancelled_by IN ('artist', 'collector')),
    carrier          text NOT NULL DEFAULT '' CHECK (char_length(carrier) <= 50),
    tracking         text NOT NULL DEFAULT '' CHECK (char_length(tracking) <= 60),

    viewed_by_buyer  boolean NOT NULL DEFAULT true,
    viewed_by_seller boolean NOT NULL DEFAULT true,

    created_at       timestamptz NOT NULL,
    accepted_at      timestamptz,
    paid_at          timestamptz,
    shipped_at       timestamptz,
    completed_at     timestamptz,
    cancelled_at     timestamptz,

    CONSTRAINT orders_two_people CHECK (buyer_id <> seller_id),
    CONSTRAINT orders_shipped_how CHECK (shipped_at IS NULL OR carrier <> '')
);
-- One live request a collector and work.
CREATE UNIQUE INDEX orders_live_request_key ON orders (buyer_id, artwork_id) WHERE status IN ('pending', 'accepted');
CREATE UNIQUE INDEX orders_edition_number_key ON orders (artwork_id, edition_number) WHERE edition_number IS NOT NULL;
CREATE INDEX orders_seller ON orders (seller_id, id DESC);
CREATE INDEX orders_seller_status ON orders (seller_id, status, id DESC);
CREATE INDEX orders_buyer ON orders (buyer_id, id DESC);
CREATE INDEX orders_buyer_status ON orders (buyer_id, status, id DESC);
CREATE INDEX orders_artwork ON orders (artwork_id);
CREATE INDEX orders_shipped ON orders (shipped_at) WHERE status = 'shipped';

CREATE TABLE order_events (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders,
    kind     text NOT NULL CHECK (kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid',
                                           'payment declined', 'sold out', 'shipped', 'completed')),
    status   text NOT NULL,
    actor_id bigint REFERENCES members,
    at       timestamptz NOT NULL
);
CREATE INDEX order_events_order ON order_events (order_id, id);
-- A status is entered once in an order's life.
CREATE UNIQUE INDEX order_events_step_key ON order_events (order_id, status)
    WHERE kind NOT IN ('payment declined', 'sold out');

-- One try to pay. At most one is open and at most one settled an order.
CREATE TABLE payments (
    id         uuid PRIMARY KEY,
    order_id   bigint NOT NULL REFERENCES orders,
    amount     bigint NOT NULL CHECK (amount > 0),
    currency   text NOT NULL CHECK (currency = 'GBP'),
    gateway    text NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'settled', 'declined', 'released')),
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    CONSTRAINT payments_closed CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX payments_open_key ON payments (order_id) WHERE state = 'open';
CREATE UNIQUE INDEX payments_settled_key ON payments (order_id) WHERE state = 'settled';

-- What the gateway said, once an event, whatever how often it repeats itself.
CREATE TABLE payment_events (
    gateway     text NOT NULL,
    event_id    text NOT NULL CHECK (char_length(event_id) <= 255),
    kind        text NOT NULL,
    payment_id  uuid NOT NULL REFERENCES payments,
    outcome     text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (gateway, event_id)
);
