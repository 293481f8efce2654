-- +goose Up
-- Of a charge-back, what the market gives back of its commission. Those that were
-- booked before were booked as the artist's alone.
ALTER TABLE charge_backs ADD COLUMN fee bigint NOT NULL DEFAULT 0, ADD CONSTRAINT charge_backs_fee CHECK (fee BETWEEN 0 AND amount);

-- The artist's part of a charge-back, on its way out of the artist's account at the
-- gateway and, when the bank decides for the artist, back into it. There are none of
-- charge-backs that are older than this table.
CREATE TABLE recoveries (
    id         uuid PRIMARY KEY, -- told to the gateway
    payment_id uuid NOT NULL UNIQUE REFERENCES payments,
    order_id   bigint NOT NULL REFERENCES orders,
    gateway    text NOT NULL,
    charge     text NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    taken      bigint NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND amount), -- of it
    currency   text NOT NULL,
    state      text NOT NULL CHECK (state IN ('due', 'looking', 'taken', 'returning', 'returned', 'dropped')),
    tries      integer NOT NULL DEFAULT 0,
    try        integer NOT NULL DEFAULT 1, -- one more with each refusal
    due_at     timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX recoveries_order ON recoveries (order_id);
CREATE INDEX recoveries_due ON recoveries (gateway, due_at) WHERE state IN ('due', 'looking', 'returning');

ALTER TABLE journal_entries
    DROP CONSTRAINT journal_entries_kind_check,
    ADD CONSTRAINT journal_entries_kind_check CHECK (kind IN ('taken', 'sale', 'payout', 'refund', 'given back',
        'charge-back', 'charge-back won', 'recovered', 'passed on'));

-- What somebody gives back on the gateway's own pages, once by the gateway's name
-- for it.
ALTER TABLE refunds
    ADD COLUMN name text,
    DROP CONSTRAINT refunds_why_check,
    ADD CONSTRAINT refunds_why_check CHECK (why IN ('not settled', 'cannot supply', 'cancelled', 'never sent', 'part', 'by hand')),
    ADD CONSTRAINT refunds_name CHECK ((why = 'by hand') = (name IS NOT NULL));
CREATE UNIQUE INDEX refunds_name_key ON refunds (gateway, name) WHERE name IS NOT NULL;
DROP INDEX refunds_whole_key;
CREATE UNIQUE INDEX refunds_whole_key ON refunds (payment_id) WHERE why NOT IN ('not settled', 'part', 'by hand') AND state <> 'failed';
