-- +goose Up
-- The delivery zone of a normalised postcode: store/shipping.go's zone, which
-- store/delivered_test.go holds it to.
CREATE FUNCTION postcode_zone(postcode text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN postcode LIKE 'BF%' THEN 1
    WHEN postcode = 'GIR 0AA' THEN 3
    WHEN substring(postcode FROM '^[A-Z]+') = ANY ('{EC,WC,N,E,SE,SW,W,NW,HA,UB}') THEN 1
    WHEN substring(postcode FROM '^[A-Z]+') = ANY ('{BR,CR,DA,KT,ME,RH,SM,TN,TW,AL,CB,CM,CO,EN,HP,IG,LU,RM,SG,SS,B,CV,DY,HR,ST,TF,WR,WS,WV,DE,DN,LE,LN,NG,NN,PE,BN,CT,GU,IP,MK,NR,OX,RG,SL,WD}') THEN 2
    WHEN substring(postcode FROM '^[A-Z]+') = ANY ('{BA,BH,BS,DT,EX,GL,PL,PO,SN,SP,TA,TQ,TR,BD,HD,HG,HU,HX,LS,S,WF,YO,BB,BL,CA,CH,CW,FY,L,LA,M,OL,PR,SK,WA,WN,DH,DL,NE,SR,TS,CF,LD,LL,NP,SA,SY,SO}') THEN 3
    WHEN substring(postcode FROM '^[A-Z]+') = ANY ('{AB,DD,DG,EH,FK,G,HS,IV,KA,KW,KY,ML,PA,PH,TD,ZE,BT}') THEN 4
    WHEN substring(postcode FROM '^[A-Z]+') = ANY ('{GY,JE,IM}') THEN 5
    ELSE 0
END;

-- What one piece costs, delivered, in pence: the total of store/shipping.go's
-- quote, to the penny.
CREATE FUNCTION delivered(price integer, medium text, width integer, height integer, depth integer, weight integer, from_zone integer, to_zone integer)
    RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN medium = 'digital_art' THEN price::bigint ELSE
    price + (price + 50) / 100
    + (500 + 2 * COALESCE(weight, 0) + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) / 10000000) * (10 + 2 * abs(from_zone - to_zone)) / 10
    + ((500 + 2 * COALESCE(weight, 0) + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) / 10000000) * (10 + 2 * abs(from_zone - to_zone)) % 10 * 10000000
       + width::bigint * height * COALESCE(NULLIF(depth, 0), 100) % 10000000 * (10 + 2 * abs(from_zone - to_zone)) + 50000000) / 100000000
END;

-- Whether one of the colours of a palette that takes 15 % of its area or more
-- lies within a distance of 20 (CIE 1976) of a colour, and the mean distance of
-- the palette's area from one. A palette has at most five colours of four
-- numbers: L*, a*, b* and the share.
CREATE FUNCTION has_colour(p real[], l double precision, a double precision, b double precision) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(p[4], 0) >= 0.15 AND (p[1] - l) * (p[1] - l) + (p[2] - a) * (p[2] - a) + (p[3] - b) * (p[3] - b) <= 400
    OR COALESCE(p[8], 0) >= 0.15 AND (p[5] - l) * (p[5] - l) + (p[6] - a) * (p[6] - a) + (p[7] - b) * (p[7] - b) <= 400
    OR COALESCE(p[12], 0) >= 0.15 AND (p[9] - l) * (p[9] - l) + (p[10] - a) * (p[10] - a) + (p[11] - b) * (p[11] - b) <= 400
    OR COALESCE(p[16], 0) >= 0.15 AND (p[13] - l) * (p[13] - l) + (p[14] - a) * (p[14] - a) + (p[15] - b) * (p[15] - b) <= 400
    OR COALESCE(p[20], 0) >= 0.15 AND (p[17] - l) * (p[17] - l) + (p[18] - a) * (p[18] - a) + (p[19] - b) * (p[19] - b) <= 400;

