-- +goose Up
-- What two people say to each other about a work: somebody who asks, and its
-- artist. All that the asker orders of the work belongs to it.
CREATE TABLE conversations (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artwork_id      bigint NOT NULL REFERENCES artworks,
    asker_id        bigint NOT NULL REFERENCES members,
    artist_id       bigint NOT NULL REFERENCES members,
    created_at      timestamptz NOT NULL,
    last_at         timestamptz,               -- of the last message; NULL while nothing was said
    last_message_id bigint NOT NULL DEFAULT 0,
    asker_read      bigint NOT NULL DEFAULT 0, -- the last message that each has seen
    artist_read     bigint NOT NULL DEFAULT 0,
    CONSTRAINT conversations_key UNIQUE (artwork_id, asker_id),
    CONSTRAINT conversations_two_people CHECK (asker_id <> artist_id)
);
CREATE INDEX conversations_asker ON conversations (asker_id, last_at DESC, id DESC) WHERE last_at IS NOT NULL;
CREATE INDEX conversations_artist ON conversations (artist_id, last_at DESC, id DESC) WHERE last_at IS NOT NULL;

-- Messages of a conversation are written one after another under its lock: ids
-- and times grow together. The key is the form's, so that one form is one message.
CREATE TABLE messages (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    sender_id       bigint NOT NULL REFERENCES members,
    key             uuid NOT NULL,
    text            text NOT NULL CHECK (char_length(text) <= 2000),
    alike           bytea CHECK (octet_length(alike) = 32), -- the same for texts that say the same; NULL for short ones
    at              timestamptz NOT NULL,
    CONSTRAINT messages_form_key UNIQUE (sender_id, key)
);
CREATE INDEX messages_thread ON messages (conversation_id, at DESC, id DESC);
CREATE INDEX messages_newer ON messages (conversation_id, id);
CREATE INDEX messages_alike ON messages (alike, at) WHERE alike IS NOT NULL;

-- A photograph may be a message's: then only the two who talk see it.
ALTER TABLE images
    ADD COLUMN message_id bigint REFERENCES messages,
    ADD CONSTRAINT images_one_place CHECK (artwork_id IS NULL OR message_id IS NULL);
CREATE UNIQUE INDEX images_message_key ON images (message_id, position) WHERE message_id IS NOT NULL;
DROP INDEX images_loose;
CREATE INDEX images_loose ON images (created_at) WHERE artwork_id IS NULL AND message_id IS NULL;

-- One notification stands for all that was not read of a conversation.
ALTER TABLE notifications
    ADD COLUMN conversation_id bigint REFERENCES conversations,
    ADD CONSTRAINT notifications_conversation_alone CHECK (conversation_id IS NULL OR (event_id IS NULL AND announcement_id IS NULL));
CREATE UNIQUE INDEX notifications_conversation_key ON notifications (conversation_id, recipient_id)
    WHERE conversation_id IS NOT NULL AND seen_at IS NULL;

-- A letter with what was not read in time. Which messages it holds is fixed when
-- it is first claimed; until then one letter waits for a conversation and reader.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('order', 'password reset', 'password changed', 'digest confirmation', 'digest',
                                                     'searches', 'messages')),
    ADD COLUMN conversation_id  bigint REFERENCES conversations,
    ADD COLUMN after_message_id bigint,
    ADD COLUMN upto_message_id  bigint,
    ADD CONSTRAINT outbox_messages CHECK ((kind = 'messages') = (conversation_id IS NOT NULL));
CREATE UNIQUE INDEX outbox_unread_key ON outbox (conversation_id, recipient_id)
    WHERE conversation_id IS NOT NULL AND state = 'waiting' AND upto_message_id IS NULL;
CREATE INDEX outbox_conversation ON outbox (conversation_id, recipient_id, upto_message_id) WHERE conversation_id IS NOT NULL;

CREATE INDEX orders_talk ON orders (buyer_id, artwork_id);
