import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { recordsOf, sendRecords } from "../../../src/aleo/bridge/records.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import { type AleoRecord, recordEventType, recordToJson } from "../../../src/core/aleo/index.ts";
import { UnavailableError } from "../../../src/core/errors.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";
import { type AleoArguments, openAleoSession } from "../support/session.ts";
import { type AgentArguments, openStream, type StreamArguments, signingAgent } from "./open.ts";

interface RecordArguments extends AleoArguments, StreamArguments, AgentArguments {
  readonly transaction: string | undefined;
}

/** Records in the log what transactions of the programs said. */
export async function record(
  args: RecordArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const ids = required("transaction", args.transaction, "a transaction's id, at1...").split(",");
  const agent = await signingAgent(args);
  const { ledger } = await openAleoSession(args);
  const { client } = await openStream(args, ledger.address.network, agent);
  const records: AleoRecord[] = [];
  for (const id of ids) {
    io.note(`reading ${id} …`);
    records.push(...(await recordsIn(ledger, id)));
  }
  const outcomes = await sendRecords(client, records);
  return {
    data: {
      records: outcomes.map((outcome) => ({
        event_type: recordEventType(outcome.record),
        already: outcome.already,
        sequence: outcome.sequence ?? null,
        payload: recordToJson(outcome.record),
      })),
    },
    lines:
      outcomes.length === 0
        ? ["These transactions say nothing about agents' trust or stakes"]
        : outcomes.map(
            (outcome) =>
              `${describe(outcome.record)}${outcome.already ? ": the log has it" : `: sequence ${outcome.sequence}`}`,
          ),
  };
}

async function recordsIn(ledger: AleoLedger, id: string): Promise<AleoRecord[]> {
  const confirmed = await ledger.confirmation(id);
  if (confirmed === undefined)
    throw new UnavailableError(`${id} is in no block of ${ledger.url}`, {
      next: "wait for its block, or check --ledger",
    });
  return await recordsOf(ledger, ledger.address.network, confirmed);
}

function describe(record: AleoRecord): string {
  if (record.kind === "trust")
    return `Agent ${record.agentId}: execution ${record.executionId}, trust ${record.trust}`;
  const amount = record.amount === undefined ? "" : `, ${record.amount} microcredits`;
  return `Agent ${record.agentId}: stake ${record.change.replace("_", " ")}${amount}`;
}

export default action(record);
