import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { JsonRpcProvider, parseEther } from "ethers";
import { network } from "hardhat";
import { HARDHAT_CLI } from "../../scripts/hardhat.ts";
import { type Finished, HardhatHost, runAlone } from "../../scripts/hardhat-host/host.ts";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";

/** What a command left. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output read as JSON. */
  json<T>(): T;
}

/** A chain of its own, an operator's keystore and a deployments folder, all gone after `close`. */
export interface Operator {
  readonly folder: string;
  readonly provider: JsonRpcProvider;
  /** Where the chain listens, and where its deployment files are. */
  readonly rpcUrl: string;
  readonly deployments: string;
  /** Address of each key, by name. */
  readonly accounts: Record<string, string>;
  /** Public key of each agent's key, by name. */
  readonly agents: Record<string, string>;
  path(name: string): string;
  /**
   * Runs `npx hardhat LINE` as the operator types it. A word `@name` is a file in the operator's folder, `#name` an
   * account's address. Lines share a process that has Hardhat loaded, except those with a standard input.
   */
  type(line: string, stdin?: string): Promise<CommandResult>;
  /** As `type`, and kills the command (SIGKILL) some time after it printed the words; true when that came in time. */
  typeAndKill(line: string, words: string, afterMilliseconds: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface OperatorOptions {
  readonly accounts: readonly string[];
  readonly agents?: readonly string[];
  /** Chain id of the simulated chain; anything but 31337 is a public network to the tasks. */
  readonly chainId?: number;
}

/** Starts a real node in this process and lays out what an operator has; tasks reach it as `--network local`. */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-test-"));
  const override = options.chainId === undefined ? {} : { override: { chainId: options.chainId } };
  const server = await network.createServer({ network: "default", ...override }, "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const provider = new JsonRpcProvider(`http://${address}:${port}`, undefined, { cacheTimeout: -1 });
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse battery staple", { mode: 0o600 });
  const keysFolder = join(folder, "keys");
  const keys = openKeyProvider({
    folder: keysFolder,
    passphrase: passphraseFromFile(passphraseFile),
    workFactor: 4,
  });
  const accounts: Record<string, string> = {};
  for (const name of options.accounts) accounts[name] = (await keys.create(name, "secp256k1")).address ?? "";
  const agents: Record<string, string> = {};
  for (const name of options.agents ?? []) agents[name] = (await keys.create(name, "ed25519")).publicKey;
  const bank = await provider.getSigner(0);
  for (const to of Object.values(accounts))
    await (await bank.sendTransaction({ to, value: parseEther("10") })).wait();

  const environment = {
    ...process.env,
    PROOFX_LOCAL_RPC_URL: `http://${address}:${port}`,
    PROOFX_KEYS: keysFolder,
    PROOFX_PASSPHRASE_FILE: passphraseFile,
    PROOFX_DEPLOYMENTS: join(folder, "deployments"),
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
  };
  const host = new HardhatHost(environment);
  return {
    folder,
    provider,
    rpcUrl: environment.PROOFX_LOCAL_RPC_URL,
    deployments: environment.PROOFX_DEPLOYMENTS,
    accounts,
    agents,
    path: (name) => join(folder, name),
    type: async (line, stdin) => resultOf(await host.run(wordsOf(line, folder, accounts), { stdin })),
    typeAndKill: (line, words, after) =>
      killCommand(wordsOf(line, folder, accounts), environment, words, after),
    close: async () => {
      provider.destroy();
      await host.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function wordsOf(line: string, folder: string, accounts: Record<string, string>): string[] {
  return line.split(/\s+/).map((word) => {
    if (word.startsWith("@")) return join(folder, word.slice(1));
    return word.startsWith("#") ? (accounts[word.slice(1)] ?? word) : word;
  });
}

/** Runs a Hardhat command and kills it (SIGKILL) some time after it printed the words; true when that came in time. */
export async function killCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  words: string,
  after: number,
): Promise<boolean> {
  const child = spawn(process.execPath, [HARDHAT_CLI, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
  let seen = "";
  child.stderr.on("data", (chunk: Buffer) => {
    const before = seen.includes(words);
    seen += chunk.toString();
    if (!before && seen.includes(words)) setTimeout(() => child.kill("SIGKILL"), after);
  });
  return new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal === "SIGKILL")));
}

/** Runs a Hardhat command in a process of its own and collects what it prints. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin?: string,
): Promise<CommandResult> {
  return resultOf(await runAlone(args, env, { stdin }));
}

/** Types Hardhat commands in one environment, which is read once. They share a process that has Hardhat loaded. */
export interface Typist {
  type(args: readonly string[]): Promise<CommandResult>;
  close(): Promise<void>;
}

export function openTypist(env: NodeJS.ProcessEnv): Typist {
  const host = new HardhatHost(env);
  return { type: async (args) => resultOf(await host.run(args)), close: () => host.close() };
}

/** A command's end as the tests read it. */
export function resultOf({ exitCode, stdout, stderr }: Finished): CommandResult {
  return { code: exitCode, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

/** The command did its work. */
export function expectOk({ code, stderr, stdout }: CommandResult): void {
  expect(code, `${stderr}\n${stdout}`).to.equal(0);
}

/** The command refused, with these words and this exit code. */
export function expectRefused({ code, stderr }: CommandResult, exitCode: number, words: string): void {
  expect(stderr).to.contain(words);
  expect(code, stderr).to.equal(exitCode);
}

/** A settings file in which every duty is somebody else's. */
export function settingsFor(
  accounts: Record<string, string>,
  overrides: Record<string, string> = {},
): string {
  const settings: Record<string, string> = {
    admin: `"${accounts.admin}"`,
    admin_delay: "172800",
    timelock_delay: "172800",
    guardians: `["${accounts.guardian}"]`,
    signers: `["${accounts.signer}"]`,
    policy_admins: `["${accounts["policy-admin"]}"]`,
    ...overrides,
  };
  return `[deploy]\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join("\n")}\n`;
}
