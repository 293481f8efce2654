-- +goose Up
-- A try to pay, as far as its gateway has come with it.
ALTER TABLE payments
    ADD COLUMN fee       bigint NOT NULL DEFAULT 0, -- of the amount, what the market keeps
    ADD COLUMN session   text,                      -- the gateway's name for its page
    ADD COLUMN page      text,                      -- where that is
    ADD COLUMN until     timestamptz,               -- nothing should be taken later
    ADD COLUMN looked_at timestamptz,               -- when the gateway was asked last
    ADD COLUMN charge    text,                      -- its name for the money, of a settled one
    ADD COLUMN refunded  bigint NOT NULL DEFAULT 0, -- of the amount, what goes back or has gone
    ADD CONSTRAINT payments_fee CHECK (fee BETWEEN 0 AND amount),
    ADD CONSTRAINT payments_refunded CHECK (refunded BETWEEN 0 AND amount AND (refunded = 0 OR state = 'settled'));
UPDATE payments SET until = opened_at, charge = CASE WHEN state = 'settled' THEN id::text END;
ALTER TABLE payments ALTER COLUMN until SET NOT NULL, ADD CONSTRAINT payments_charge CHECK (state <> 'settled' OR charge IS NOT NULL);
CREATE UNIQUE INDEX payments_charge_key ON payments (gateway, charge) WHERE state = 'settled';
CREATE INDEX payments_unsettled ON payments (gateway, looked_at NULLS FIRST) WHERE state IN ('open', 'released') AND session IS NOT NULL;

-- Money that goes back. What fails is tried again as a new row.
CREATE TABLE refunds (
    id         uuid PRIMARY KEY, -- told to the gateway
    payment_id uuid NOT NULL REFERENCES payments,
    order_id   bigint NOT NULL REFERENCES orders,
    gateway    text NOT NULL,
    charge     text NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    currency   text NOT NULL,
    fee        bigint NOT NULL CHECK (fee BETWEEN 0 AND amount), -- of it, from what the market kept
    why        text NOT NULL CHECK (why IN ('not settled', 'cannot supply', 'cancelled', 'never sent', 'part')),
    words      text NOT NULL DEFAULT '' CHECK (char_length(words) <= 300),
    state      text NOT NULL CHECK (state IN ('waiting', 'asked', 'done', 'failed')),
    tries      integer NOT NULL DEFAULT 0, -- with this row
    try        integer NOT NULL DEFAULT 1, -- rows that this is the last of
    due_at     timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at  timestamptz,
    CONSTRAINT refunds_closed CHECK ((state IN ('done', 'failed')) = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX refunds_charge_key ON refunds (gateway, charge) WHERE why = 'not settled' AND state <> 'failed';
CREATE UNIQUE INDEX refunds_whole_key ON refunds (payment_id) WHERE why NOT IN ('not settled', 'part') AND state <> 'failed';
CREATE INDEX refunds_order ON refunds (order_id);
CREATE INDEX refunds_due ON refunds (gateway, due_at) WHERE state IN ('waiting', 'asked');

-- Money that a collector's bank has taken back.
CREATE TABLE charge_backs (
    payment_id uuid PRIMARY KEY REFERENCES payments,
    order_id   bigint NOT NULL REFERENCES orders,
    amount     bigint NOT NULL CHECK (amount > 0),
    state      text NOT NULL CHECK (state IN ('open', 'won', 'lost')),
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    CONSTRAINT charge_backs_closed CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX charge_backs_order ON charge_backs (order_id);

-- How an order stands with its money, an axis beside its status.
ALTER TABLE orders
    ADD COLUMN payment text NOT NULL DEFAULT 'none'
        CHECK (payment IN ('none', 'processing', 'failed', 'paid', 'part_refunded', 'refunded', 'charged_back')),
    ADD COLUMN cancel_asked_at timestamptz,                    -- the collector asked to call off a paid order
    ADD COLUMN cancel_refused boolean NOT NULL DEFAULT false,  -- and the artist had handed it over
    ADD COLUMN cancel_words text NOT NULL DEFAULT '' CHECK (char_length(cancel_words) <= 300),
    ADD COLUMN piece text NOT NULL DEFAULT '' CHECK (piece IN ('', 'unsure', 'back', 'gone')), -- of a sale that was undone
    ADD CONSTRAINT orders_piece CHECK (piece = '' OR status = 'cancelled');
CREATE INDEX orders_cancellation ON orders (cancel_asked_at) WHERE status = 'ready to ship' AND cancel_asked_at IS NOT NULL AND NOT cancel_refused;
CREATE INDEX orders_piece_unsure ON orders (seller_id) WHERE piece = 'unsure';

-- +goose StatementBegin
CREATE FUNCTION order_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders o SET payment = stands.payment
    FROM (SELECT CASE
            WHEN EXISTS (SELECT FROM charge_backs c WHERE c.order_id = NEW.order_id AND c.state <> 'won') THEN 'charged_back'
            WHEN p.state = 'settled' THEN (
                SELECT CASE COALESCE(sum(r.amount), 0) WHEN 0 THEN 'paid' WHEN p.amount THEN 'refunded' ELSE 'part_refunded' END
                FROM refunds r WHERE r.payment_id = p.id AND r.state = 'done' AND r.why <> 'not settled')
            WHEN p.state = 'open' THEN 'processing'
            WHEN p.state = 'declined' THEN 'failed'
            ELSE 'none' END AS payment
        FROM payments p WHERE p.order_id = NEW.order_id
        ORDER BY (p.state = 'settled') DESC, (p.state = 'open') DESC, p.closed_at DESC LIMIT 1) stands
    WHERE o.id = NEW.order_id AND o.payment <> stands.payment;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER order_payment AFTER INSERT OR UPDATE OF state ON payments FOR EACH ROW EXECUTE FUNCTION order_payment();
CREATE TRIGGER order_payment AFTER INSERT OR UPDATE OF state ON refunds FOR EACH ROW EXECUTE FUNCTION order_payment();
CREATE TRIGGER order_payment AFTER INSERT OR UPDATE OF state ON charge_backs FOR EACH ROW EXECUTE FUNCTION order_payment();
UPDATE orders o SET payment = 'paid' WHERE EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.state = 'settled');
UPDATE orders o SET payment = 'processing' WHERE EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.state = 'open');

-- The books, in double entry: the postings of an entry sum to zero, and nothing is
-- ever changed or taken away. Debits are positive.
CREATE TABLE journal_entries (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_key  text NOT NULL UNIQUE, -- what it is about: booked once
    kind       text NOT NULL CHECK (kind IN ('taken', 'sale', 'payout', 'refund', 'given back', 'charge-back', 'charge-back won')),
    order_id   bigint NOT NULL REFERENCES orders,
    payment_id uuid NOT NULL REFERENCES payments,
    at         timestamptz NOT NULL
);
CREATE INDEX journal_entries_order ON journal_entries (order_id);
CREATE TABLE journal_postings (
    entry_id  bigint NOT NULL REFERENCES journal_entries,
    account   text NOT NULL CHECK (account IN ('gateway', 'collector', 'artist', 'market')),
    member_id bigint REFERENCES members, -- of a collector's or an artist's account
    amount    bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, account),
    CONSTRAINT journal_postings_member CHECK ((member_id IS NOT NULL) = (account IN ('collector', 'artist')))
);
CREATE INDEX journal_postings_account ON journal_postings (member_id, entry_id) WHERE member_id IS NOT NULL;
INSERT INTO journal_entries (entry_key, kind, order_id, payment_id, at)
    SELECT kind || ' ' || p.id, kind, p.order_id, p.id, p.closed_at FROM payments p, unnest(ARRAY['taken', 'sale', 'payout']) kind WHERE p.state = 'settled'
    ORDER BY p.closed_at, p.id, array_position(ARRAY['taken', 'sale', 'payout'], kind);
