import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface } from "ethers";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT } from "../support/process.ts";

/** A development chain, and what only such a chain lets one do. */
export class StageChain {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(this.#url, { method: "POST", body, headers });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new CheckError(`${method}: ${error.message}`);
    return result;
  }

  /** Number of the newest block. */
  async height(): Promise<bigint> {
    return BigInt((await this.rpc("eth_blockNumber")) as string);
  }

  /** Sends as an account whose key nobody has to have; a contract that is to act has no money for gas, so it gets some. */
  async send(from: string, to: string, signature: string, ...args: readonly unknown[]): Promise<void> {
    const called = new Interface([`function ${signature}`]);
    const name = signature.slice(0, signature.indexOf("("));
    const data = called.encodeFunctionData(name, [...args]);
    if ((await this.rpc("eth_getCode", from, "latest")) !== "0x")
      await this.rpc("hardhat_setBalance", from, "0xde0b6b3a7640000");
    await this.rpc("hardhat_impersonateAccount", from);
    try {
      const hash = await this.rpc("eth_sendTransaction", { from, to, data });
      const receipt = (await this.rpc("eth_getTransactionReceipt", hash)) as { status: string };
      if (receipt.status !== "0x1") throw new CheckError(`${signature} reverted`);
    } finally {
      await this.rpc("hardhat_stopImpersonatingAccount", from);
    }
  }

  async passTime(seconds: number): Promise<void> {
    await this.rpc("evm_increaseTime", seconds);
    await this.rpc("evm_mine");
  }
}

/** Addresses in a deployment's file and a keystore's; both are readable without a passphrase. */
export function readAddresses(deployment: string, keystore: readonly string[]): Record<string, string> {
  const { contracts } = JSON.parse(readFileSync(join(ROOT, deployment), "utf8")) as {
    contracts: Record<string, { address: string }>;
  };
  const addresses: Record<string, string> = {};
  for (const [name, { address }] of Object.entries(contracts)) addresses[name] = address;
  for (const file of keystore) {
    const { name, address } = JSON.parse(readFileSync(file, "utf8")) as { name: string; address?: string };
    if (address !== undefined) addresses[name] = address;
  }
  return addresses;
}
