import { isError } from "ethers";
import {
  activateCircuitVersion,
  addCircuitVersion,
  type ChangeContext,
  chainTime,
  operationState,
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

/**
 * The steps: stop, void what the broken version let through, let the fixed one in while everything stands still, resume.
 *
 * Retired at once, not at the end: a pause stops attesting, but what was forged would answer true for the whole delay.
 */
export function circuitBug(incident: CircuitBug): IncidentStep[] {
  const { context, hands, version } = incident;
  return [
    { id: "identify", title: `What circuit version ${version} is`, run: () => identify(incident) },
    {
      id: "pause",
      title: "Pause attesting",
      run: async () => hands.apply(await pause(context), "guardian"),
    },
    retire(incident),
    ...letIn(incident).map((step) => whilePaused(incident, step)),
    { id: "resume", title: "Resume attesting", run: () => resume(incident) },
    { id: "list", title: "List who has to prove again", run: () => listFallen(incident) },
  ];
}

/** From the setup to the version that is active. */
function letIn(incident: CircuitBug): IncidentStep[] {
  const { context, hands, state } = incident;
  const verifierAddress = () => String(state.steps.deploy?.data.address);
  return [
    { id: "setup", title: "Phase 2 of the fixed circuit", run: () => makeSetup(incident) },
    { id: "deploy", title: "Deploy the fixed circuit verifier", run: () => deploy(incident) },
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
    }),
  ];
}

function retire({ context, hands, version }: CircuitBug): IncidentStep {
  return {
    id: "retire",
    title: `Retire circuit version ${version} as broken: its attestations do not count any more`,
    run: async () => hands.apply(await retireCircuitVersion(context, version, "broken"), "admin"),
    stands: async () => (await requireVersion(context, version)).status === "broken",
  };
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

/** A phase 2, a multisig, a timelock: each takes its time, and a pause runs out by itself. */
function whilePaused(incident: CircuitBug, step: IncidentStep): IncidentStep {
  const lasting = step.id.startsWith("activate-");
  return {
    ...step,
    run: async () => {
      await stayPaused(incident, lasting);
      return step.run();
    },
  };
}

/**
 * A guardian's pause is enough to stop; what has to outlast the timelock may be the admin's.
 *
 * @param lasting Until the timelock lets the fixed version in; otherwise for a while.
 */
async function stayPaused(incident: CircuitBug, lasting: boolean): Promise<void> {
  const { context, hands } = incident;
  const { verifier } = connect(context.deployment, context.provider);
  const [until, now] = await Promise.all([verifier.pausedUntil(), chainTime(context.provider)]);
  if (until >= now + (lasting ? await timelockLeft(incident, now) : 0n) + MARGIN) return;
  hands.note("the pause would run out before the fixed version is in: the admin renews it");
  await hands.apply(await pause(context, { renew: true }), "admin");
}

/** Seconds until the fixed version can be let in. */
async function timelockLeft({ context, state }: CircuitBug, now: bigint): Promise<bigint> {
  const operation = state.steps["activate-schedule"]?.data.operation;
  if (typeof operation === "string" && operation !== "") {
    const found = await operationState(context, operation);
    if (found.name === "waiting") return found.readyAt - now;
    if (found.name !== "unset") return 0n;
  }
  return connect(context.deployment, context.provider).timelock.getMinDelay();
}

async function makeSetup({ context, fixedKey, version: broken }: CircuitBug): Promise<StepRecord> {
  const { hash } = await fixedKey();
  for (const { version, status, distrustedSince, circuitVerifier } of await readCircuitVersions(context)) {
    if (version !== broken && status !== "broken" && distrustedSince === undefined) continue;
    if ((await keyHashAt(context, circuitVerifier)) !== hash) continue;
    throw new CheckError(`the setup's key is that of the broken circuit version ${version}`, {
      next: "fix circuits/, so that the compiled circuit changes, or name the fixed circuit's setup; then run this again",
    });
  }
  return { lines: [`Verifying key ${hash}.`], data: { verificationKeyHash: hash } };
}

/** Nothing but what the step before looked at is deployed: circuits/ may have changed since. */
async function deploy({ context, state, fixedKey, deployVerifier }: CircuitBug): Promise<StepRecord> {
  const key = await fixedKey();
  const expected = state.steps.setup?.data.verificationKeyHash;
  if (key.hash !== expected) {
    throw new CheckError(`the setup has changed since: expected key ${expected}, got ${key.hash}`, {
      next: "go on with the setup it was, or begin anew with another --state file",
    });
  }
  const address = await deployVerifier(key);
  if ((await keyHashAt(context, address)) !== key.hash) {
    throw new CheckError(`the circuit verifier at ${address} has another key than the setup's ${key.hash}`, {
      next: "look into the deployment file: its entry for this key is not what it says",
    });
  }
  return { lines: [`Circuit verifier at ${address}.`], data: { address } };
}

/** Undefined for a contract that shows no verifying key: it is none of ours. */
async function keyHashAt(context: ChangeContext, circuitVerifier: string): Promise<string | undefined> {
  try {
    return await deployedKeyHash(groth16At(circuitVerifier, context.provider));
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA")) return undefined;
    throw error;
  }
}

/** @throws CheckError while a proof for the broken key would still be let in. */
async function resume({ context, hands, version }: CircuitBug): Promise<StepRecord> {
  const { circuitVerifier, status } = await requireVersion(context, version);
  const broken = await keyHashAt(context, circuitVerifier);
  const open = (await readCircuitVersions(context)).filter((each) => each.status === "active");
  for (const each of open) {
    const same = each.circuitVerifier === circuitVerifier;
    if (!same && (await keyHashAt(context, each.circuitVerifier)) !== (broken ?? "none")) continue;
    throw new CheckError(`circuit version ${each.version} has the broken key and is active: not resumed`, {
      next: `npx hardhat circuit-version retire --circuit-version ${each.version} --as broken …, then run this again`,
    });
  }
  if (status !== "broken") {
    throw new CheckError(`circuit version ${version} is ${status}, not broken: not resumed`, {
      next: `npx hardhat circuit-version retire --circuit-version ${version} --as broken …, then run this again`,
    });
  }
  return hands.apply(await unpause(context), "admin");
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
