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
import type { SolidityVerifyingKey } from "../../setup/index.ts";
import { deployedKeyHash } from "../deployed-key.ts";
import { verdicts } from "./history.ts";
import { proveAgainRecord, whoMustProveAgain } from "./prove-again.ts";
import type { IncidentState } from "./state.ts";
import type { Hands, IncidentStep, StepRecord } from "./step.ts";
import { throughTimelock } from "./timelock-steps.ts";

/** The verifying key of the fixed circuit's phase 2. */
export interface FixedKey {
  readonly verifyingKey: SolidityVerifyingKey;
  /** Its hash, as transcripts and deployment files name it. */
  readonly hash: string;
}

/** Scenario B of the playbook: a circuit version accepts what is false. */
export interface CircuitBug {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  /** The circuit version that is broken. */
  readonly version: number;
  /** Compiles the fixed circuit and runs or finds its phase 2; called more than once, it finds the same key. */
  readonly fixedKey: () => Promise<FixedKey>;
  /** Deploys a circuit verifier with that key, once whatever crashes; its address. */
  readonly deployVerifier: (key: FixedKey) => Promise<string>;
}

/** Pause lasts at least this much longer than the timelock's delay when the wait begins (s). */
const MARGIN = 3_600n;

/** The steps: stop, make the fixed version, let it in while everything stands still, retire the broken one, resume. */
export function circuitBug(incident: CircuitBug): IncidentStep[] {
  const { context, hands, state, version } = incident;
  const verifierAddress = () => String(state.steps.deploy?.data.address);
  return [
    { id: "identify", title: `What circuit version ${version} is`, run: () => identify(incident) },
    {
      id: "pause",
      title: "Pause attesting",
      run: async () => hands.apply(await pause(context), "guardian"),
    },
    { id: "setup", title: "Phase 2 of the fixed circuit", run: () => makeSetup(incident) },
    {
      id: "deploy",
      title: "Deploy the fixed circuit verifier",
      run: async () => {
        const address = await incident.deployVerifier(await incident.fixedKey());
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

/** Only what is read at once: searching the logs would leave the door open for as long. */
async function identify({ context, version }: CircuitBug): Promise<StepRecord> {
  const { circuitVerifier, status } = await requireVersion(context, version);
  if (status === "none" || status === "added") {
    throw new RefusedError(`circuit version ${version} was never active: nothing stands on it`, {
      next: "never activate it; no incident is needed",
    });
  }
  const others = (await readCircuitVersions(context)).filter((each) => each.version !== version);
  const active = others.filter((each) => each.status === "active").map((each) => each.version);
  const lines = [
    `Circuit version ${version} is ${status}, its circuit verifier is at ${circuitVerifier}.`,
    active.length === 0 ? "No other version is active." : `Also active: version ${active.join(", ")}.`,
  ];
  return { lines, data: { circuitVerifier, status, active } };
}

/** A guardian's pause is enough to stop; what has to outlast the timelock may be the admin's. */
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

async function makeSetup({ context, version, fixedKey }: CircuitBug): Promise<StepRecord> {
  const { circuitVerifier } = await requireVersion(context, version);
  const broken = await deployedKeyHash(groth16At(circuitVerifier, context.provider));
  const { hash } = await fixedKey();
  if (hash === broken) {
    throw new CheckError(`the setup's key is that of the broken circuit version ${version}`, {
      next: "fix circuits/, so that the compiled circuit changes, or name the fixed circuit's setup; then run this again",
    });
  }
  return { lines: [`Verifying key ${hash}.`], data: { verificationKeyHash: hash } };
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
