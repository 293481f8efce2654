-- +goose Up
-- Letters that tell a member what somebody who found a browser signed in could
-- have done. The one about another email goes to the old one: sent_to is set when
-- it is posted.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('order', 'password reset', 'password changed', 'email changed', 'bank details changed',
                                                     'digest confirmation', 'digest', 'searches', 'messages', 'test')),
    ADD CONSTRAINT outbox_old_address CHECK (kind <> 'email changed' OR sent_to <> '');
