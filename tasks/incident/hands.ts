import { join } from "node:path";
import type { Signer } from "ethers";
import { applyChange, type Change } from "../../src/chain/change.ts";
import { fileLines, writeUnsigned } from "../../src/chain/unsigned.ts";
import { ProofXError } from "../../src/core/errors.ts";
import { Awaiting, type Duty, type Hands, type StepRecord } from "../../src/ops/incidents/index.ts";
import { describe, signerFor } from "../support/act.ts";
import type { Session } from "../support/session.ts";
import { confirm } from "../support/session.ts";
import type { TaskIo } from "../support/task.ts";

/** Who acts with what, as the options of an incident say it. */
export interface HandOptions {
  /** Keystore key of each duty; a duty without one gets its calls written unsigned. */
  readonly keys: Readonly<Partial<Record<Duty, string | undefined>>>;
  /** Folder for unsigned calls. */
  readonly out: string;
  readonly confirm: string | undefined;
  /** See {@link Hands}. */
  readonly patience: number;
}

/** The hands of a person at a terminal: keys of the keystore, or unsigned calldata for a multisig. */
export function operatorHands(session: Session, options: HandOptions, io: TaskIo): Hands {
  return {
    patience: options.patience,
    note: (line) => io.note(`      ${line}`),
    apply: async (given, duty) => {
      const changes = [given].flat();
      const open = changes.filter((change) => !change.already());
      const lines = changes
        .filter((change) => change.already())
        .map(({ call }) => `Already so: ${call.description}.`);
      const [first, ...more] = open;
      if (first === undefined) return { lines, data: { already: true } };
      for (const line of open.flatMap(changeLines)) io.note(`      ${line}`);
      const key = options.keys[duty];
      if (key === undefined) throw handOver(session, options.out, [first, ...more], duty);
      await confirm(session.chain, wordsOf(open), options.confirm, io);
      const signer = await signerFor(session, key);
      const sent: StepRecord[] = [];
      const refusals: ProofXError[] = [];
      for (const change of open) {
        try {
          sent.push(await sendOne(signer, change));
        } catch (error) {
          if (!(error instanceof ProofXError)) throw error;
          if (more.length > 0) io.note(`      ${error.message}`);
          refusals.push(error);
        }
      }
      if (refusals[0] !== undefined) throw refusals[0];
      return { lines: [...lines, ...sent.flatMap((each) => each.lines)], data: sent.at(-1)?.data ?? {} };
    },
  };
}

async function sendOne(signer: Signer, change: Change): Promise<StepRecord> {
  const applied = await applyChange(signer, change);
  if (applied === undefined) return { lines: [], data: { already: true } };
  const { hash, gasUsed, blockNumber } = applied.receipt;
  const lines = applied.changed.map(({ what, before, after }) => `${what}: ${before} -> ${after}`);
  return { lines, data: { transactionHash: hash, gasUsed, blockNumber } };
}

function wordsOf(changes: readonly Change[]): string {
  return changes.map(({ call }) => call.description).join("; ");
}

function changeLines({ call, expected }: Change): string[] {
  return [
    call.description,
    ...describe(call),
    ...expected.map(({ what, before, after }) => `  expected: ${what}: ${before} -> ${after}`),
  ];
}

/** The calls in one file, for whoever has to send them; run again, the incident finds them sent and goes on. */
function handOver(
  session: Session,
  folder: string,
  changes: readonly [Change, ...Change[]],
  duty: Duty,
): Awaiting {
  const [{ call, sender }] = changes;
  const from = sender.accounts[0] ?? "";
  const name = call.signature.slice(0, call.signature.indexOf("("));
  const calls = changes.map((change) => change.call);
  const files = writeUnsigned(join(folder, `${name}.json`), session.chain, from, calls);
  return new Awaiting(`${duty} has to send: ${wordsOf(changes)}`, [
    `unsigned, to be sent by ${sender.accounts.join(" or ") || `a holder of ${sender.as}`}:`,
    ...fileLines(files),
    "then run the same command again",
  ]);
}
