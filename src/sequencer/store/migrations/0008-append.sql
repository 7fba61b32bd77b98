-- Events enter by proofx.append_events alone, which holds the row of their stream and refuses when there is none. The foreign key
-- asked for that row again for each event, a tenth of the database's work. What it kept besides is kept on the streams' side.
ALTER TABLE proofx.events DROP CONSTRAINT events_tenant_id_store_id_fkey;

CREATE FUNCTION proofx.keep_stream() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM proofx.events WHERE tenant_id = OLD.tenant_id AND store_id = OLD.store_id) THEN
    RAISE EXCEPTION 'proofx: a stream with events stays, under its name' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_stream BEFORE DELETE OR UPDATE OF tenant_id, store_id ON proofx.streams
  FOR EACH ROW EXECUTE FUNCTION proofx.keep_stream();

-- As before, with each data key's number read once a group and not once a record.
CREATE OR REPLACE FUNCTION proofx.hold_data_keys(p_tenant uuid, p_records bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  named bigint[];
BEGIN
  SELECT array_agg(('x' || encode(number, 'hex'))::bit(64)::bigint) INTO named
    FROM (SELECT DISTINCT substring(record FROM 5 FOR 8) AS number
      FROM unnest(p_records) AS record WHERE substring(record FROM 1 FOR 4) = 'SSE2') AS numbers;
  PERFORM FROM proofx.data_keys WHERE data_key_id = ANY (named) FOR KEY SHARE;
  IF (SELECT count(*) FROM proofx.data_keys
      WHERE data_key_id = ANY (named) AND tenant_id = p_tenant AND wrapped IS NOT NULL) < cardinality(named) THEN
    RAISE EXCEPTION 'proofx: a record is sealed with a data key that was destroyed' USING ERRCODE = 'PX001';
  END IF;
END $$;