CREATE FUNCTION colour_distance(p real[], l double precision, a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(sqrt((p[1] - l) * (p[1] - l) + (p[2] - a) * (p[2] - a) + (p[3] - b) * (p[3] - b)) * p[4], 0)
    + COALESCE(sqrt((p[5] - l) * (p[5] - l) + (p[6] - a) * (p[6] - a) + (p[7] - b) * (p[7] - b)) * p[8], 0)
    + COALESCE(sqrt((p[9] - l) * (p[9] - l) + (p[10] - a) * (p[10] - a) + (p[11] - b) * (p[11] - b)) * p[12], 0)
    + COALESCE(sqrt((p[13] - l) * (p[13] - l) + (p[14] - a) * (p[14] - a) + (p[15] - b) * (p[15] - b)) * p[16], 0)
    + COALESCE(sqrt((p[17] - l) * (p[17] - l) + (p[18] - a) * (p[18] - a) + (p[19] - b) * (p[19] - b)) * p[20], 0);

-- The cube of L*a*b*, 10 wide, in which a colour lies. NULL for none.
CREATE FUNCTION colour_cell(l real, a real, b real) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (floor(l / 10)::integer * 28 + floor((a + 140) / 10)::integer) * 28 + floor((b + 140) / 10)::integer;

CREATE FUNCTION colour_cells(p real[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_remove(ARRAY[
    CASE WHEN p[4] >= 0.15 THEN colour_cell(p[1], p[2], p[3]) END,
    CASE WHEN p[8] >= 0.15 THEN colour_cell(p[5], p[6], p[7]) END,
    CASE WHEN p[12] >= 0.15 THEN colour_cell(p[9], p[10], p[11]) END,
    CASE WHEN p[16] >= 0.15 THEN colour_cell(p[13], p[14], p[15]) END,
    CASE WHEN p[20] >= 0.15 THEN colour_cell(p[17], p[18], p[19]) END
], NULL);

-- What a work is, in numbers that one index finds: store/facets.go says which.
-- The ten swatches are those of store/colours.go.
CREATE FUNCTION facets_of(medium text, width integer, height integer, year integer, price integer, for_sale boolean, edition text, described boolean, p real[])
    RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_remove(ARRAY[
    array_position('{painting,printmaking,photography,ceramics,sculpture,textile,mixed_media,digital_art}'::text[], medium),
    CASE WHEN abs(width - height) * 20 <= GREATEST(width, height) THEN 13 WHEN width < height THEN 11 ELSE 12 END,
    20 + array_position('{unique,limited,open}'::text[], edition),
    CASE WHEN GREATEST(width, height) < 4000 THEN 31 WHEN GREATEST(width, height) < 8000 THEN 32 WHEN GREATEST(width, height) <= 12000 THEN 33 ELSE 34 END,
    CASE WHEN for_sale THEN 41 END,
    CASE WHEN described THEN 42 END,
    CASE WHEN has_colour(p, 15.3, 1.0, -2.6) THEN 51 END,
    CASE WHEN has_colour(p, 94.5, -0.2, 3.7) THEN 52 END,
    CASE WHEN has_colour(p, 63.6, -0.4, 2.2) THEN 53 END,
    CASE WHEN has_colour(p, 45.0, -5.3, -24.6) THEN 54 END,
    CASE WHEN has_colour(p, 47.6, -20.3, 7.9) THEN 55 END,
    CASE WHEN has_colour(p, 75.4, 6.2, 58.2) THEN 56 END,
    CASE WHEN has_colour(p, 60.7, 25.9, 42.8) THEN 57 END,
    CASE WHEN has_colour(p, 43.9, 43.0, 28.5) THEN 58 END,
    CASE WHEN has_colour(p, 71.9, 19.5, 9.3) THEN 59 END,
    CASE WHEN has_colour(p, 41.1, 10.2, 19.7) THEN 60 END,
    101 + width_bucket(price, '{2000,3000,5000,7500,10000,15000,20000,30000,40000,50000,75000,100000,150000,200000,300000,400000,500000,750000,1000000,1500000,2000000,3000000,5000000}'::integer[]),
    1000 + year / 10
], NULL);

-- What filters need of a work's artist and of its cover, beside the work.
ALTER TABLE artworks
    ADD COLUMN town      text     NOT NULL DEFAULT '',
    ADD COLUMN zone      smallint NOT NULL DEFAULT 0,
    ADD COLUMN described boolean  NOT NULL DEFAULT false, -- the cover has a text
    ADD COLUMN palette   real[]   NOT NULL DEFAULT '{}';  -- the cover's
UPDATE artworks a SET town = m.town, zone = postcode_zone(m.postcode) FROM members m WHERE m.id = a.artist_id;
UPDATE artworks a SET described = i.alt <> '', palette = i.palette FROM images i WHERE i.artwork_id = a.id AND i.position = 0;
ALTER TABLE artworks
    ADD COLUMN longest   integer   GENERATED ALWAYS AS (GREATEST(width, height)) STORED,
    ADD COLUMN nearby    bigint    GENERATED ALWAYS AS (delivered(price, medium, width, height, depth, weight, 0, 0)) STORED, -- delivered within its zone: nowhere for less
    ADD COLUMN facets    integer[] GENERATED ALWAYS AS (facets_of(medium, width, height, year, price, for_sale, edition, described, palette)) STORED,
    ADD COLUMN colours   integer[] GENERATED ALWAYS AS (colour_cells(palette)) STORED;

CREATE INDEX artworks_facets ON artworks USING gin (facets) WHERE state = 'listed';
CREATE INDEX artworks_colours ON artworks USING gin (colours) WHERE state = 'listed';
CREATE INDEX artworks_nearby ON artworks (nearby) WHERE state = 'listed';
CREATE INDEX artworks_longest ON artworks (longest, id) WHERE state = 'listed';
CREATE INDEX artworks_width ON artworks (width, height) WHERE state = 'listed';
CREATE INDEX artworks_height ON artworks (height, width) WHERE state = 'listed';
CREATE INDEX artworks_year ON artworks (year) WHERE state = 'listed';
CREATE INDEX artworks_town ON artworks (lower(town)) WHERE state = 'listed';

-- +goose StatementBegin
CREATE FUNCTION artwork_of_artist() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT town, postcode_zone(postcode) INTO NEW.town, NEW.zone FROM members WHERE id = NEW.artist_id;
    NEW.town := COALESCE(NEW.town, '');
    NEW.zone := COALESCE(NEW.zone, 0);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER artwork_of_artist BEFORE INSERT ON artworks FOR EACH ROW EXECUTE FUNCTION artwork_of_artist();

-- +goose StatementBegin
CREATE FUNCTION artist_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE artworks SET town = NEW.town, zone = postcode_zone(NEW.postcode) WHERE artist_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER artist_moved AFTER UPDATE OF town, postcode ON members FOR EACH ROW
    WHEN (OLD.role = 'artist' AND (OLD.town, OLD.postcode) IS DISTINCT FROM (NEW.town, NEW.postcode)) EXECUTE FUNCTION artist_moved();

-- +goose StatementBegin
CREATE FUNCTION cover_of_artworks(works bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE artworks a SET described = COALESCE(i.alt <> '', false), palette = COALESCE(i.palette, '{}')
    FROM unnest(works) AS c (id) LEFT JOIN images i ON i.artwork_id = c.id AND i.position = 0
    WHERE a.id = c.id AND (a.described, a.palette) IS DISTINCT FROM (COALESCE(i.alt <> '', false), COALESCE(i.palette, '{}'))
$$;
CREATE FUNCTION covers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cover_of_artworks(ARRAY(SELECT DISTINCT artwork_id FROM changed WHERE artwork_id IS NOT NULL ORDER BY artwork_id));
    RETURN NULL;
END $$;
CREATE FUNCTION covers_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cover_of_artworks(ARRAY(
        SELECT artwork_id FROM was WHERE artwork_id IS NOT NULL UNION SELECT artwork_id FROM changed WHERE artwork_id IS NOT NULL ORDER BY 1));
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER covers_added AFTER INSERT ON images REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION covers_changed();
CREATE TRIGGER covers_moved AFTER UPDATE ON images REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION covers_moved();
CREATE TRIGGER covers_gone AFTER DELETE ON images REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION covers_changed();
