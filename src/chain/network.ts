import type { Provider } from "ethers";
import { InputError, RefusedError, UnavailableError } from "../core/errors.ts";

/** Chain ids of nodes that forget everything when they stop (Hardhat and Anvil; Geth's `--dev`). */
const DEVELOPMENT_CHAIN_IDS: readonly bigint[] = [31337n, 1337n];

/** Which chain a node serves. */
export interface Chain {
  /** Name of the network in `config/networks.ts`. */
  readonly network: string;
  readonly chainId: bigint;
  /** Hash of block 0: tells two development chains with the same id apart. */
  readonly genesisHash: string;
  /** Anything that is not a development chain: what happens there cannot be undone. */
  readonly isPublic: boolean;
}

/** Asks a node which chain it serves; {@link UnavailableError} when it does not answer. */
export async function identifyChain(provider: Provider, network: string): Promise<Chain> {
  try {
    const [{ chainId }, genesis] = await Promise.all([provider.getNetwork(), provider.getBlock(0)]);
    if (genesis?.hash == null) throw new Error("the node has no block 0");
    return {
      network,
      chainId,
      genesisHash: genesis.hash,
      isPublic: !DEVELOPMENT_CHAIN_IDS.includes(chainId),
    };
  } catch (cause) {
    throw new UnavailableError(`the node of network "${network}" does not answer`, {
      cause,
      next:
        network === "story"
          ? "start the story's chain and leave it up: npm start -- --keep"
          : `check the URL of "${network}" in config/networks.ts and that a node listens there`,
    });
  }
}

/** How an act on a public network is confirmed. */
export interface Confirmation {
  /** The network's name as the caller typed it on the command line, for scripts. */
  readonly given: string | undefined;
  /** Asks a person; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/**
 * Passes on a development chain; on a public network demands its name, from `--confirm NAME` or typed.
 *
 * @throws RefusedError when nobody confirmed; InputError when another network was named.
 */
export async function confirmNetwork(chain: Chain, act: string, confirmation: Confirmation): Promise<void> {
  if (!chain.isPublic) return;
  const { given, ask } = confirmation;
  const question = `${act} on ${chain.network} (chain id ${chain.chainId}). Type the network's name to go on: `;
  const answer = given ?? (await ask?.(question));
  if (answer === undefined) {
    throw new RefusedError(`${act} on the public network ${chain.network} was not confirmed`, {
      next: `add --confirm ${chain.network}`,
    });
  }
  if (answer.trim() !== chain.network) {
    throw InputError.expected("confirmation", `the network's name "${chain.network}"`, answer.trim());
  }
}
