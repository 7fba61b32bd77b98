import { readFileSync } from "node:fs";
import { expect } from "chai";
import { id } from "ethers";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { contentRoot, PAD_LEAF, stateRoot } from "../../../src/core/log/index.ts";
import { at, VECTORS } from "./support.ts";

const page = readFileSync(new URL("../../../docs/formats.md", import.meta.url), "utf8");
const facts = JSON.parse(readFileSync(new URL("../../vectors/facts/vectors.json", import.meta.url), "utf8"));
const bytes = (hex: string) => fromHex("vector", hex, 32);

describe("docs/formats.md", () => {
  it("shows the log's known answers as the vectors have them", () => {
    const [first, second] = [at(VECTORS.batches, 0), at(VECTORS.batches, 1)];
    const { batch_root, log_root, content_root, state_root } = first;
    const shown = [VECTORS.stream_id, batch_root, log_root, content_root, state_root, second.state_root];
    for (const answer of [...shown, toHex(PAD_LEAF)]) expect(page).to.include(` ${answer.slice(2)}\n`);
  });

  it("shows the known answers of receipts, keys and checkpoints as the vectors have them", () => {
    const { receipts, key_statement, checkpoints } = VECTORS;
    for (const hex of [String(at(receipts, 1).receipt_hash), key_statement.message])
      expect(page).to.include(` ${hex.slice(2)}\n`);
    for (const key of [checkpoints.vkey, checkpoints.witness_vkey]) expect(page).to.include(`  ${key}\n`);
  });

  it("shows the facts' known answers as the vectors have them", () => {
    const [policy, margin] = facts.policies;
    const { leaf, commitment, subject } = facts.leaves[0];
    for (const answer of [leaf, commitment, subject, policy.hash, margin.hash]) {
      expect(page).to.include(`  ${answer}\n`);
    }
  });

  it("describes a walk from batch 1 to the state root of batch 2 that holds", () => {
    const [kept, cut] = [at(VECTORS.batches, 0), at(VECTORS.batches, 1)];
    const content = contentRoot({
      batchRoot: bytes(cut.batch_root),
      factsRoot: bytes(cut.facts_root),
      logRoot: bytes(cut.log_root),
    });
    const reached = stateRoot({
      streamId: bytes(VECTORS.stream_id),
      previous: bytes(kept.state_root),
      contentRoot: content,
      start: BigInt(kept.end) + 1n,
      end: BigInt(cut.end),
      count: cut.end - kept.end,
    });
    expect(toHex(reached)).to.equal(cut.state_root);
    for (const root of [kept.state_root, cut.state_root])
      expect(page).to.include(`\`${root.slice(2, 10)}…\``);
  });

  it("shows the type of a submission with its hash", () => {
    const type = /^Submission\(.*\)$/m.exec(page)?.[0] ?? "";
    expect(page).to.include(`whose type hash is \`${id(type)}\``);
  });
});
