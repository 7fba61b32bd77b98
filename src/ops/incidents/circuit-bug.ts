import {
  activateCircuitVersion,
  addCircuitVersion,
  type ChangeContext,
  pause,
  readCircuitVersions,
  requireVersion,
  retireCircuitVersion,
  unpause,
} from "../../chain/changes/index.ts";
import { connect, groth16At } from "../../chain/contracts.ts";
import { CheckError, RefusedError } from "../../core/errors.ts";
import type { Setup } from "../../setup/index.ts";
import { deployedKeyHash } from "../deployed-key.ts";
import { verdicts } from "./history.ts";
import { proveAgainRecord, whoMustProveAgain } from "./prove-again.ts";
import type { IncidentState } from "./state.ts";
import type { Hands, IncidentStep, StepRecord } from "./step.ts";
import { throughTimelock } from "./timelock-steps.ts";

/** The phase 2 of the fixed circuit, as far as this incident looks at it. */
export type FixedSetup = Pick<
  Setup,
  "verifyingKey" | "verificationKeyHash" | "transcriptFile" | "development"
>;

/** Scenario B of the playbook: a circuit version accepts what is false. */
export interface CircuitBug {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  /** The circuit version that is broken. */
  readonly version: number;
  /** Compiles the fixed circuit and runs or finds its phase 2. */
  readonly setup: () => Promise<FixedSetup>;
  /** Deploys a circuit verifier with the setup's key, once whatever crashes; its address. */
  readonly deployVerifier: (setup: FixedSetup) => Promise<string>;
}

/** Pause lasts at least this much longer than the timelock's delay when the wait begins (s). */
const MARGIN = 3_600n;

/** The steps: stop, make the fixed version, let it in while everything stands still, retire the broken one, resume. */
export function circuitBug(incident: CircuitBug): IncidentStep[] {
  const { context, hands, state, version } = incident;
  const verifierAddress = () => String(state.steps.deploy?.data.address);
  return [
    { id: "pause", title: "Pause attesting", run: () => pauseLongEnough(incident) },
    { id: "setup", title: "Phase 2 of the fixed circuit", run: () => makeSetup(incident) },
    {
      id: "deploy",
      title: "Deploy the fixed circuit verifier",
      run: async () => {
        const address = await incident.deployVerifier(await incident.setup());
        return { lines: [`Circuit verifier at ${address}.`], data: { address } };
      },
    },
    {
      id: "add",
      title: "Add it as a circuit version",
      run: async () => {
        const added = await hands.apply(await addCircuitVersion(context, verifierAddress()), "admin");
        const newVersion = await versionOf(context, verifierAddress());
        return {
          lines: [...added.lines, `It is circuit version ${newVersion}.`],
          data: { ...added.data, newVersion },
        };
      },
    },
    ...throughTimelock({
      context,
      hands,
      state,
      id: "activate",
      what: "activation of the fixed circuit version",
      change: async () => activateCircuitVersion(context, await versionOf(context, verifierAddress())),
      meanwhile: () => stayPaused(incident),
    }),
    {
      id: "retire",
      title: `Retire circuit version ${version} as broken: its attestations do not count any more`,
      run: async () => hands.apply(await retireCircuitVersion(context, version, "broken"), "admin"),
    },
    {
      id: "resume",
      title: "Resume attesting",
      run: async () => hands.apply(await unpause(context), "admin"),
    },
    { id: "list", title: "List who has to prove again", run: () => listFallen(incident) },
  ];
}

/** A guardian's pause is enough to stop; what has to outlast the timelock is the admin's. */
async function pauseLongEnough({ context, hands, version }: CircuitBug): Promise<StepRecord> {
  const { status } = await requireVersion(context, version);
  if (status === "none" || status === "added") {
    throw new RefusedError(`circuit version ${version} was never active: nothing stands on it`, {
      next: `never activate it; no incident is needed`,
    });
  }
  return hands.apply(await pause(context), "guardian");
}

/** Renews the pause when it would run out before the timelock lets the fixed version in. */
async function stayPaused({ context, hands }: CircuitBug): Promise<void> {
  const { verifier, timelock } = connect(context.deployment, context.provider);
  const [until, delay, block] = await Promise.all([
    verifier.pausedUntil(),
    timelock.getMinDelay(),
    context.provider.getBlock("latest"),
  ]);
  if (until >= BigInt(block?.timestamp ?? 0) + delay + MARGIN) return;
  hands.note("the pause would run out before the timelock lets the fixed version in: the admin renews it");
  await hands.apply(await pause(context, { renew: true }), "admin");
}

async function makeSetup({ context, version, setup, hands }: CircuitBug): Promise<StepRecord> {
  const { circuitVerifier } = await requireVersion(context, version);
  const broken = await deployedKeyHash(groth16At(circuitVerifier, context.provider));
  hands.note("compiling the circuit and running its phase 2");
  const { verificationKeyHash, transcriptFile, development } = await setup();
  if (verificationKeyHash === broken) {
    throw new CheckError(`the setup's key is that of the broken circuit version ${version}`, {
      next: "fix circuits/, so that the compiled circuit changes, or name the fixed circuit's setup; then run this again",
    });
  }
  const lines = [
    `Verifying key ${verificationKeyHash}, transcript ${transcriptFile}.`,
    ...(development ? ["FOR DEVELOPMENT: whoever made these powers of tau can forge proofs."] : []),
  ];
  return { lines, data: { verificationKeyHash, transcriptFile, development } };
}

async function versionOf(context: ChangeContext, circuitVerifier: string): Promise<number> {
  const versions = await readCircuitVersions(context);
  const found = versions.findLast((version) => version.circuitVerifier === circuitVerifier);
  if (found !== undefined) return found.version;
  throw new CheckError(`the circuit verifier at ${circuitVerifier} is no circuit version yet`);
}

async function listFallen({ context, version }: CircuitBug): Promise<StepRecord> {
  const history = await verdicts(context.provider, context.deployment);
  const onIt = history.filter(({ circuitVersion }) => circuitVersion === version);
  return proveAgainRecord(await whoMustProveAgain(context.provider, context.deployment, onIt));
}
