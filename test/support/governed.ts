import { readFileSync, writeFileSync } from "node:fs";
import { JsonRpcSigner } from "ethers";
import { runDeploy } from "../../scripts/deploy/run.ts";
import type { ChangeContext } from "../../src/chain/changes/index.ts";
import { type Contracts, connect } from "../../src/chain/contracts.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { identifyChain } from "../../src/chain/network.ts";
import { readDeploySettings } from "../../src/chain/settings.ts";
import { KeyProviderSigner } from "../../src/chain/signer.ts";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { compileCircuit, ensureSetup } from "../../src/setup/index.ts";
import { type CommandResult, type Operator, settingsFor, startOperator } from "./cli.ts";

/** An operator whose chain has a finished deployment, with short delays. */
export interface Governed extends Operator {
  deployment(): Deployment;
  contracts(): Contracts;
  context(): ChangeContext;
  /** Types a command against the chain. */
  onChain(line: string): Promise<CommandResult>;
  /** Address of an account, by its key's name. */
  account(name: string): string;
  /** A signer that needs no key: what a thief of it, or another program, could send. */
  impersonate(account: string): Promise<JsonRpcSigner>;
  passTime(seconds: number): Promise<void>;
  /** A fingerprint of the whole chain: changes with every transaction. */
  head(): Promise<string>;
}

const DUTIES = ["deployer", "admin", "guardian", "signer", "policy-admin", "anchorer", "stranger"];

/** Seconds that both delays last in these tests. */
export const DELAY = 3_600;

/**
 * Starts a chain and deploys on it, by the steps that `deploy` runs; the setup is the development one, on a public chain
 * too.
 *
 * @param chainId Anything but 31337 is a public network to the tasks.
 */
export async function startGoverned(
  options: { readonly chainId?: number; readonly agents?: readonly string[] } = {},
): Promise<Governed> {
  const operator = await startOperator({ accounts: DUTIES, ...options });
  await deployFor(operator);
  const { provider } = operator;
  const deployment = () =>
    JSON.parse(readFileSync(operator.path("deployments/local.json"), "utf8")) as Deployment;
  return {
    ...operator,
    deployment,
    contracts: () => connect(deployment(), provider),
    context: () => ({ provider, deployment: deployment() }),
    onChain: (line) => operator.type(`${line} --network local`),
    account: (name) => operator.accounts[name] ?? "",
    impersonate: async (account) => {
      await provider.send("hardhat_impersonateAccount", [account]);
      await provider.send("hardhat_setBalance", [account, "0x56bc75e2d63100000"]);
      return new JsonRpcSigner(provider, account);
    },
    passTime: async (seconds) => {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    head: async () => (await provider.getBlock("latest"))?.hash ?? "",
  };
}

/** Deploys as the keystore's deployer, into the operator's own folder of deployment files. */
async function deployFor({ provider, accounts, path }: Operator): Promise<void> {
  const keys = openKeyProvider({
    folder: path("keys"),
    passphrase: passphraseFromFile(path("passphrase")),
    workFactor: 4,
  });
  const signer = await KeyProviderSigner.open(keys, "deployer", provider);
  const chain = await identifyChain(provider, "local");
  const setup = await ensureSetup({ circuit: await compileCircuit("compliance") });
  writeFileSync(
    path("deploy.toml"),
    settingsFor(accounts, { admin_delay: `${DELAY}`, timelock_delay: `${DELAY}` }),
  );
  const before = process.env.PROOFX_DEPLOYMENTS;
  process.env.PROOFX_DEPLOYMENTS = path("deployments");
  try {
    const { circuit, verificationKeyHash, verifyingKey } = setup;
    const deployment: Deployment = {
      version: 1,
      network: "local",
      chainId: String(chain.chainId),
      genesisHash: chain.genesisHash,
      deployer: await signer.getAddress(),
      settings: readDeploySettings(path("deploy.toml")),
      setup: { development: true, circuit, verificationKeyHash },
      contracts: {},
    };
    await runDeploy({ chain, provider, signer, deployment, verifyingKey }, () => undefined);
  } finally {
    if (before === undefined) delete process.env.PROOFX_DEPLOYMENTS;
    else process.env.PROOFX_DEPLOYMENTS = before;
  }
}
