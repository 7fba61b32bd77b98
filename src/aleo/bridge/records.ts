import {
  type AleoNetwork,
  type AleoRecord,
  type LedgerPlace,
  RECORDS_ENTITY,
  recordCommandId,
  recordEventType,
  recordToJson,
  type StakeChange,
} from "../../core/aleo/index.ts";
import { equalBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import { agentIdOf } from "../agent-id.ts";
import { type Transition, transitionsOf } from "../block.ts";
import type { AleoLedger, Confirmation } from "../ledger.ts";
import { trustVerifier } from "../programs/trust-verifier.ts";
import { decodeLeo, type LeoType, type ValueOf } from "../values.ts";
import { type BridgeLog, refusalCode } from "./log.ts";
import { BridgePrograms } from "./programs.ts";

/** Where the functions that change a stake have the agent and the amount. */
const STAKE_FUNCTIONS: Readonly<Record<string, { change: StakeChange; agent: number; amount?: number }>> = {
  register_agent: { change: "registered", agent: 0, amount: 3 },
  increase_stake: { change: "increased", agent: 0, amount: 1 },
  request_withdrawal: { change: "withdrawal_requested", agent: 0, amount: 1 },
  execute_slash: { change: "slashed", agent: 1 },
  migrate_agent: { change: "migrated", agent: 0, amount: 2 },
};

/**
 * What a transaction says about agents' trust and stakes. Agents that no UUID stands for are not ours and left out.
 *
 * @throws CheckError when the ledger rejected it, or shows less than a transaction has.
 */
export async function recordsOf(
  ledger: AleoLedger,
  network: AleoNetwork,
  confirmed: Confirmation,
): Promise<AleoRecord[]> {
  const { id, status, height, transaction } = confirmed;
  if (status !== "accepted")
    throw new CheckError(`${id} was rejected in block ${height}: it changed nothing`);
  const programs = new BridgePrograms(ledger);
  const records: AleoRecord[] = [];
  for (const transition of transitionsOf(transaction)) {
    const { program } = transition;
    const place = { network, program, transactionId: id, transitionId: transition.id, height };
    if (program === BridgePrograms.registry) records.push(...stakeOf(place, transition));
    if (program === BridgePrograms.verifier) records.push(...(await trustOf(programs, place, transition)));
  }
  return records;
}

/** What became of a record. */
export interface RecordOutcome {
  readonly record: AleoRecord;
  /** Of its event, when this call sent it. */
  readonly sequence: bigint | undefined;
  readonly already: boolean;
}

/**
 * Sends records as events. The log takes one event for each, whoever sends it and however often.
 *
 * @throws CheckError when the log has another event in a record's place.
 */
export async function sendRecords(log: BridgeLog, records: readonly AleoRecord[]): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = [];
  const counts = new Map<string, number>();
  for (const record of records) {
    const kind = `${record.transitionId} ${record.kind}`;
    const index = counts.get(kind) ?? 0;
    counts.set(kind, index + 1);
    outcomes.push(await sendRecord(log, record, index));
  }
  return outcomes;
}

async function sendRecord(log: BridgeLog, record: AleoRecord, index: number): Promise<RecordOutcome> {
  const commandId = recordCommandId(record, index);
  const event = await log.build({
    entityType: RECORDS_ENTITY,
    entityId: record.agentId,
    eventType: recordEventType(record),
    payload: recordToJson(record),
    commandId,
  });
  try {
    const { sequence } = await log.send(event);
    return { record, sequence, already: false };
  } catch (error) {
    if (refusalCode(error) !== "command-conflict") throw error;
    await requireRecorded(log, record, commandId);
    return { record, sequence: undefined, already: true };
  }
}

/** Anybody who may write events could take a record's command first, and say something else. */
async function requireRecorded(log: BridgeLog, record: AleoRecord, commandId: string): Promise<void> {
  const payload = canonicalJson("record", recordToJson(record));
  for await (const entry of log.entityEvents(RECORDS_ENTITY, record.agentId)) {
    if (entry.missing !== undefined || entry.event.commandId !== commandId) continue;
    const { event, sequence } = entry;
    const same =
      event.eventType === recordEventType(record) &&
      event.payloadKind === 0 &&
      equalBytes(canonicalJson("payload", event.payload), payload);
    if (same) return;
    throw new CheckError(
      `event ${sequence} has the place of ${record.transitionId}, and says something else`,
    );
  }
  throw new CheckError(
    `the command of ${record.transitionId} was carried out by an event about something else`,
  );
}

function stakeOf(place: LedgerPlace, transition: Transition): AleoRecord[] {
  const form = STAKE_FUNCTIONS[transition.function];
  if (form === undefined) return [];
  const agentId = uuidOf(input(transition, form.agent, "field"));
  if (agentId === undefined) return [];
  const amount = form.amount === undefined ? undefined : input(transition, form.amount, "u64");
  return [{ kind: "stake", ...place, agentId, change: form.change, amount }];
}

async function trustOf(
  programs: BridgePrograms,
  place: LedgerPlace,
  transition: Transition,
): Promise<AleoRecord[]> {
  const ids = executionsIn(transition);
  if (ids.length === 0) return [];
  const agent = input(transition, 0, "field");
  const agentId = uuidOf(agent);
  if (agentId === undefined) return [];
  const records: AleoRecord[] = [];
  for (const id of ids) {
    // Never changed once it is there.
    const execution = await programs.execution(id);
    if (execution === undefined || execution.agent !== agent)
      throw new CheckError(`the ledger does not show execution ${id} of ${place.transactionId}`);
    const { proof_hash, trust, attested } = execution;
    const said = { executionId: String(id), proofHash: String(proof_hash), trust, attested };
    records.push({ kind: "trust", ...place, agentId, ...said });
  }
  return records;
}

const BATCH = trustVerifier.functions.batch_verify.inputs.execution_ids.type;

/** Ids of the executions that a call verified. */
function executionsIn(transition: Transition): readonly bigint[] {
  switch (transition.function) {
    case "verify_execution":
    case "verify_high_trust":
      return [input(transition, 1, "field")];
    case "batch_verify":
      // Entries that are not used are 0.
      return input(transition, 1, BATCH).filter((id) => id !== 0n);
    default:
      return [];
  }
}

/** The agent with a number; undefined when no agent can have it. */
function uuidOf(agent: bigint): string | undefined {
  return agent >> 128n === 0n ? agentIdOf(agent) : undefined;
}

function input<T extends LeoType>({ id, inputs }: Transition, index: number, type: T): ValueOf<T> {
  const value = inputs[index]?.type === "public" ? inputs[index]?.value : undefined;
  if (value === undefined) throw new CheckError(`transition ${id} does not show its input ${index}`);
  return decodeLeo(`input ${index} of ${id}`, type, value);
}
