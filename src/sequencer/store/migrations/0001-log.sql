-- The log's first schema. docs/store.md tells what each table is for and who may do what.
--
-- Three roles do the work; the owner only migrates. proofx_app serves the API, proofx_anchor closes and anchors batches without
-- reading payloads, proofx_keeper renews and erases what is at rest. Times are milliseconds since 1970; UUIDs and hashes are bytes.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['proofx_app', 'proofx_anchor', 'proofx_keeper'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER', name);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA proofx TO proofx_app, proofx_anchor, proofx_keeper;

-- The tenant that a transaction works for; null when it was not said, which equals nothing.
CREATE FUNCTION proofx.current_tenant() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('proofx.tenant', true), '')::uuid
$$;

CREATE TABLE proofx.tenants (
  tenant_id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE proofx.streams (
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  store_id uuid NOT NULL,
  stream_id bytea NOT NULL UNIQUE CHECK (length(stream_id) = 32),
  -- Last sequence number given; 0 while the stream is empty.
  head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
  -- Counts up with every change of the stream's agent keys, so that who keeps keys in memory knows when to read them again.
  key_epoch bigint NOT NULL DEFAULT 0,
  opened_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id)
);

CREATE TABLE proofx.events (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  event_id uuid NOT NULL,
  ves_version smallint NOT NULL CHECK (ves_version BETWEEN 1 AND 3),
  source_agent_id uuid NOT NULL,
  agent_key_id bigint NOT NULL,
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  event_type text NOT NULL,
  created_at text NOT NULL,
  command_id uuid,
  base_version numeric(20),
  facts_commitment bytea CHECK (length(facts_commitment) = 32),
  payload_kind smallint NOT NULL CHECK (payload_kind IN (0, 1)),
  -- Sealed at rest: JCS of the payload (kind 0) or of payload_encrypted (kind 1).
  payload bytea NOT NULL,
  payload_plain_hash bytea NOT NULL CHECK (length(payload_plain_hash) = 32),
  payload_cipher_hash bytea NOT NULL CHECK (length(payload_cipher_hash) = 32),
  agent_signature bytea NOT NULL CHECK (length(agent_signature) = 64),
  signing_hash bytea NOT NULL CHECK (length(signing_hash) = 32),
  leaf bytea NOT NULL CHECK (length(leaf) = 32),
  -- How many events of its entity the stream has, this one included.
  entity_version bigint NOT NULL CHECK (entity_version > 0),
  sequenced_at bigint NOT NULL,
  receipt_key_id integer NOT NULL,
  receipt_signature bytea NOT NULL CHECK (length(receipt_signature) = 64),
  PRIMARY KEY (tenant_id, store_id, sequence),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams,
  UNIQUE (tenant_id, store_id, event_id),
  UNIQUE (tenant_id, store_id, entity_type, entity_id, entity_version)
);
CREATE UNIQUE INDEX events_command ON proofx.events (tenant_id, store_id, command_id) WHERE command_id IS NOT NULL;

CREATE TABLE proofx.agent_keys (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  key_id bigint NOT NULL CHECK (key_id BETWEEN 1 AND 4294967295),
  public_key bytea NOT NULL CHECK (length(public_key) = 32),
  -- Sequence numbers of the events that say so: the key is good between them.
  registered_at bigint NOT NULL,
  revoked_at bigint,
  -- The key that takes its place, and when it is to be revoked for that reason.
  replaced_by bigint,
  retire_after bigint,
  PRIMARY KEY (tenant_id, store_id, agent_id, key_id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams
);
-- No two keys of a stream are the same key, so a signature names one signer.
CREATE UNIQUE INDEX agent_keys_public ON proofx.agent_keys (tenant_id, store_id, public_key);

CREATE TABLE proofx.schemas (
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  event_type text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  schema jsonb NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, event_type, version)
);

CREATE TABLE proofx.api_keys (
  api_key_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  prefix text NOT NULL UNIQUE,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  role text NOT NULL,
  agent_id uuid,
  name text NOT NULL,
  created_at bigint NOT NULL,
  revoked_at bigint
);

CREATE TABLE proofx.jwt_keys (
  kid text PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  public_key bytea NOT NULL CHECK (length(public_key) = 32),
  role text NOT NULL,
  created_at bigint NOT NULL,
  revoked_at bigint
);

CREATE TABLE proofx.revoked_tokens (
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  jti text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, jti)
);

-- The log's own keys: the registrar that signs its events, receipts, checkpoints.
CREATE TABLE proofx.service_keys (
  purpose text NOT NULL CHECK (purpose IN ('registrar', 'receipt', 'checkpoint')),
  key_id integer NOT NULL CHECK (key_id > 0),
  key_name text NOT NULL,
  public_key bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
  active_from bigint NOT NULL,
  retired_at bigint,
  PRIMARY KEY (purpose, key_id)
);

