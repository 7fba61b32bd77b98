import type { Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Contracts, connect } from "../../src/chain/contracts.ts";
import { type Deployment, requireDeployment } from "../../src/chain/deployment.ts";
import { type Chain, confirmNetwork, identifyChain } from "../../src/chain/network.ts";
import { InputError } from "../../src/core/errors.ts";
import type { TaskIo } from "./task.ts";

/** A task's hold on a chain. */
export interface Session {
  readonly chain: Chain;
  readonly provider: Provider;
}

/** A session on a chain that has a finished deployment. */
export interface DeployedSession extends Session {
  readonly deployment: Deployment;
  /** Clients that read; sending goes through `act`. */
  readonly contracts: Contracts;
}

/** Connects to the network named by `--network`; tasks never fall back to a default one. */
export async function openSession(hre: HardhatRuntimeEnvironment): Promise<Session> {
  const network = hre.globalOptions.network;
  if (network === undefined) {
    const names = Object.keys(hre.config.networks).filter(
      (name) => hre.config.networks[name]?.type === "http",
    );
    throw InputError.expected("--network", `one of ${names.join(", ")}`, undefined);
  }
  const connection = await hre.network.getOrCreate(network);
  const provider: Provider = connection.ethers.provider;
  return { chain: await identifyChain(provider, network), provider };
}

/** Connects to the network and reads its deployment. */
export async function openDeployedSession(hre: HardhatRuntimeEnvironment): Promise<DeployedSession> {
  const session = await openSession(hre);
  const deployment = requireDeployment(session.chain);
  return { ...session, deployment, contracts: connect(deployment, session.provider) };
}

/** Asks for the network's name before an act on a public network. */
export function confirm(chain: Chain, act: string, given: string | undefined, io: TaskIo): Promise<void> {
  return confirmNetwork(chain, act, { given, ask: io.ask });
}
