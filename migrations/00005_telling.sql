-- +goose Up
-- What one event says to the other party. The actor is never told of its own act.
CREATE TABLE notifications (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient_id bigint NOT NULL REFERENCES members,
    event_id     bigint NOT NULL REFERENCES order_events,
    order_id     bigint NOT NULL REFERENCES orders,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz,
    CONSTRAINT notifications_once_key UNIQUE (event_id, recipient_id)
);
CREATE INDEX notifications_recipient ON notifications (recipient_id, id DESC);
CREATE INDEX notifications_unseen ON notifications (recipient_id) WHERE seen_at IS NULL;
CREATE INDEX notifications_order ON notifications (order_id, recipient_id) WHERE seen_at IS NULL;

-- Letters to send: written with the change they tell of, sent afterwards.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_key   text NOT NULL UNIQUE,
    kind         text NOT NULL CHECK (kind IN ('order', 'password reset', 'password changed')),
    recipient_id bigint NOT NULL REFERENCES members,
    event_id     bigint REFERENCES order_events,
    reset_id     uuid REFERENCES password_resets,
    state        text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL,
    last_error   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    sent_at      timestamptz
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_recent ON outbox (id DESC);
