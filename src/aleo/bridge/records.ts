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
import { type BridgeLog, refusalCode } from "./log.ts";
import { agentOfField, type BridgeLedger, BridgePrograms, integer } from "./programs.ts";

/** A transaction in a block, as far as records are made of it. A ledger's confirmation is one. */
export interface ConfirmedExecution {
  readonly id: string;
  readonly status: "accepted" | "rejected";
  readonly height: number;
  readonly transaction: {
    readonly transaction: {
      readonly execution?: { readonly transitions: readonly RecordedTransition[] } | undefined;
    };
  };
}

export interface RecordedTransition {
  readonly id: string;
  readonly program: string;
  readonly function: string;
  /** `value` is Leo text for a public input, a ciphertext for a private one. */
  readonly inputs: readonly { readonly type: string; readonly value?: string | undefined }[];
}

/** Where the functions that change a stake have the agent and the amount. */
const STAKE_FUNCTIONS: Readonly<Record<string, { change: StakeChange; agent: number; amount?: number }>> = {
  register_agent: { change: "registered", agent: 0, amount: 3 },
  increase_stake: { change: "increased", agent: 0, amount: 1 },
  request_withdrawal: { change: "withdrawal_requested", agent: 0, amount: 1 },
  execute_slash: { change: "slashed", agent: 1 },
  migrate_agent: { change: "migrated", agent: 0, amount: 2 },
};
/** Functions that record executions, all with agent and ids first. */
const TRUST_FUNCTIONS = new Set(["verify_execution", "verify_high_trust", "batch_verify"]);

/**
 * What a transaction says about agents' trust and stakes. Agents that no UUID stands for are not ours and left out.
 *
 * @throws CheckError when the ledger rejected it, or shows less than a transaction has.
 */
export async function recordsOf(
  ledger: BridgeLedger,
  network: AleoNetwork,
  confirmed: ConfirmedExecution,
): Promise<AleoRecord[]> {
  const { id, status, height, transaction } = confirmed;
  if (status !== "accepted")
    throw new CheckError(`${id} was rejected in block ${height}: it changed nothing`);
  const programs = new BridgePrograms(ledger);
  const records: AleoRecord[] = [];
  for (const transition of transaction.transaction.execution?.transitions ?? []) {
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

function stakeOf(place: LedgerPlace, transition: RecordedTransition): AleoRecord[] {
  const form = STAKE_FUNCTIONS[transition.function];
  if (form === undefined) return [];
  const agentId = agentOfField(integer(input(transition, form.agent)));
  if (agentId === undefined) return [];
  const amount = form.amount === undefined ? undefined : integer(input(transition, form.amount));
  return [{ kind: "stake", ...place, agentId, change: form.change, amount }];
}

async function trustOf(
  programs: BridgePrograms,
  place: LedgerPlace,
  transition: RecordedTransition,
): Promise<AleoRecord[]> {
  if (!TRUST_FUNCTIONS.has(transition.function)) return [];
  const agent = integer(input(transition, 0));
  const agentId = agentOfField(agent);
  if (agentId === undefined) return [];
  // One id, or an array of five whose unused ones are 0.
  const ids = [...input(transition, 1).matchAll(/\d+(?=field)/g)].map(([digits]) => BigInt(digits));
  const records: AleoRecord[] = [];
  for (const id of ids.filter((each) => each !== 0n)) {
    // Never changed once it is there.
    const execution = await programs.execution(id);
    if (execution === undefined || execution.agent !== agent)
      throw new CheckError(`the ledger does not show execution ${id} of ${place.transactionId}`);
    const { proofHash, trust, attested } = execution;
    const said = { executionId: String(id), proofHash: String(proofHash), trust, attested };
    records.push({ kind: "trust", ...place, agentId, ...said });
  }
  return records;
}

function input({ id, inputs }: RecordedTransition, index: number): string {
  const value = inputs[index]?.type === "public" ? inputs[index]?.value : undefined;
  if (value === undefined) throw new CheckError(`transition ${id} does not show its input ${index}`);
  return value;
}
