import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  type AuditJson,
  auditText,
  checkAudit,
  exportAudit,
  openAuditChain,
  parseAudit,
} from "../../../src/sequencer/audit-file/index.ts";
import { actorsOf, newChain } from "../../support/contracts/chain.ts";
import { deployRegistry } from "../../support/contracts/registry.ts";
import { type FilledStream, fillStream, openPlain } from "../filled.ts";
import { emptyStore } from "../support.ts";

describe("An auditor's file and a node that is asked", function () {
  this.timeout(120_000);
  let stream: FilledStream;
  let anchored: AuditJson;
  let pin: Parameters<typeof openAuditChain>[1];
  let provider: Parameters<typeof openAuditChain>[0];
  let another: string;
  before(async () => {
    const chain = await newChain();
    const actors = await actorsOf(chain);
    const registry = await deployRegistry(chain, actors);
    const address = (await registry.getAddress()).toLowerCase();
    provider = chain.ethers.provider;
    const { chainId } = await provider.getNetwork();
    pin = { chainId, registry: address, verifier: address, verificationKeyHash: `0x${"00".repeat(32)}` };
    const place = { chainId, registry: fromHex("registry", address, 20) };
    const test = await emptyStore("pglite");
    try {
      stream = await fillStream(test.store, { events: 6, batch: 4, anchor: place });
      const { tenantId, storeId } = stream;
      anchored = await exportAudit(test.store.as("app"), {
        tenantId,
        storeId,
        sequences: [3n, 5n],
        open: openPlain,
        openOwn: openPlain,
        chain: place,
        proofs: [],
      });
    } finally {
      await test.close();
    }
    await registry.connect(actors.admin).openStream(toHex(stream.streamId), actors.anchorer.address, 60);
    for (const batch of anchored.batches) {
      const sent = await registry.connect(actors.anchorer).anchor(
        toHex(stream.streamId),
        {
          startSequence: batch.start_sequence,
          endSequence: batch.end_sequence,
          count: BigInt(batch.end_sequence) - BigInt(batch.start_sequence) + 1n,
          batchRoot: batch.batch_root,
          factsRoot: batch.facts_root,
          logRoot: batch.log_root,
        },
        batch.previous_state_root,
      );
      const receipt = await sent.wait();
      const log = receipt?.logs
        .map((each) => registry.interface.parseLog(each))
        .find((each) => each?.name === "BatchAnchored");
      Object.assign(batch.anchor ?? {}, {
        transaction_hash: sent.hash,
        block_number: String(receipt?.blockNumber),
        block_hash: receipt?.blockHash,
        batch_index: String(log?.args.batchIndex),
        mature_at: String(log?.args.matureAt),
      });
    }
    another = anchored.batches[1]?.anchor?.transaction_hash ?? "";
  });

  const said = async (file: AuditJson, status: string): Promise<string> => {
    const chain = await openAuditChain(provider, pin);
    const trust = { logKey: stream.logKey, witnesses: [stream.witnessKey], deployment: pin, chain };
    const { findings } = await checkAudit(parseAudit(auditText(file)), trust, () => false);
    return findings.flatMap((each) => (each.status === status ? [each.what] : [])).join("\n");
  };

  it("proves that the batches were anchored, by that registry, in those transactions", async () => {
    expect(await said(anchored, "refused")).to.equal("");
    expect(await said(anchored, "proved"))
      .to.contain("batch 1 to 4 was anchored on chain")
      .and.to.contain("batch 5 to 8 was anchored on chain");
  });

  const lies: [string, (anchor: Record<string, string>) => void, string][] = [
    ["transaction", (anchor) => Object.assign(anchor, { transaction_hash: another }), "block_number"],
    [
      "unknown transaction",
      (anchor) => Object.assign(anchor, { transaction_hash: `0x${"12".repeat(32)}` }),
      "knows no transaction",
    ],
    ["block", (anchor) => Object.assign(anchor, { block_number: "1" }), "block_number: the chain has"],
    ["block hash", (anchor) => Object.assign(anchor, { block_hash: `0x${"12".repeat(32)}` }), "block_hash"],
    ["batch index", (anchor) => Object.assign(anchor, { batch_index: "2" }), "batch_index: the chain has 1"],
    ["maturity", (anchor) => Object.assign(anchor, { mature_at: "1" }), "mature_at"],
    [
      "registry",
      (anchor) => Object.assign(anchor, { registry: `0x${"12".repeat(20)}` }),
      "expected the pinned",
    ],
    ["chain", (anchor) => Object.assign(anchor, { chain_id: "1" }), "chain_id: expected"],
  ];
  for (const [what, alter, words] of lies)
    it(`refuses a file whose ${what} is another than the chain has`, async () => {
      const file = structuredClone(anchored);
      alter(file.batches[0]?.anchor ?? {});
      expect(await said(file, "refused")).to.contain(words);
    });

  it("does not ask a node of another chain", async () => {
    const error = await openAuditChain(provider, { ...pin, chainId: 5n }).catch((reason) => reason);
    expect(error.message).to.contain("expected a node of chain 5");
  });
});
