import type * as Sdk from "@provablehq/sdk/testnet.js";
import { InputError } from "../core/errors.ts";

/** Provable's SDK, whose Rust core runs as WebAssembly in this process. */
export type AleoSdk = typeof Sdk;

export const ALEO_NETWORKS = ["testnet", "mainnet"] as const;
/** A development ledger is a testnet. */
export type AleoNetwork = (typeof ALEO_NETWORKS)[number];

const loading = new Map<AleoNetwork, Promise<AleoSdk>>();

/**
 * Loads the SDK of a network once; 78 MB of WebAssembly take about a second, so nothing loads it that does not need it.
 *
 * Its builders work in this thread: while one builds a transaction, nothing else here runs.
 */
export function loadSdk(network: AleoNetwork = "testnet"): Promise<AleoSdk> {
  let sdk = loading.get(network);
  if (sdk === undefined) {
    sdk = load(network);
    loading.set(network, sdk);
  }
  return sdk;
}

/** @throws InputError unless it is a network there is. */
export function requireNetwork(name: string): AleoNetwork {
  const network = ALEO_NETWORKS.find((known) => known === name);
  if (network === undefined) throw InputError.expected("Aleo network", ALEO_NETWORKS.join(" or "), name);
  return network;
}

async function load(network: AleoNetwork): Promise<AleoSdk> {
  // Both modules have the same face; they differ in the network's constants inside.
  const sdk: AleoSdk =
    network === "mainnet"
      ? ((await import("@provablehq/sdk/mainnet.js")) as unknown as AleoSdk)
      : await import("@provablehq/sdk/testnet.js");
  // Standard output belongs to results; what goes wrong comes back as an error.
  sdk.setLogLevel("silent");
  // The line above reaches the Rust core only later.
  sdk.setWasmLogLevel(0);
  return sdk;
}