INSERT INTO journal_postings (entry_id, account, member_id, amount)
    SELECT e.id, side.account, side.member, side.amount
    FROM journal_entries e JOIN payments p ON p.id = e.payment_id JOIN orders o ON o.id = e.order_id,
        LATERAL (VALUES ('taken', 'gateway', NULL, p.amount), ('taken', 'collector', o.buyer_id, -p.amount),
                        ('sale', 'collector', o.buyer_id, p.amount), ('sale', 'artist', o.seller_id, -p.amount),
                        ('payout', 'artist', o.seller_id, p.amount), ('payout', 'gateway', NULL, -p.amount)) side (kind, account, member, amount)
    WHERE side.kind = e.kind;
-- +goose StatementBegin
CREATE FUNCTION journal_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM journal_postings WHERE entry_id IN (SELECT entry_id FROM posted) GROUP BY entry_id HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'an entry of the journal does not sum to zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION journal_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is not changed: book the contrary' USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_kept';
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_balanced AFTER INSERT ON journal_postings REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION journal_balanced();
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE ON journal_postings FOR EACH ROW EXECUTE FUNCTION journal_kept();
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE ON journal_entries FOR EACH ROW EXECUTE FUNCTION journal_kept();

ALTER TABLE order_events
    DROP CONSTRAINT order_events_kind_check,
    ADD CONSTRAINT order_events_kind_check CHECK (kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid',
        'payment declined', 'sold out', 'shipped', 'completed', 'joined the line', 'put in line', 'promoted',
        'lapsed by artist', 'lapsed by collector', 'price lowered', 'reminded', 'overdue', 'turn came',
        'money back', 'cancellation asked', 'cancellation refused', 'called off', 'part refund', 'refunded', 'refund failed',
        'charged back', 'charge-back won', 'charge-back lost', 'piece back', 'piece gone'));
DROP INDEX order_events_step_key;
CREATE UNIQUE INDEX order_events_step_key ON order_events (order_id, status)
    WHERE kind IN ('requested', 'accepted', 'declined', 'cancelled', 'paid', 'shipped', 'completed', 'joined the line',
        'lapsed by artist', 'lapsed by collector');
DROP INDEX order_events_once_key;
CREATE UNIQUE INDEX order_events_once_key ON order_events (order_id, kind) WHERE kind IN ('put in line', 'promoted', 'overdue', 'turn came',
    'cancellation asked', 'cancellation refused', 'called off', 'piece back', 'piece gone');
