import type { Provider } from "ethers";
import { connect } from "../../chain/contracts.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { fromHex } from "../../core/bytes.ts";
import { uuidText } from "../../core/uuid.ts";
import type { AgentName, Verdict } from "./history.ts";
import type { StepRecord } from "./step.ts";

/** An attestation that was recorded and does not stand any more. */
export interface Fallen extends AgentName {
  /** The agent's UUID. */
  readonly agent: string;
  readonly policyId: bigint;
  readonly subject: bigint;
  readonly signer: string;
  readonly circuitVersion: number;
  /** Unix time (s). */
  readonly attestedAt: bigint;
}

/** Subjects whose agent could not be read from the transaction: their operators have to be asked. */
export interface Unnamed {
  readonly subject: bigint;
  readonly policyId: bigint;
  readonly transactionHash: string;
}

/** Who has to prove again: every subject and policy of the history whose newest attestation does not stand. */
export async function whoMustProveAgain(
  provider: Provider,
  deployment: Deployment,
  history: readonly Verdict[],
): Promise<{ fallen: Fallen[]; unnamed: Unnamed[] }> {
  const { verifier } = connect(deployment, provider);
  const pairs = new Map<string, Verdict>();
  // Any verdict on a subject that shows its agent names it for all others, also one that failed.
  const names = new Map<bigint, AgentName>();
  for (const verdict of history) {
    const { subject, policyId, verified, agent } = verdict;
    if (agent !== undefined) names.set(subject, agent);
    if (verified) pairs.set(`${subject}/${policyId}`, verdict);
  }
  const fallen: Fallen[] = [];
  const unnamed: Unnamed[] = [];
  for (const { subject, policyId, transactionHash } of pairs.values()) {
    const agent = names.get(subject);
    if (agent === undefined) {
      unnamed.push({ subject, policyId, transactionHash });
      continue;
    }
    const { record, standing } = await verifier.attestation(agent.streamId, agent.agentId, policyId);
    if (standing) continue;
    fallen.push({
      ...agent,
      agent: uuidText(fromHex("agent id", agent.agentId, 16)),
      policyId,
      subject,
      signer: record.signer,
      circuitVersion: Number(record.circuitVersion),
      attestedAt: record.attestedAt,
    });
  }
  return { fallen, unnamed };
}

/** The list as a step leaves it. */
export function proveAgainRecord({ fallen, unnamed }: { fallen: Fallen[]; unnamed: Unnamed[] }): StepRecord {
  const lines = [
    ...(fallen.length + unnamed.length === 0 ? ["Nobody has to prove again."] : []),
    ...(fallen.length === 0
      ? []
      : [`${fallen.length} attestations do not stand; these have to prove again:`]),
    ...fallen.map(
      ({ agent, streamId, policyId }) => `  agent ${agent} for policy ${policyId} (stream ${streamId})`,
    ),
    ...(unnamed.length === 0
      ? []
      : [
          `${unnamed.length} may not stand: whom they name cannot be read from the chain, so ask their senders:`,
        ]),
    ...unnamed.map(
      ({ subject, policyId, transactionHash }) =>
        `  subject ${subject} for policy ${policyId}: sent through another contract, see transaction ${transactionHash}`,
    ),
  ];
  return { lines, data: { fallen, unnamed } };
}
