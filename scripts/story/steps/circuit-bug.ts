import { join } from "node:path";
import { PATHS, type StoryFacts, type StoryStep } from "../context.ts";
import { fallenOf, type IncidentJson } from "../incident.ts";
import { deployCircuitVerifier, plantedSetup, writeForgedProof } from "../rehearsal/planted.ts";
import { openRehearsal } from "../rehearsal/session.ts";
import { proveOptions } from "./prove.ts";

interface AttestationJson {
  readonly compliant: boolean;
}

export const circuitBug: StoryStep = {
  id: "circuit-bug",
  title: "Incident B: a circuit version accepts what is false; pause, retire it, let a fixed one in, resume",
  expected: { first: 35, again: 18 },
  showsProgress: /^\[/,
  code: [
    "scripts/planted/fault.ts",
    "src/ops/incidents/circuit-bug.ts",
    "tasks/incident/circuit-bug.ts",
    "docs/incidents.md",
  ],
  async run({ task, facts, rpcUrl }) {
    const onStory = { network: "story" } as const;
    const admin = { ...onStory, key: "admin" } as const;
    const setup = await plantedSetup();
    const verifier = await withStory(rpcUrl, ({ provider }) => deployCircuitVerifier(provider, setup));
    await task(["circuit-version", "add"], { ...admin, verifier });
    await task(["circuit-version", "activate"], { ...admin, "circuit-version": "2", wait: true });
    const forged = join(PATHS.work, "forged.proof.json");
    await Promise.all([
      task(["circuit-version", "retire"], { ...admin, "circuit-version": "1", as: "superseded" }),
      withStory(rpcUrl, (session) => forge(session, facts, setup, forged)),
    ]);
    await task(["attest"], { ...onStory, proof: forged, signer: "signer-2", key: "submitter" });
    const before = await isCompliant(task, facts);

    const answered = await task<IncidentJson>(["incident", "circuit-bug"], {
      ...admin,
      "circuit-version": "2",
      guardian: "guardian",
      deployer: "deployer",
    });
    const honest = join(PATHS.work, "payment-again.proof.json");
    const [after] = await Promise.all([
      isCompliant(task, facts),
      task(["prove"], proveOptions(facts, "payment", "aml-threshold", honest)),
    ]);
    const fallen = fallenOf(answered);
    await task(["attest"], { ...onStory, proof: honest, signer: "signer-2", key: "submitter" });
    facts.circuitBug = { status: answered.status, before, after, fallen: fallen.length };
    return {
      result: "The forged attestation fell; under the fixed version the honest payment is proved again",
      inputs: {
        "planted fault": "one constraint removed: the upper bound is not enforced",
        "the forged statement": "a payment of 15,000 is below 10,000",
      },
      outputs: {
        "compliant while the fault was there": before,
        "compliant after the incident": after,
        steps: answered.steps.map(({ title }) => title),
        "have to prove again": fallen.map(({ agent }) => agent),
      },
    };
  },
};

type Session = ReturnType<typeof openRehearsal> extends Promise<infer S> ? S : never;

/** The deployment's files are the story's; the commands get the same by their environment. */
async function withStory<T>(rpcUrl: string, act: (session: Session) => Promise<T>): Promise<T> {
  process.env.PROOFX_DEPLOYMENTS = PATHS.deployments;
  using session = await openRehearsal(rpcUrl, "story");
  return await act(session);
}

function forge(
  session: Session,
  facts: StoryFacts,
  setup: Parameters<typeof writeForgedProof>[1],
  out: string,
) {
  const event = facts.events["large-payment"];
  return writeForgedProof(session, setup, {
    batch: facts.batchFiles["large-payment"] ?? "",
    event: event?.eventId ?? "",
    facts: event?.factsFile ?? "",
    policy: facts.policies["aml-threshold"] ?? "",
    submitter: facts.accounts.submitter ?? "",
    version: 2n,
    out,
  });
}

async function isCompliant(
  task: Parameters<StoryStep["run"]>[0]["task"],
  facts: StoryFacts,
): Promise<boolean> {
  const shown = await task<AttestationJson>(["attestation"], {
    network: "story",
    stream: facts.streamId,
    agent: facts.events.payment?.agentId ?? "",
    policy: facts.policies["aml-threshold"] ?? "",
  });
  return shown.compliant;
}
