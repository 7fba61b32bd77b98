import { join } from "node:path";
import { applyChange, type Change } from "../../src/chain/change.ts";
import { writeUnsigned } from "../../src/chain/unsigned.ts";
import { Awaiting, type Duty, type Hands } from "../../src/ops/incidents/index.ts";
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
    apply: async (change, duty) => {
      if (change.already())
        return { lines: [`Already so: ${change.call.description}.`], data: { already: true } };
      for (const line of changeLines(change)) io.note(`      ${line}`);
      const key = options.keys[duty];
      if (key === undefined) throw handOver(session, options.out, change, duty);
      await confirm(session.chain, change.call.description, options.confirm, io);
      const applied = await applyChange(await signerFor(session, key), change);
      if (applied === undefined) return { lines: [], data: { already: true } };
      const { hash, gasUsed, blockNumber } = applied.receipt;
      const lines = applied.changed.map(({ what, before, after }) => `${what}: ${before} -> ${after}`);
      return { lines, data: { transactionHash: hash, gasUsed, blockNumber } };
    },
  };
}

function changeLines({ call, expected }: Change): string[] {
  return [
    call.description,
    ...describe(call),
    ...expected.map(({ what, before, after }) => `  expected: ${what}: ${before} -> ${after}`),
  ];
}

/** The call in a file, for whoever has to send it; run again, the incident finds it sent and goes on. */
function handOver(session: Session, folder: string, { call, sender }: Change, duty: Duty): Awaiting {
  const from = sender.accounts[0] ?? "";
  const name = call.signature.slice(0, call.signature.indexOf("("));
  const { plain, safe } = writeUnsigned(join(folder, `${name}.json`), session.chain, from, [call]);
  return new Awaiting(`${duty} has to send: ${call.description}`, [
    `unsigned, to be sent by ${sender.accounts.join(" or ") || `a holder of ${sender.as}`}:`,
    `  calldata   ${plain}`,
    `  Safe file  ${safe}`,
    "then run the same command again",
  ]);
}
