-- +goose Up
-- Locks a work when a piece of it is free, and says whether one is. When many come
-- for the last piece at once, those who do not get it let go of the work here, and
-- not only when they have been told: none of them keeps the next one waiting.
-- +goose StatementBegin
CREATE FUNCTION lock_free_piece(work bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM artworks WHERE id = work FOR UPDATE;
    IF (SELECT quantity > held FROM artworks WHERE id = work) THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'no piece is free' USING ERRCODE = 'no_data_found'; -- gives the lock back
EXCEPTION
    WHEN no_data_found THEN
        RETURN false;
END $$;
-- +goose StatementEnd
