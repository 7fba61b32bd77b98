-- Streams whose head no checkpoint has: whoever publishes checkpoints works for all tenants, and sees no more of them than this.
CREATE FUNCTION proofx.stale_streams()
RETURNS TABLE (tenant_id uuid, store_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.tenant_id, s.store_id FROM proofx.streams s
  WHERE s.head > coalesce((
    SELECT max(c.size) FROM proofx.checkpoints c WHERE c.tenant_id = s.tenant_id AND c.store_id = s.store_id
  ), 0)
$$;
REVOKE EXECUTE ON FUNCTION proofx.stale_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proofx.stale_streams TO proofx_app;
