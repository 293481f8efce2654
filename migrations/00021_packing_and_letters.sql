-- +goose Up
-- What carriers say of art, as far as somebody has read it, and where. Terms
-- change: the operator keeps these lines with `openstudio packing`. Weights are in
-- hundredths of a kilogram, lengths in hundredths of a centimetre.
CREATE TABLE packing_carriers (
    place         integer PRIMARY KEY, -- in the list, from 1
    name          text NOT NULL CHECK (name <> '' AND char_length(name) <= 50),
    art           text NOT NULL CHECK (art IN ('carried', 'not covered', 'refused', 'ask')),
    words         text NOT NULL CHECK (char_length(words) <= 300),
    source        text NOT NULL DEFAULT '' CHECK (char_length(source) <= 300 AND (source = '' OR source ~ '^https?://')),
    heaviest      integer CHECK (heaviest > 0), -- NULL: not known
    longest       integer CHECK (longest > 0),
    limits_source text NOT NULL DEFAULT '' CHECK (char_length(limits_source) <= 300 AND (limits_source = '' OR limits_source ~ '^https?://')),
    read_on       date                          -- NULL: nobody has read it
);
CREATE UNIQUE INDEX packing_carriers_name_key ON packing_carriers (lower(name));

-- What a work is packed in, by what it is.
CREATE TABLE packing_materials (
    place integer PRIMARY KEY,
    packs text NOT NULL CHECK (packs IN ('everything', 'paper', 'flat', 'textile', 'solid', 'heavy')),
    words text NOT NULL CHECK (words <> '' AND char_length(words) <= 300)
);

INSERT INTO packing_carriers (place, name, art, words, source, heaviest, longest, limits_source, read_on) VALUES
    (1, 'Art courier', 'carried', 'Ask what its insurance covers and who packs.', '', NULL, NULL, '', NULL),
    (2, 'By hand', 'carried', 'You bring it yourself, or it is fetched.', '', NULL, NULL, '', NULL),
    (3, 'Royal Mail', 'ask', 'Nothing sure was found about art, nor what is paid when it is damaged.', '',
        2000, 6100, 'https://www.boxtopia.co.uk/cardboard-box-size-guide/royal-mail-parcel-sizes', '2026-11-26'),
    (4, 'Parcelforce', 'ask', 'Keeps a list of things that it pays nothing for. Whether your work is on it was not sure.',
        'https://www.parcelforce.com/help-and-advice/sending/items-we-exclude-compensation',
        3000, 25000, 'https://www.boxtopia.co.uk/cardboard-box-size-guide/royal-mail-parcel-sizes', '2026-11-26'),
    (5, 'DHL', 'ask', 'The terms of DHL Express that were read do not name art among what is refused; those of DHL Freight in the United Kingdom do.',
        'https://mydhl.express.dhl/de/en/shipment/terms-and-conditions.html', NULL, NULL, '', '2026-11-26'),
    (6, 'FedEx', 'ask', 'Its conditions limit what is paid. Whether and for how much it carries art from here was not sure.',
        'https://fedex.com/en-lv/conditions-of-carriage.html', NULL, NULL, '', '2026-11-26'),
    (7, 'Evri', 'not covered', 'Carries paintings, prints, canvases and ceramics, but pays nothing when they are lost or damaged.',
        'https://www.evri.com/send/what-i-can-and-cannot-send',
        1500, 12000, 'https://support-paypal.packlink.com/hc/en-gb/articles/360016571339-EVRi', '2026-11-26'),
    (8, 'DPD', 'refused', 'Its list for parcels that people send themselves was reported to name art among what it does not carry.',
        'https://www.dailymail.co.uk/news/article-8474869/Lampshades-clothes-face-creams-spectacles-things-DPD-WONT-deliver.html',
        NULL, NULL, '', '2026-11-26'),
    (9, 'UPS', 'refused', 'A list of what it does not carry from Europe names works of art, as articles of exceptional value.',
        'https://www.en.balikdozahranici.cz/prohibited-exports', NULL, NULL, '', '2026-11-26');

