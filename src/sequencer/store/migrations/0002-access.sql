-- Who may do what: functions through which the log grows, grants, and the tenant's border.

-- Takes the stream for this transaction: whoever comes next waits for its end.
CREATE FUNCTION proofx.lock_stream(p_tenant uuid, p_store uuid)
RETURNS TABLE (head bigint, key_epoch bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  RETURN QUERY SELECT s.head, s.key_epoch FROM proofx.streams s
    WHERE s.tenant_id = p_tenant AND s.store_id = p_store FOR UPDATE;
END $$;

CREATE FUNCTION proofx.require_tenant(p_tenant uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_tenant IS DISTINCT FROM proofx.current_tenant() THEN
    RAISE EXCEPTION 'proofx: this transaction works for another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- Holds the data keys that records are sealed with (docs/at-rest.md) until this transaction ends, and refuses one that was destroyed:
-- its payload would be lost in the moment it is acknowledged.
CREATE FUNCTION proofx.hold_data_keys(p_tenant uuid, p_records bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  named bigint[];
BEGIN
  SELECT array_agg(DISTINCT ('x' || encode(substring(record FROM 5 FOR 8), 'hex'))::bit(64)::bigint) INTO named
    FROM unnest(p_records) AS record WHERE substring(record FROM 1 FOR 4) = 'SSE2';
  PERFORM FROM proofx.data_keys WHERE data_key_id = ANY (named) FOR KEY SHARE;
  IF (SELECT count(*) FROM proofx.data_keys
      WHERE data_key_id = ANY (named) AND tenant_id = p_tenant AND wrapped IS NOT NULL) < cardinality(named) THEN
    RAISE EXCEPTION 'proofx: a record is sealed with a data key that was destroyed' USING ERRCODE = 'PX001';
  END IF;
END $$;

CREATE FUNCTION proofx.hold_data_key_of_proof() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.hold_data_keys(NEW.tenant_id, ARRAY[NEW.proof]);
  RETURN NEW;
END $$;
CREATE TRIGGER hold_data_key BEFORE INSERT ON proofx.compliance_proofs
  FOR EACH ROW EXECUTE FUNCTION proofx.hold_data_key_of_proof();

-- Appends events to a stream, or refuses all: they begin right after the head and leave no gap.
-- The parallel arrays hold a column each; base_version is text, since a u64 is larger than any integer here.
CREATE FUNCTION proofx.append_events(
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
  SELECT p_tenant, p_store, p_start + u.place - 1,
    u.event_id, u.ves_version, u.source_agent_id, u.agent_key_id,
    u.entity_type, u.entity_id, u.event_type, u.created_at,
    u.command_id, u.base_version::numeric, u.facts_commitment,
    u.payload_kind, u.payload, u.payload_plain_hash, u.payload_cipher_hash,
    u.agent_signature, u.signing_hash, u.leaf, u.entity_version,
    u.sequenced_at, u.receipt_key_id, u.receipt_signature
  FROM ROWS FROM (
    unnest(p_event_id), unnest(p_ves_version), unnest(p_source_agent_id), unnest(p_agent_key_id),
    unnest(p_entity_type), unnest(p_entity_id), unnest(p_event_type), unnest(p_created_at),
    unnest(p_command_id), unnest(p_base_version), unnest(p_facts_commitment),
    unnest(p_payload_kind), unnest(p_payload), unnest(p_payload_plain_hash), unnest(p_payload_cipher_hash),
    unnest(p_agent_signature), unnest(p_signing_hash), unnest(p_leaf), unnest(p_entity_version),
    unnest(p_sequenced_at), unnest(p_receipt_key_id), unnest(p_receipt_signature)
  ) WITH ORDINALITY AS u (
    event_id, ves_version, source_agent_id, agent_key_id, entity_type, entity_id, event_type, created_at,
    command_id, base_version, facts_commitment, payload_kind, payload, payload_plain_hash, payload_cipher_hash,
    agent_signature, signing_hash, leaf, entity_version, sequenced_at, receipt_key_id, receipt_signature, place
  );
  RETURN p_start + n - 1;
END $$;

-- Opens a stream; false when it is open already.
CREATE FUNCTION proofx.open_stream(p_tenant uuid, p_store uuid, p_stream_id bytea, p_now bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  INSERT INTO proofx.streams (tenant_id, store_id, stream_id, opened_at)
    VALUES (p_tenant, p_store, p_stream_id, p_now) ON CONFLICT (tenant_id, store_id) DO NOTHING;
  RETURN FOUND;
END $$;

-- Registers a key at the sequence number of the event that says so, which is appended by the same transaction.
CREATE FUNCTION proofx.register_agent_key(
  p_tenant uuid, p_store uuid, p_agent uuid, p_key_id bigint, p_public_key bytea, p_sequence bigint,
  p_replaces bigint, p_retire_after bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  PERFORM proofx.require_registrar_event(p_tenant, p_store, p_sequence, 'proofx.key.registered');
  INSERT INTO proofx.agent_keys (tenant_id, store_id, agent_id, key_id, public_key, registered_at)
    VALUES (p_tenant, p_store, p_agent, p_key_id, p_public_key, p_sequence);
  IF p_replaces IS NOT NULL THEN
    UPDATE proofx.agent_keys SET replaced_by = p_key_id, retire_after = p_retire_after
      WHERE tenant_id = p_tenant AND store_id = p_store AND agent_id = p_agent AND key_id = p_replaces
        AND revoked_at IS NULL AND replaced_by IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'proofx: the key to replace is not in use' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  UPDATE proofx.streams SET key_epoch = key_epoch + 1 WHERE tenant_id = p_tenant AND store_id = p_store;
END $$;

-- Revokes a key for good, at the sequence number of the event that says so.
CREATE FUNCTION proofx.revoke_agent_key(
  p_tenant uuid, p_store uuid, p_agent uuid, p_key_id bigint, p_sequence bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  PERFORM proofx.require_registrar_event(p_tenant, p_store, p_sequence, 'proofx.key.revoked');
  UPDATE proofx.agent_keys SET revoked_at = p_sequence
    WHERE tenant_id = p_tenant AND store_id = p_store AND agent_id = p_agent AND key_id = p_key_id
      AND revoked_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'proofx: no such key is in use' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE proofx.streams SET key_epoch = key_epoch + 1 WHERE tenant_id = p_tenant AND store_id = p_store;
END $$;

CREATE FUNCTION proofx.require_registrar_event(p_tenant uuid, p_store uuid, p_sequence bigint, p_type text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM proofx.events WHERE tenant_id = p_tenant AND store_id = p_store
      AND sequence = p_sequence AND event_type = p_type
  ) THEN
    RAISE EXCEPTION 'proofx: no event of type % at that place', p_type USING ERRCODE = 'check_violation';
  END IF;
END $$;

-- An API key by its prefix: who asks has no tenant yet.
CREATE FUNCTION proofx.find_api_key(p_prefix text)
RETURNS TABLE (api_key_id uuid, tenant_id uuid, hash bytea, role text, agent_id uuid, revoked_at bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.api_key_id, k.tenant_id, k.hash, k.role, k.agent_id, k.revoked_at
  FROM proofx.api_keys k WHERE k.prefix = p_prefix
$$;

-- A tenant's JWT key by its id, for the same reason.
CREATE FUNCTION proofx.find_jwt_key(p_kid text)
RETURNS TABLE (tenant_id uuid, public_key bytea, role text, revoked_at bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.tenant_id, k.public_key, k.role, k.revoked_at FROM proofx.jwt_keys k WHERE k.kid = p_kid
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA proofx FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proofx.current_tenant() TO proofx_app, proofx_anchor, proofx_keeper;
GRANT EXECUTE ON FUNCTION
  proofx.lock_stream, proofx.append_events, proofx.open_stream, proofx.register_agent_key, proofx.revoke_agent_key,
  proofx.find_api_key, proofx.find_jwt_key
TO proofx_app;

GRANT SELECT ON
  proofx.tenants, proofx.streams, proofx.events, proofx.agent_keys, proofx.schemas, proofx.revoked_tokens,
  proofx.service_keys, proofx.identity, proofx.tenant_keys, proofx.data_keys, proofx.batches, proofx.anchors,
  proofx.log_tiles, proofx.checkpoints, proofx.cosignatures, proofx.compliance_proofs, proofx.archives
TO proofx_app;
GRANT INSERT ON
  proofx.schemas, proofx.revoked_tokens, proofx.tenant_keys, proofx.data_keys, proofx.log_tiles, proofx.checkpoints,
  proofx.cosignatures, proofx.compliance_proofs
TO proofx_app;

-- Anchoring sees what a batch is made of, and never a payload.
GRANT SELECT (tenant_id, store_id, sequence, event_id, source_agent_id, facts_commitment, leaf, sequenced_at)
  ON proofx.events TO proofx_anchor;
GRANT SELECT ON proofx.tenants, proofx.streams, proofx.batches, proofx.anchors, proofx.identity, proofx.archives TO proofx_anchor;
GRANT INSERT ON proofx.batches TO proofx_anchor;
GRANT INSERT, UPDATE ON proofx.anchors TO proofx_anchor;

-- The keeper alters what is at rest, never what was signed.
GRANT SELECT ON
  proofx.tenants, proofx.streams, proofx.events, proofx.compliance_proofs, proofx.tenant_keys, proofx.data_keys,
  proofx.keeper_jobs, proofx.identity, proofx.service_keys, proofx.archives, proofx.batches, proofx.anchors,
  proofx.checkpoints, proofx.agent_keys, proofx.api_keys, proofx.jwt_keys, proofx.log_tiles, proofx.cosignatures,
  proofx.schemas, proofx.revoked_tokens
TO proofx_keeper;
GRANT UPDATE (payload) ON proofx.events TO proofx_keeper;
GRANT UPDATE (proof) ON proofx.compliance_proofs TO proofx_keeper;
GRANT INSERT, UPDATE ON proofx.tenant_keys, proofx.data_keys TO proofx_keeper;
GRANT INSERT, UPDATE, DELETE ON proofx.keeper_jobs TO proofx_keeper;
GRANT INSERT ON proofx.archives TO proofx_keeper;
-- Bootstrap by an operator's hand: tenants and their credentials.
GRANT INSERT ON proofx.tenants, proofx.api_keys, proofx.jwt_keys, proofx.identity, proofx.service_keys TO proofx_keeper;
GRANT UPDATE (revoked_at) ON proofx.api_keys, proofx.jwt_keys TO proofx_keeper;
GRANT UPDATE (retired_at) ON proofx.service_keys TO proofx_keeper;

-- The API's border: rows of the transaction's tenant, and no others.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'tenants', 'streams', 'events', 'agent_keys', 'schemas', 'api_keys', 'jwt_keys', 'revoked_tokens', 'tenant_keys', 'data_keys',
    'batches', 'anchors', 'log_tiles', 'checkpoints', 'cosignatures', 'compliance_proofs', 'archives'
  ] LOOP
    EXECUTE format('ALTER TABLE proofx.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON proofx.%I TO proofx_app
      USING (tenant_id = proofx.current_tenant()) WITH CHECK (tenant_id = proofx.current_tenant())', name);
    EXECUTE format('CREATE POLICY every_tenant ON proofx.%I TO proofx_anchor, proofx_keeper USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
