import { setTimeout as pause } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type AttestorPlan, type AttestorView, planAttestation } from "../../../src/aleo/bridge/attestor.ts";
import { askChain } from "../../../src/aleo/bridge/chain-attestation.ts";
import { readBindings } from "../../../src/aleo/bridge/log.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { EXIT, ProofXError, UnavailableError } from "../../../src/core/errors.ts";
import { uuidBytes } from "../../../src/core/uuid.ts";
import { type DeployedSession, openDeployedSession } from "../../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import { accountFor } from "../support/account.ts";
import { type AleoActArguments, carryOut } from "../support/carry-out.ts";
import { type AleoSession, openAleoSession } from "../support/session.ts";
import { type AgentArguments, agentId, openStream, type StreamArguments } from "./open.ts";

export interface AttestArguments extends AleoActArguments, StreamArguments, Pick<AgentArguments, "agent"> {
  readonly policy: string | undefined;
  readonly maxAge: string | undefined;
  readonly confirmations: string | undefined;
  readonly lifetime: string | undefined;
  readonly watch: string | undefined;
}

const DEFAULTS = { maxAge: "86400", confirmations: "12", mainnet: "28800", elsewhere: "900" } as const;

/** What is attested, and how it is looked at. */
interface Job {
  readonly agentId: string;
  readonly policyId: bigint;
  readonly view: AttestorView;
}

/** Brings Aleo's word about an agent in line with the chain's, once or until interrupted. */
export async function attest(
  args: AttestArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const aleo = await openAleoSession(args);
  const chain = await openDeployedSession(hre);
  const job = await jobOf(args, aleo, chain);
  const seconds = args.watch === undefined ? undefined : Number(parseUnsigned("--watch", args.watch, 20));
  if (seconds === undefined) return await once(job, args, aleo, io);
  for (;;) {
    try {
      for (const line of (await once(job, args, aleo, io)).lines)
        io.note(`${new Date().toISOString()} ${line}`);
    } catch (error) {
      // What does not answer now may answer next time; all else wants a person.
      if (!(error instanceof UnavailableError)) throw error;
      io.note(`${new Date().toISOString()} ${error.message}; trying again in ${seconds} s`);
    }
    await pause(seconds * 1000);
  }
}

async function jobOf(args: AttestArguments, aleo: AleoSession, chain: DeployedSession): Promise<Job> {
  const id = agentId(args);
  const policyId = parseUnsigned("--policy", required("policy", args.policy, "a policy id"), 256);
  const { address } = await accountFor(args.key);
  const { log, place, signatures } = await openStream(args, aleo.ledger.address.network);
  const question = {
    streamId: toHex(place.streamId),
    agentId: toHex(uuidBytes("--agent", id)),
    policyId,
    maxAge: parseUnsigned("--max-age", args.maxAge ?? DEFAULTS.maxAge, 64),
    confirmations: Number(parseUnsigned("--confirmations", args.confirmations ?? DEFAULTS.confirmations, 20)),
  };
  const usual = aleo.network === "mainnet" ? DEFAULTS.mainnet : DEFAULTS.elsewhere;
  const view: AttestorView = {
    ledger: aleo.ledger,
    address,
    ask: () =>
      askChain({ provider: chain.provider, verifier: chain.contracts.verifier }, question).catch(noAnswer),
    boundAddress: async () => {
      const { book } = await readBindings(log, place, signatures);
      return book.ofAgent(id, BigInt(Date.now()))?.binding.aleoAddress;
    },
    lifetime: Number(parseUnsigned("--lifetime", args.lifetime ?? usual, 32)),
  };
  return { agentId: id, policyId, view };
}

/** Whatever a node's client throws. @throws UnavailableError, unless the error is one of ours. */
function noAnswer(cause: unknown): never {
  if (cause instanceof ProofXError) throw cause;
  throw new UnavailableError("the chain's node does not answer the verifier's views", {
    next: "check --network and its node; the same command may be repeated",
    cause,
  });
}

async function once(job: Job, args: AttestArguments, session: AleoSession, io: TaskIo): Promise<TaskResult> {
  const plan = await planAttestation(job.view, job);
  const told = { agent: job.agentId, policy: job.policyId, act: plan.act, reason: plan.reason };
  if (plan.call === undefined) {
    return {
      data: { status: plan.act, ...told, attestation: plan.attestation ?? null },
      lines: [`Agent ${job.agentId}, policy ${job.policyId}: ${SAID[plan.act]}: ${plan.reason}`],
      ...(plan.act === "keep" ? {} : { exitCode: EXIT.failed }),
    };
  }
  const { result } = await carryOut({ session, args, io }, [changeOf(plan, plan.call, job)], told);
  // What was revoked is no attestation: a script that wants one must not go on.
  return plan.act === "revoke" ? { ...result, exitCode: EXIT.failed } : result;
}

const SAID = { keep: "nothing to do", wait: "not known yet", refuse: "not attested", write: "", revoke: "" };

/** A plan's call as every change of the ledger is shown and carried out. */
export function changeOf(
  { act, reason, attestation }: AttestorPlan,
  call: NonNullable<AttestorPlan["call"]>,
  job: Pick<Job, "agentId">,
) {
  const said = attestation === undefined ? {} : attestation;
  return {
    description: `${act} the attestation of agent ${job.agentId}, since ${reason}`,
    program: call.program,
    function: call.name,
    inputs: call.inputs,
    shown: Object.entries(said).map(([name, value]) => `${name} = ${value}`),
  };
}

export default action(attest);
