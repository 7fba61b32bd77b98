import { stringifyJson } from "../core/json.ts";
import type { Call } from "./call.ts";
import { writeFileDurably } from "./files.ts";
import type { Chain } from "./network.ts";

/** Unsigned calls in two forms: our own plain one and the Safe{Wallet} Transaction Builder's import file. */
export interface UnsignedFiles {
  readonly plain: string;
  readonly safe: string;
  /** Further Safe files, when the calls are too long for one transaction of it; to be sent in this order. */
  readonly furtherSafe?: readonly string[];
}

/** Calldata (bytes) that one Safe file may carry: a Safe sends it as one transaction, and common nodes take none above 131,072. */
const SAFE_LIMIT = 100_000;

/**
 * Writes calls for an admin whose key is not here (a multisig, a custody group) to sign.
 *
 * @param path Where the plain file goes, `name.json`; the Safe file is put beside it as `name.safe.json`.
 * @param from The account that must send the calls.
 */
export function writeUnsigned(
  path: string,
  chain: Chain,
  from: string,
  calls: readonly Call[],
): UnsignedFiles {
  const [first = [], ...further] = safeBatches(calls);
  const safe = path.replace(/(\.json)?$/, ".safe.json");
  const plain = path.endsWith(".json") ? path : `${path}.json`;
  writeFileDurably(plain, `${stringifyJson(plainForm(chain, from, calls), 2)}\n`);
  writeFileDurably(safe, `${stringifyJson(safeForm(chain, from, first), 2)}\n`);
  if (further.length === 0) return { plain, safe };
  const furtherSafe = further.map((batch, index) => {
    const file = path.replace(/(\.json)?$/, `-${index + 2}.safe.json`);
    writeFileDurably(file, `${stringifyJson(safeForm(chain, from, batch), 2)}\n`);
    return file;
  });
  return { plain, safe, furtherSafe };
}

/** The files as a person is told of them. */
export function fileLines({ plain, safe, furtherSafe = [] }: UnsignedFiles): string[] {
  return [`  calldata   ${plain}`, ...[safe, ...furtherSafe].map((file) => `  Safe file  ${file}`)];
}

function safeBatches(calls: readonly Call[]): Call[][] {
  const batches: Call[][] = [];
  let size = 0;
  for (const call of calls) {
    const bytes = (call.data.length - 2) / 2;
    const batch = batches.at(-1);
    if (batch === undefined || size + bytes > SAFE_LIMIT) {
      batches.push([call]);
      size = bytes;
    } else {
      batch.push(call);
      size += bytes;
    }
  }
  return batches;
}

function plainForm(chain: Chain, from: string, calls: readonly Call[]): object {
  return {
    version: 1,
    chainId: chain.chainId,
    from,
    calls: calls.map(({ to, data, signature, args, description }) => ({
      to,
      value: "0",
      data,
      decoded: { signature, args, description },
    })),
  };
}

/** Batch file of the Safe Transaction Builder, schema version 1.0. Calldata is given whole, so no ABI is needed. */
function safeForm(chain: Chain, from: string, calls: readonly Call[]): object {
  return {
    version: "1.0",
    chainId: String(chain.chainId),
    createdAt: Date.now(),
    meta: {
      name: "ProofX",
      description: calls.map((call) => call.description).join("; "),
      txBuilderVersion: "1.17.0",
      createdFromSafeAddress: from,
      createdFromOwnerAddress: "",
    },
    transactions: calls.map(({ to, data }) => ({
      to,
      value: "0",
      data,
      contractMethod: null,
      contractInputsValues: null,
    })),
  };
}