INSERT INTO packing_materials (place, packs, words) VALUES
    (1, 'paper', 'Acid-free tissue or glassine around the sheet'),
    (2, 'paper', 'Two stiff boards, larger than the sheet by 5 cm on each side, taped together; the sheet held at its corners, never taped itself'),
    (3, 'flat', 'Acid-free tissue or glassine over the front; no bubble wrap on paint, it leaves its pattern'),
    (4, 'flat', 'Tape in a star over glass, if there is glass'),
    (5, 'flat', 'A guard for each corner, and a board of stiff card or thin plywood over the front and the back'),
    (6, 'textile', 'Acid-free tissue on both sides, rolled around a tube rather than folded'),
    (7, 'solid', 'Tissue first, then two layers of bubble wrap; hollows and parts that stand out filled and held'),
    (8, 'solid', 'A close inner box, in the middle of the outer one'),
    (9, 'everything', 'A plastic bag or sheet around it all, closed against rain'),
    (10, 'everything', 'Foam or bubble wrap to fill the space on every side, so that nothing moves when you shake the box'),
    (11, 'everything', 'A new box of double-walled card, every seam taped in an H'),
    (12, 'everything', 'Both addresses once more inside the box'),
    (13, 'heavy', 'A box rated for the weight, or a crate of plywood; write the weight on two sides');

-- A photograph may be of a packed work: then it belongs to an order, at most four
-- to one. Its artist alone sees it until the order is dispatched, from then on
-- both do, and nobody changes it.
ALTER TABLE images
    ADD COLUMN order_id bigint REFERENCES orders,
    DROP CONSTRAINT images_one_place,
    ADD CONSTRAINT images_one_place CHECK (num_nonnulls(artwork_id, message_id, order_id) <= 1),
    ADD CONSTRAINT images_packed_four CHECK (order_id IS NULL OR position BETWEEN 0 AND 3);
CREATE UNIQUE INDEX images_order_key ON images (order_id, position) WHERE order_id IS NOT NULL;
DROP INDEX images_loose;
CREATE INDEX images_loose ON images (created_at) WHERE artwork_id IS NULL AND message_id IS NULL AND order_id IS NULL;

-- +goose StatementBegin
CREATE FUNCTION packed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
BEGIN
    -- The order is locked, so that nothing is added while it is dispatched.
    FOR stands IN SELECT status FROM orders
        WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.order_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.order_id END) FOR SHARE
    LOOP
        IF stands <> 'ready to ship' THEN
            RAISE EXCEPTION 'photographs of a packed work stay as they are' USING ERRCODE = 'check_violation', CONSTRAINT = 'images_packed_stays';
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
CREATE TRIGGER packed_added BEFORE INSERT ON images FOR EACH ROW WHEN (NEW.order_id IS NOT NULL) EXECUTE FUNCTION packed_stays();
CREATE TRIGGER packed_moved BEFORE UPDATE OF order_id, position, alt, artwork_id, message_id ON images FOR EACH ROW
    WHEN (OLD.order_id IS NOT NULL OR NEW.order_id IS NOT NULL) EXECUTE FUNCTION packed_stays();
CREATE TRIGGER packed_gone BEFORE DELETE ON images FOR EACH ROW WHEN (OLD.order_id IS NOT NULL) EXECUTE FUNCTION packed_stays();

-- Addresses from which letters come back. What a mail server said is in
-- outbox.last_error; here is only its code, which pages put into words.
CREATE TABLE troubled_addresses (
    email  text PRIMARY KEY CHECK (email = lower(email)),
    kind   text NOT NULL CHECK (kind IN ('refused', 'returned', 'given up')),
    code   text NOT NULL CHECK (code ~ '^([45]\.[0-9]{1,3}\.[0-9]{1,3}|[45][0-9]{2})?$'),
    since  timestamptz NOT NULL,
    letter bigint REFERENCES outbox
);

-- A letter to try an address, and letters that came back. An address is kept as it
-- was when a letter was sent: a report that comes later is about that one.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('order', 'password reset', 'password changed', 'digest confirmation', 'digest',
                                                     'searches', 'messages', 'test')),
    DROP CONSTRAINT outbox_state_check,
    ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'failed', 'dropped', 'returned')),
    ADD COLUMN sent_to text NOT NULL DEFAULT '' CHECK (char_length(sent_to) <= 254);
CREATE INDEX outbox_reader ON outbox (recipient_id) WHERE conversation_id IS NOT NULL AND state = 'waiting';
