-- Revoked tokens do not pile up: with each revocation those of its tenant go that have expired. How long a row stays is no client's
-- to say, since a row that goes too soon brings its token back.
CREATE FUNCTION proofx.revoke_token(p_tenant uuid, p_jti text, p_now bigint, p_until bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM proofx.require_tenant(p_tenant);
  DELETE FROM proofx.revoked_tokens WHERE tenant_id = p_tenant AND expires_at < p_now;
  INSERT INTO proofx.revoked_tokens (tenant_id, jti, expires_at) VALUES (p_tenant, p_jti, p_until)
    ON CONFLICT (tenant_id, jti) DO UPDATE SET expires_at = greatest(revoked_tokens.expires_at, p_until);
END $$;
REVOKE EXECUTE ON FUNCTION proofx.revoke_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proofx.revoke_token TO proofx_app;
REVOKE INSERT ON proofx.revoked_tokens FROM proofx_app;
