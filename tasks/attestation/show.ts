import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { uuidBytes } from "../../src/core/uuid.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

export interface ShowArguments {
  readonly stream: string | undefined;
  readonly agent: string | undefined;
  readonly policy: string | undefined;
  readonly maxAge: string | undefined;
}

const DAY = "86400";

/** Reads an attestation as anybody can. */
export async function showAttestation(
  args: ShowArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<TaskResult> {
  const stream = required("stream", args.stream, "a stream id");
  fromHex("--stream", stream, 32);
  const agentId = toHex(uuidBytes("--agent", required("agent", args.agent, "a UUID")));
  const policyId = parseUnsigned("--policy", required("policy", args.policy, "a policy id"), 256);
  const maxAge = parseUnsigned("--max-age", args.maxAge ?? DAY, 64);
  const { contracts } = await openDeployedSession(hre);
  const { verifier } = contracts;
  const [{ record, standing }, compliant] = await Promise.all([
    verifier.attestation(stream, agentId, policyId),
    verifier.isCompliant(stream, agentId, policyId, maxAge),
  ]);
  const { signer, circuitVersion, epoch, batchIndex, end, anchoredAt, attestedAt } = record;
  const found = batchIndex !== 0n;
  const data = {
    subject: await verifier.subjectOf(stream, agentId),
    compliant,
    standing,
    attestation: found ? { signer, circuitVersion, epoch, batchIndex, end, anchoredAt, attestedAt } : null,
  };
  if (!found) return { data, lines: [`No attestation of agent ${args.agent} for policy ${policyId}`] };
  const lines = [
    `Agent ${args.agent}, policy ${policyId}: ${compliant ? "compliant" : "not compliant"} within ${maxAge} s`,
    "  meaning: at least one committed event of the agent satisfied the policy",
    `  stands         ${standing ? "yes" : "no: cut, retired or distrusted since"}`,
    `  batch          ${batchIndex} (up to sequence ${end}), anchored ${instant(anchoredAt)}`,
    `  attested       ${instant(attestedAt)} by signer ${signer}, circuit version ${circuitVersion}`,
  ];
  return { data, lines };
}

function instant(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString();
}

export default action(showAttestation);
