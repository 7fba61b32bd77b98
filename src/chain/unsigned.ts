import { stringifyJson } from "../core/json.ts";
import type { Call } from "./call.ts";
import { writeFileDurably } from "./files.ts";
import type { Chain } from "./network.ts";

/** Unsigned calls in two forms: our own plain one and the Safe{Wallet} Transaction Builder's import file. */
export interface UnsignedFiles {
  readonly plain: string;
  readonly safe: string;
}

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
  const safe = path.replace(/(\.json)?$/, ".safe.json");
  const plain = path.endsWith(".json") ? path : `${path}.json`;
  writeFileDurably(plain, `${stringifyJson(plainForm(chain, from, calls), 2)}\n`);
  writeFileDurably(safe, `${stringifyJson(safeForm(chain, from, calls), 2)}\n`);
  return { plain, safe };
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