-- What is fixed once for this log: its name, the registrar's agent id, the operator's tenant and store.
CREATE TABLE proofx.identity (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  log_name text NOT NULL,
  registrar_id uuid NOT NULL,
  operator_tenant uuid NOT NULL,
  operator_store uuid NOT NULL
);

CREATE TABLE proofx.tenant_keys (
  tenant_id uuid NOT NULL REFERENCES proofx.tenants,
  key_id bigint NOT NULL CHECK (key_id > 0),
  -- The KeyProvider's name of the master key that wraps it.
  master_key text NOT NULL,
  wrapped bytea NOT NULL,
  created_at bigint NOT NULL,
  retired_at bigint,
  PRIMARY KEY (tenant_id, key_id)
);

CREATE TABLE proofx.data_keys (
  data_key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  generation bigint NOT NULL CHECK (generation > 0),
  tenant_key_id bigint NOT NULL,
  -- Null once it is destroyed.
  wrapped bytea,
  created_at bigint NOT NULL,
  destroyed_at bigint,
  UNIQUE (tenant_id, agent_id, generation),
  FOREIGN KEY (tenant_id, tenant_key_id) REFERENCES proofx.tenant_keys,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

CREATE TABLE proofx.batches (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  batch_index bigint NOT NULL CHECK (batch_index > 0),
  start_sequence bigint NOT NULL,
  end_sequence bigint NOT NULL,
  batch_root bytea NOT NULL CHECK (length(batch_root) = 32),
  facts_root bytea NOT NULL CHECK (length(facts_root) = 32),
  log_root bytea NOT NULL CHECK (length(log_root) = 32),
  state_root bytea NOT NULL CHECK (length(state_root) = 32),
  -- Peaks of the log at end_sequence, 32 bytes each, largest first.
  frontier bytea NOT NULL,
  closed_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, batch_index),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams,
  UNIQUE (tenant_id, store_id, start_sequence),
  UNIQUE (tenant_id, store_id, end_sequence),
  CHECK (end_sequence >= start_sequence)
);

-- What became of a batch on a chain. A reorg may take it back to pending.
CREATE TABLE proofx.anchors (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  batch_index bigint NOT NULL,
  chain_id bigint NOT NULL,
  registry bytea NOT NULL CHECK (length(registry) = 20),
  status text NOT NULL CHECK (status IN ('pending', 'included', 'anchored')),
  -- Every transaction that was signed for it, newest last.
  transaction_hashes bytea[] NOT NULL DEFAULT '{}',
  -- The one that is in a block, with that block.
  transaction_hash bytea,
  block_number bigint,
  block_hash bytea,
  chain_batch_index bigint,
  mature_at bigint,
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, batch_index, chain_id, registry),
  FOREIGN KEY (tenant_id, store_id, batch_index) REFERENCES proofx.batches
);

-- Complete nodes of the RFC 9162 tree, 256 hashes a tile (C2SP tlog-tiles): level 0 holds leaf hashes.
CREATE TABLE proofx.log_tiles (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
  tile_index bigint NOT NULL CHECK (tile_index >= 0),
  hashes bytea NOT NULL CHECK (length(hashes) = 8192),
  PRIMARY KEY (tenant_id, store_id, level, tile_index),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams
);

CREATE TABLE proofx.checkpoints (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  size bigint NOT NULL CHECK (size > 0),
  root bytea NOT NULL CHECK (length(root) = 32),
  -- The signed note as it was published, without cosignatures.
  note text NOT NULL,
  frontier bytea NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, size),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams
);

CREATE TABLE proofx.cosignatures (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  size bigint NOT NULL,
  witness text NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (tenant_id, store_id, size, witness),
  FOREIGN KEY (tenant_id, store_id, size) REFERENCES proofx.checkpoints
);

CREATE TABLE proofx.compliance_proofs (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  event_id uuid NOT NULL,
  proof_id uuid NOT NULL,
  proof_type text NOT NULL,
  circuit_version integer NOT NULL,
  policy_hash bytea NOT NULL CHECK (length(policy_hash) = 32),
  proof_hash bytea NOT NULL CHECK (length(proof_hash) = 32),
  -- Sealed at rest under the event's agent.
  proof bytea NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, event_id, proof_id),
  FOREIGN KEY (tenant_id, store_id, event_id) REFERENCES proofx.events (tenant_id, store_id, event_id)
);

-- Ranges whose rows were moved to sealed files; their leaves are in the tiles and the frontier.
CREATE TABLE proofx.archives (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  start_sequence bigint NOT NULL,
  end_sequence bigint NOT NULL,
  file_name text NOT NULL,
  file_hash bytea NOT NULL CHECK (length(file_hash) = 32),
  archived_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, start_sequence),
  FOREIGN KEY (tenant_id, store_id) REFERENCES proofx.streams
);

-- Where a job of the keeper stopped, so that it goes on there.
CREATE TABLE proofx.keeper_jobs (
  job text PRIMARY KEY,
  position jsonb NOT NULL,
  updated_at bigint NOT NULL
);
