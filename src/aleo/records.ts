import type { AleoAccount } from "./account.ts";
import { type Block, heightOf, type Transition } from "./block.ts";
import type { AleoLedger } from "./ledger.ts";
import { type AleoSdk, loadSdk } from "./sdk.ts";
import { isMembers, type LeoMembers, parseLeo } from "./values.ts";

/** A record on the ledger that an account can read and, until it is spent, spend. */
export interface OwnedRecord {
  readonly program: string;
  /** Its type in that program, e.g. `credits`. */
  readonly name: string;
  /** Of the block that holds it. */
  readonly height: number;
  readonly transaction: string;
  readonly commitment: string;
  /** Leo text, as the SDK takes it for an input. Private: whoever has it knows what is in it. */
  readonly plaintext: string;
  /** The same taken apart, without visibilities; `owner` and `_nonce` among them. */
  readonly members: LeoMembers;
  readonly spent: boolean;
}

interface Found extends Omit<OwnedRecord, "spent"> {
  /** What its spending would show, in any transaction. */
  readonly serial: string;
}

/**
 * Finds the records of an account by trying its view key on every record of the blocks; neither key leaves this process, and
 * no node learns whose records are looked for.
 *
 * A record is known as spent when a later block of the same range spends it.
 *
 * @param first First height, 0 by default. @param last Last height, the latest by default.
 */
export async function ownedRecords(
  ledger: AleoLedger,
  account: AleoAccount,
  { first = 0, last }: { readonly first?: number; readonly last?: number } = {},
): Promise<OwnedRecord[]> {
  const sdk = await loadSdk(ledger.address.network);
  const sources = new Map<string, string>();
  const found: Found[] = [];
  const spent = new Set<string>();
  for await (const block of ledger.blocks(first, last ?? (await ledger.height()))) {
    for (const { transaction, transition } of acceptedTransitions(block)) {
      for (const { type, id } of transition.inputs) if (type === "record") spent.add(id);
      for (const [index, { type, id, value }] of transition.outputs.entries()) {
        if (type !== "record" || value === undefined) continue;
        const plaintext = decrypt(sdk, account, value);
        if (plaintext === undefined) continue;
        const { program } = transition;
        const name = recordName(await sourceOf(ledger, sources, program), transition.function, index);
        const members = parseLeo(plaintext);
        if (name === undefined || !isMembers(members)) continue;
        const serial = serialNumber(sdk, account, value, program, name);
        found.push({
          program,
          name,
          height: heightOf(block),
          transaction,
          commitment: id,
          plaintext,
          members,
          serial,
        });
      }
    }
  }
  return found.map(({ serial, ...record }) => ({ ...record, spent: spent.has(serial) }));
}

function* acceptedTransitions(block: Block): Generator<{ transaction: string; transition: Transition }> {
  for (const { transaction } of block.transactions) {
    const transitions = transaction.execution?.transitions ?? [];
    const fee = transaction.fee?.transition;
    // A rejected transaction left its fee alone, which may have been paid with a record.
    for (const transition of fee == null ? transitions : [...transitions, fee]) {
      yield { transaction: transaction.id, transition };
    }
  }
}

/** Text of a record; undefined when it is somebody else's. */
function decrypt(sdk: AleoSdk, account: AleoAccount, value: string): string | undefined {
  return account.withViewKey((viewKey) => {
    const record = sdk.RecordCiphertext.fromString(value);
    if (!record.isOwner(viewKey)) return undefined;
    return record.decrypt(viewKey).toString();
  }, sdk);
}

function serialNumber(
  sdk: AleoSdk,
  account: AleoAccount,
  value: string,
  program: string,
  name: string,
): string {
  return account.withViewKey((viewKey) => {
    const record = sdk.RecordCiphertext.fromString(value);
    const recordViewKey = record.recordViewKey(viewKey).toString();
    const plaintext = record.decrypt(viewKey);
    return account.withPrivateKey(
      (key) => plaintext.serialNumberString(key, program, name, recordViewKey),
      sdk,
    );
  }, sdk);
}

async function sourceOf(ledger: AleoLedger, known: Map<string, string>, program: string): Promise<string> {
  const source = known.get(program) ?? (await ledger.program(program)) ?? "";
  known.set(program, source);
  return source;
}

/** Type of a function's output that is a record, from the program's `output r3 as credits.record;`. */
function recordName(source: string, name: string, index: number): string | undefined {
  const [, body = ""] = new RegExp(`\\nfunction ${name}:\\n((?: {4}.*\\n)*)`).exec(`${source}\n`) ?? [];
  const outputs = [...body.matchAll(/^ {4}output \S+ as (\S+);$/gm)].map(([, type = ""]) => type);
  const [, record] = /^(?:\S+\/)?(\w+)\.record$/.exec(outputs[index] ?? "") ?? [];
  return record;
}
