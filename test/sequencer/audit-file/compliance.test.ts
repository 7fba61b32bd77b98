import { expect } from "chai";
import { createProver, proofToSolidity } from "../../../src/compliance/index.ts";
import { toHex } from "../../../src/core/bytes.ts";
import {
  buildFactsTree,
  circuitInputs,
  contextOf,
  factCommitment,
  factsLeaf,
  type Policy,
  subjectOf,
} from "../../../src/core/facts/index.ts";
import { uuidBytes } from "../../../src/core/uuid.ts";
import {
  type AuditJson,
  auditText,
  checkAudit,
  exportAudit,
  type ProvedClaim,
  parseAudit,
} from "../../../src/sequencer/audit-file/index.ts";
import { proofHolds } from "../../../src/services/relayer/proof-check.ts";
import { exportVerificationKey, toSolidity } from "../../../src/setup/index.ts";
import { artifacts } from "../../compliance/support/artifacts.ts";
import { AGENT, type FilledStream, factsOf, fillStream, openPlain } from "../filled.ts";
import { emptyStore, type TestStore } from "../support.ts";

const POLICY: Policy = { weights: [1, -1, 0, 0], lower: 900n, upper: 1000n, categoryMask: 1n << 7n };
const CHAIN = { chainId: 31337n, verifier: "0x00000000000000000000000000000000000000ab" };
const SUBMITTER = "0x00000000000000000000000000000000000000cd";
const pair = ([x, y]: readonly [bigint, bigint]): [string, string] => [String(x), String(y)];

describe("An auditor's file with a compliance proof", function () {
  this.timeout(300_000);
  let test: TestStore;
  let stream: FilledStream;
  let whole: AuditJson;
  let hash: string;
  before(async () => {
    test = await emptyStore("pglite");
    stream = await fillStream(test.store, { events: 6, batch: 4 });
    const claim = await prove();
    hash = claim.hash;
    whole = await exportAudit(test.store.as("app"), {
      tenantId: stream.tenantId,
      storeId: stream.storeId,
      sequences: [5n, 6n],
      open: openPlain,
      openOwn: openPlain,
      proofs: [claim],
    });
  });
  after(() => test?.close());

  /** Proves sequence 5, the first of the second batch (5 to 8). */
  async function prove(): Promise<ProvedClaim & { hash: string }> {
    const { wasm, setup } = await artifacts();
    const agentId = toHex(uuidBytes("agent", AGENT));
    const subject = subjectOf(toHex(stream.streamId), agentId);
    const places = [5n, 6n, 7n, 8n];
    const leaves = places.map((n) => factsLeaf(subject, n, factCommitment(factsOf(Number(n) - 3))));
    const deadline = 4_000_000_000n;
    const context = contextOf({ ...CHAIN, circuitVersion: 1, submitter: SUBMITTER, deadline });
    const inputs = circuitInputs({
      facts: factsOf(2),
      policy: POLICY,
      subject,
      sequence: 5n,
      context,
      path: buildFactsTree(leaves).path(0),
    });
    await using prover = await createProver({ wasm, zkey: setup.zkey });
    const { a, b, c } = proofToSolidity((await prover.prove(inputs)).proof);
    return {
      file: {
        version: 1,
        ...CHAIN,
        claim: {
          policyId: 3n,
          streamId: toHex(stream.streamId),
          agentId,
          batchIndex: 2n,
          end: 8n,
          matureAt: 0n,
          factsRoot: `0x${inputs.factsRoot.toString(16).padStart(64, "0")}`,
          circuitVersion: 1n,
          submitter: SUBMITTER,
          deadline,
        },
        proof: { a: pair(a), b: [pair(b[0]), pair(b[1])], c: pair(c) },
      },
      policy: POLICY,
      verifyingKey: toSolidity(await exportVerificationKey(setup.zkey)),
      hash: setup.verificationKeyHash,
    };
  }

  const audit = async (json: AuditJson, pinned = hash) =>
    await checkAudit(
      parseAudit(auditText(json)),
      {
        logKey: stream.logKey,
        witnesses: [],
        deployment: { ...CHAIN, registry: SUBMITTER, verificationKeyHash: pinned },
      },
      (key, signals, { a, b, c }) =>
        proofHolds(key, signals, { a: pair(a), b: [pair(b[0]), pair(b[1])], c: pair(c) }),
    );
  const said = (report: Awaited<ReturnType<typeof audit>>, status: string): string =>
    report.findings.flatMap((each) => (each.status === status ? [each.what] : [])).join("\n");

  it("proves that one event complies, under the pinned key, and whose facts are open that it is this one", async () => {
    const report = await audit(whole);
    expect(said(report, "refused")).to.equal("");
    expect(said(report, "proved"))
      .to.contain("at least one event of agent")
      .and.to.contain("900 <= [1, -1, 0, 0] * amounts <= 1000")
      .and.to.contain("the verifying key is the one that the pinned deployment's circuit was deployed with")
      .and.to.contain("the facts that sequence 5 opens satisfy the policy");
    expect(said(report, "not proved"))
      .to.contain("that other events of agent")
      .and.to.contain("that policy 3 on chain is this one");
  });

  it("names its verifying key as deployments do, and says so when it is another than the pinned one", async () => {
    expect(whole.compliance[0]?.verifying_key_hash).to.equal(hash);
    expect(said(await audit(whole, `0x${"12".repeat(32)}`), "not proved")).to.contain(
      "that this verifying key is the deployed one",
    );
  });

  const attacks: [string, (one: AuditJson["compliance"][number]) => void, string][] = [
    [
      "a wider policy",
      (one) => {
        one.policy.upper = "5000";
      },
      "policyHash is not that of the file's content",
    ],
    [
      "another agent",
      (one) => {
        one.agent_id = stream.tenantId;
      },
      "subject is not that",
    ],
    [
      "another submitter",
      (one) => {
        one.context.submitter = CHAIN.verifier;
      },
      "context is not that",
    ],
    [
      "another batch",
      (one) => {
        one.batch_end = "7";
      },
      "no batch of the file ends at 7",
    ],
    [
      "an altered proof",
      (one) => {
        one.proof.a = one.proof.c;
      },
      "proof: it does not hold",
    ],
    [
      "an altered key",
      (one) => {
        one.verifying_key.alpha = one.verifying_key.ic[0] ?? ["1", "2"];
      },
      "verifying_key_hash",
    ],
    ["an altered path", (one) => void one.facts[0]?.path[0]?.splice(1, 1, "5"), "another facts root"],
  ];
  for (const [what, alter, words] of attacks) {
    it(`with ${what} is refused`, async () => {
      const file = structuredClone(whole);
      for (const one of file.compliance) alter(one);
      expect(said(await audit(file), "refused")).to.contain(words);
    });
  }

  it("for an event whose facts stay closed does not say that the proof is about it", async () => {
    const file = structuredClone(whole);
    file.compliance[0]?.facts.splice(0);
    expect(said(await audit(file), "proved")).not.to.contain("is one of the events the proof may be about");
  });
});
