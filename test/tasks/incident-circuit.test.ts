import { dirname } from "node:path";
import { expect } from "chai";
import {
  deployCircuitVerifier,
  plantedSetup,
  writeForgedProof,
} from "../../scripts/story/rehearsal/planted.ts";
import { openRehearsal } from "../../scripts/story/rehearsal/session.ts";
import { compileCircuit, ensureSetup } from "../../src/setup/index.ts";
import { AGENT, type AttestingOperator, startAttestingOperator } from "../support/attesting.ts";
import { expectOk, expectRefused } from "../support/cli.ts";

const STORE = "570e0000-0000-4000-8000-00000000000c";
const STEPS = 11;
/** The policy allows less than 10,000. */
const BREACH = "15000";

interface Answer {
  readonly status: string;
  readonly steps: readonly {
    id: string;
    status: string;
    seconds?: number;
    lines: string[];
    data: Record<string, unknown>;
  }[];
}

describe("incident circuit-bug, against a circuit version with one constraint removed", function () {
  this.timeout(300_000);

  let operator: AttestingOperator;
  let stream: string;
  let event: string;
  /** A phase 2 of its own for the fixed circuit, as `ceremony export` leaves one. */
  let fixed: string;
  const incident = (more: string) =>
    operator.type(`incident circuit-bug --circuit-version 2 --setup ${fixed} ${more} --network local --json`);
  const show = async () =>
    (await operator.onChain(`attestation --stream ${stream} --agent ${AGENT} --policy 1 --json`)).json<{
      standing: boolean;
      attestation: { circuitVersion: string };
    }>();

  before(async () => {
    operator = await startAttestingOperator({ timelock_delay: "2" });
    stream = await operator.openStream(STORE);
    event = await operator.anchorEvent({ store: STORE, batch: "one", amount: BREACH });
    await plantVersion(operator);
    fixed = await newPhase2(operator.path("setup"));
  });
  after(() => operator?.close());

  it("the planted version lets a forged proof through: a payment of 15,000 passes a limit of 9,999", async () => {
    process.env.PROOFX_DEPLOYMENTS = operator.deployments;
    try {
      using session = await openRehearsal(operator.rpcUrl, "local");
      await writeForgedProof(session, await plantedSetup(), {
        batch: operator.path("one.json"),
        facts: operator.path("one.facts.json"),
        event,
        policy: "1",
        submitter: operator.accounts.submitter ?? "",
        version: 2n,
        out: operator.path("forged.json"),
      });
    } finally {
      delete process.env.PROOFX_DEPLOYMENTS;
    }
    const honest = await operator.type(
      `prove --batch @one.json --event ${event} --facts @one.facts.json --policy 1 --submitter #submitter --out @never.json --network local`,
    );
    expectRefused(honest, 1, "do not satisfy policy 1");
    await operator.onChain("attest --proof @forged.json --signer signer --key submitter");
    expect((await show()).standing).to.equal(true);
  });

  it("refuses a version that nobody ever proved with, and a fix that is none", async () => {
    const none = await operator.type("incident circuit-bug --circuit-version 9 --dry-run --network local");
    expectRefused(none, 2, "the number of an added version");
  });

  const keys = "--key admin --guardian guardian --deployer deployer";
  /** Kills the incident some time after it began each step. */
  const killAt = async (first: number, last: number) => {
    const line = `incident circuit-bug --circuit-version 2 --setup ${fixed} ${keys} --patience 0 --network local`;
    for (let step = first; step <= last; step++) {
      await operator.typeAndKill(line, `[${step}/${STEPS}]`, (step % 4) * 80);
    }
  };

  it("killed in the middle of any step, contains first, and ends while the timelock waits", async () => {
    const [admin, deployer] = [await operator.sent("admin"), await operator.sent("deployer")];
    await killAt(1, 7);
    const waiting = await incident(`${keys} --patience 0`);
    const answer = waiting.json<Answer>();
    // The timelock's two seconds may have passed by now.
    expect(["awaiting", "finished"], waiting.stderr).to.include(answer.status);
    if (answer.status === "awaiting") {
      const attest = await operator.type(
        "attest --proof @forged.json --signer signer --key submitter --send-invalid --network local",
      );
      expectRefused(attest, 1, "EnforcedPause(");
    }
    expect((await show()).standing).to.equal(false);
    // Retire, add, schedule; execute and resume when the time was there. Each once.
    expect((await operator.sent("admin")) - admin).to.equal(answer.status === "awaiting" ? 3 : 5);
    expect((await operator.sent("deployer")) - deployer).to.equal(1);
    expect(await operator.sent("guardian")).to.equal(1);
  });

  it("killed in the middle of what is left, sends no transaction twice", async () => {
    await killAt(8, STEPS);
    const { steps } = (await incident(keys)).json<Answer>();
    expect(steps.every(({ status }) => status.startsWith("done"))).to.equal(true);
    expect(await operator.sent("guardian")).to.equal(1);
  });

  it("in the end the fixed version is in, the broken one retired, the forged attestation fallen", async () => {
    const done = await incident(keys);
    expectOk(done);
    const answer = done.json<Answer>();
    expect(answer.status).to.equal("finished");
    const list = answer.steps.find(({ id }) => id === "list")?.data.fallen as { agent: string }[];
    expect(list.map(({ agent }) => agent)).to.deep.equal([AGENT]);
    expect((await show()).standing).to.equal(false);
    const forged = await operator.type(
      "attest --proof @forged.json --signer signer --key submitter --send-invalid --network local",
    );
    expectRefused(forged, 1, "CircuitVersionNotActive(");
    console.log(
      `      the incident, step by step: ${answer.steps.map(({ id, seconds }) => `${id} ${seconds?.toFixed(1)} s`).join(", ")}`,
    );
  });

  it("lets honest subjects prove again under the fixed version", async () => {
    const fair = await operator.anchorEvent({ store: STORE, batch: "two", previous: "one", amount: "8400" });
    await operator.onChain(
      `prove --batch @two.json --event ${fair} --facts @two.facts.json --policy 1 --submitter #submitter --zkey ${fixed}/final.zkey --out @fair.json`,
    );
    await operator.onChain("attest --proof @fair.json --signer signer --key submitter");
    const { standing, attestation } = await show();
    expect([standing, Number(attestation.circuitVersion)]).to.deep.equal([true, 3]);
  });
});

async function newPhase2(folder: string): Promise<string> {
  const beacon = { value: "0x72656865617273616c", iterationsExp: 10, source: "the word rehearsal" };
  const circuit = await compileCircuit("compliance");
  // The circuit as it should be is the one that everybody else's setup here is of, and so is the key before any contribution.
  const { initialKey } = await ensureSetup({ circuit });
  const setup = await ensureSetup({ circuit, beacon, initialKey, folder });
  return dirname(setup.zkey);
}

/** Version 2, whose circuit lacks a constraint, takes the place of version 1, all by the rules. */
async function plantVersion(operator: AttestingOperator): Promise<void> {
  const verifier = await deployCircuitVerifier(operator.provider, await plantedSetup());
  await operator.onChain(`circuit-version add --verifier ${verifier} --key admin`);
  await operator.onChain("circuit-version activate --circuit-version 2 --key admin --wait");
  await operator.onChain("circuit-version retire --circuit-version 1 --as superseded --key admin");
}
