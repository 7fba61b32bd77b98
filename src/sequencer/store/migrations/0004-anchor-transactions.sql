-- Transactions that anchor batches. Each is here before it leaves, and an account nonce belongs to the batch it was first used
-- for until the chain has used it up: whatever was sent under it, at most one of it lands.
CREATE TABLE proofx.anchor_transactions (
  chain_id bigint NOT NULL,
  sender bytea NOT NULL CHECK (length(sender) = 20),
  nonce bigint NOT NULL CHECK (nonce >= 0),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  -- As it is sent.
  raw bytea NOT NULL,
  -- Wei a unit of gas.
  max_fee_per_gas numeric(38) NOT NULL,
  max_priority_fee_per_gas numeric(38) NOT NULL,
  signed_at bigint NOT NULL,
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  batch_index bigint NOT NULL,
  PRIMARY KEY (chain_id, hash),
  FOREIGN KEY (tenant_id, store_id, batch_index) REFERENCES proofx.batches
);
CREATE INDEX anchor_transactions_nonce ON proofx.anchor_transactions (chain_id, sender, nonce);

GRANT SELECT, INSERT ON proofx.anchor_transactions TO proofx_anchor;
GRANT SELECT ON proofx.anchor_transactions TO proofx_keeper;
ALTER TABLE proofx.anchor_transactions ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_tenant ON proofx.anchor_transactions TO proofx_anchor, proofx_keeper USING (true) WITH CHECK (true);
