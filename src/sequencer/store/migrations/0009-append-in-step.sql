-- As before, with the columns taken apart in step, row by row: each had been written out whole first, a sixth of this function's work.
CREATE OR REPLACE FUNCTION proofx.append_events(
  p_tenant uuid, p_store uuid, p_start bigint,
  p_event_id uuid[], p_ves_version smallint[], p_source_agent_id uuid[], p_agent_key_id bigint[],
  p_entity_type text[], p_entity_id text[], p_event_type text[], p_created_at text[],
  p_command_id uuid[], p_base_version text[], p_facts_commitment bytea[],
  p_payload_kind smallint[], p_payload bytea[], p_payload_plain_hash bytea[], p_payload_cipher_hash bytea[],
  p_agent_signature bytea[], p_signing_hash bytea[], p_leaf bytea[], p_entity_version bigint[],
  p_sequenced_at bigint[], p_receipt_key_id integer[], p_receipt_signature bytea[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  n bigint := cardinality(p_event_id);
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  UPDATE proofx.streams SET head = head + n
    WHERE tenant_id = p_tenant AND store_id = p_store AND head = p_start - 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'proofx: events must begin right after the head' USING ERRCODE = 'serialization_failure';
  END IF;
  PERFORM proofx.hold_data_keys(p_tenant, p_payload);
  INSERT INTO proofx.events
  SELECT p_tenant, p_store, p_start + generate_series(0, n - 1),
    unnest(p_event_id), unnest(p_ves_version), unnest(p_source_agent_id), unnest(p_agent_key_id),
    unnest(p_entity_type), unnest(p_entity_id), unnest(p_event_type), unnest(p_created_at),
    unnest(p_command_id), unnest(p_base_version)::numeric, unnest(p_facts_commitment),
    unnest(p_payload_kind), unnest(p_payload), unnest(p_payload_plain_hash), unnest(p_payload_cipher_hash),
    unnest(p_agent_signature), unnest(p_signing_hash), unnest(p_leaf), unnest(p_entity_version),
    unnest(p_sequenced_at), unnest(p_receipt_key_id), unnest(p_receipt_signature);
  RETURN p_start + n - 1;
END $$;
