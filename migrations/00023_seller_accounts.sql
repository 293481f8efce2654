-- +goose Up
-- The account into which a gateway pays an artist. The key is written before the
-- gateway is asked to open one, so that one artist has one, however often it is
-- asked.
CREATE TABLE seller_accounts (
    member_id  bigint NOT NULL REFERENCES members,
    gateway    text NOT NULL,
    key        uuid NOT NULL,
    account    text,                           -- the gateway's name for it; NULL while none is open
    ready      boolean NOT NULL DEFAULT false, -- money reaches the artist
    wanting    text[] NOT NULL DEFAULT '{}',   -- what the gateway still asks for, in plain words
    changed_at timestamptz NOT NULL,           -- when the gateway was asked last
    CONSTRAINT seller_accounts_pkey PRIMARY KEY (member_id, gateway),
    CONSTRAINT seller_accounts_account_key UNIQUE (gateway, account),
    CONSTRAINT seller_accounts_ready CHECK (account IS NOT NULL OR NOT ready)
);
