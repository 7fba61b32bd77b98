-- Administrative acts, from the moment they happen until the sequencer has written them into the operator's stream. Triggers note
-- them within the act's own transaction: whoever may act in the database cannot do it unnoticed.
CREATE TABLE proofx.acts (
  act_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  act text NOT NULL,
  -- Milliseconds since the epoch, by the database's clock.
  at bigint NOT NULL,
  -- The database's login that did it.
  login text NOT NULL,
  tenant_id uuid NOT NULL,
  -- What it was done to; never a secret, nor what one could be found by.
  subject jsonb NOT NULL
);

CREATE FUNCTION proofx.note_act(p_act text, p_tenant uuid, p_subject jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO proofx.acts (act, at, login, tenant_id, subject)
    VALUES (p_act, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, session_user, p_tenant, p_subject)
$$;

CREATE FUNCTION proofx.note_tenant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.note_act('tenant.created', NEW.tenant_id, jsonb_build_object('name', NEW.name));
  RETURN NULL;
END $$;
CREATE TRIGGER note_act AFTER INSERT ON proofx.tenants FOR EACH ROW EXECUTE FUNCTION proofx.note_tenant();

CREATE FUNCTION proofx.note_api_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NOT DISTINCT FROM NEW.revoked_at THEN
    RETURN NULL;
  END IF;
  PERFORM proofx.note_act(
    CASE WHEN TG_OP = 'INSERT' THEN 'api-key.created' ELSE 'api-key.revoked' END,
    NEW.tenant_id,
    jsonb_build_object('prefix', NEW.prefix, 'role', NEW.role, 'agent_id', NEW.agent_id, 'name', NEW.name)
  );
  RETURN NULL;
END $$;
CREATE TRIGGER note_act AFTER INSERT OR UPDATE OF revoked_at ON proofx.api_keys
  FOR EACH ROW EXECUTE FUNCTION proofx.note_api_key();

CREATE FUNCTION proofx.note_jwt_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NOT DISTINCT FROM NEW.revoked_at THEN
    RETURN NULL;
  END IF;
  PERFORM proofx.note_act(
    CASE WHEN TG_OP = 'INSERT' THEN 'jwt-key.added' ELSE 'jwt-key.revoked' END,
    NEW.tenant_id,
    jsonb_build_object('kid', NEW.kid, 'role', NEW.role, 'public_key', '0x' || encode(NEW.public_key, 'hex'))
  );
  RETURN NULL;
END $$;
CREATE TRIGGER note_act AFTER INSERT OR UPDATE OF revoked_at ON proofx.jwt_keys
  FOR EACH ROW EXECUTE FUNCTION proofx.note_jwt_key();

CREATE FUNCTION proofx.note_tenant_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NULL;
  END IF;
  PERFORM proofx.note_act(
    CASE
      WHEN TG_OP = 'INSERT' THEN 'tenant-key.created'
      WHEN NEW.wrapped = '' THEN 'tenant-key.destroyed'
      WHEN NEW.retired_at IS DISTINCT FROM OLD.retired_at THEN 'tenant-key.retired'
      ELSE 'tenant-key.rewrapped'
    END,
    NEW.tenant_id,
    jsonb_build_object('key_id', NEW.key_id, 'master_key', NEW.master_key)
  );
  RETURN NULL;
END $$;
CREATE TRIGGER note_act AFTER INSERT OR UPDATE ON proofx.tenant_keys
  FOR EACH ROW EXECUTE FUNCTION proofx.note_tenant_key();

-- An agent's first data key comes by itself, and all are rewrapped with their tenant's key; rotating and destroying are acts.
CREATE FUNCTION proofx.note_data_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.note_act(
    CASE WHEN TG_OP = 'INSERT' THEN 'data-key.rotated' ELSE 'data-key.destroyed' END,
    NEW.tenant_id,
    jsonb_build_object('data_key_id', NEW.data_key_id, 'agent_id', NEW.agent_id, 'generation', NEW.generation)
  );
  RETURN NULL;
END $$;
CREATE TRIGGER note_rotation AFTER INSERT ON proofx.data_keys
  FOR EACH ROW WHEN (NEW.generation > 1) EXECUTE FUNCTION proofx.note_data_key();
CREATE TRIGGER note_act AFTER UPDATE OF wrapped ON proofx.data_keys
  FOR EACH ROW WHEN (OLD.wrapped IS NOT NULL AND NEW.wrapped IS NULL) EXECUTE FUNCTION proofx.note_data_key();

-- Acts leave the table only with the event that tells of them.
CREATE FUNCTION proofx.take_acts(p_operator uuid, p_ids bigint[], p_sequence bigint, p_store uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  taken bigint;
BEGIN
  PERFORM proofx.require_tenant(p_operator);
  IF NOT EXISTS (
    SELECT FROM proofx.identity WHERE operator_tenant = p_operator AND operator_store = p_store
  ) THEN
    RAISE EXCEPTION 'proofx: acts are told in the operator''s stream' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM proofx.require_registrar_event(p_operator, p_store, p_sequence, 'proofx.acts');
  DELETE FROM proofx.acts WHERE act_id = ANY (p_ids);
  GET DIAGNOSTICS taken = ROW_COUNT;
  RETURN taken;
END $$;

REVOKE EXECUTE ON FUNCTION
  proofx.note_act, proofx.note_tenant, proofx.note_api_key, proofx.note_jwt_key, proofx.note_tenant_key, proofx.note_data_key,
  proofx.take_acts
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proofx.take_acts TO proofx_app;
GRANT SELECT ON proofx.acts TO proofx_app, proofx_keeper;

-- Every tenant's acts are the operator's to tell; a tenant's own transaction sees none.
ALTER TABLE proofx.acts ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON proofx.acts TO proofx_app
  USING (EXISTS (SELECT FROM proofx.identity WHERE operator_tenant = proofx.current_tenant()));
CREATE POLICY every_tenant ON proofx.acts TO proofx_keeper USING (true) WITH CHECK (true);
