import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HardhatHost } from "../../../scripts/hardhat-host/host.ts";
import {
  type AleoClient,
  type AleoLedger,
  accountOfPrivateKey,
  aleoAccount,
  openAleo,
  openLedger,
  startDevnode,
} from "../../../src/aleo/index.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { type CommandResult, resultOf } from "../../support/cli.ts";

/** A development ledger and what its operator has, all gone after `close`. */
export interface AleoOperator {
  readonly folder: string;
  readonly url: string;
  readonly ledger: AleoLedger;
  /** Address of each key, by name. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Where the tasks keep their times and what they were about to send. */
  readonly notes: string;
  /** A client of a key of the operator's. */
  client(name: string): Promise<AleoClient>;
  /** One of a funded account of the development ledger that is none of the operator's. */
  bank(): Promise<AleoClient>;
  /**
   * Runs `npx hardhat LINE` as the operator types it, in a process that stays for the next one. A word `@name` is a file in
   * the operator's folder, `#name` an account's address.
   */
  type(line: string): Promise<CommandResult>;
  /** Writes a file of the operator's, mode 0600. */
  write(name: string, content: object): void;
  advance(blocks: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts a ledger with nothing deployed, and an operator with the named keys, none of which has credits. */
export async function startAleoOperator(keys: readonly string[]): Promise<AleoOperator> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
  const devnode = await startDevnode();
  const passphraseFile = join(folder, "passphrase");
  writeFileSync(passphraseFile, "correct horse battery staple", { mode: 0o600 });
  const keysFolder = join(folder, "keys");
  const provider = openKeyProvider({
    folder: keysFolder,
    passphrase: passphraseFromFile(passphraseFile),
    workFactor: 4,
  });
  const accounts: Record<string, string> = {};
  for (const name of keys) accounts[name] = (await provider.create(name, "aleo")).address ?? "";
  const notes = join(folder, "notes");
  const config = join(folder, "proofx.toml");
  writeFileSync(config, `[keys]\nfolder = "${keysFolder}"\n[aleo]\nfolder = "${notes}"\n`);
  const host = new HardhatHost({
    ...process.env,
    PROOFX_CONFIG: config,
    PROOFX_KEYS: keysFolder,
    PROOFX_ALEO_URL: devnode.url,
    PROOFX_PASSPHRASE_FILE: passphraseFile,
    PROOFX_DEPLOYMENTS: join(folder, "deployments"),
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
  });
  const ledger = openLedger(devnode.url);
  return {
    folder,
    url: devnode.url,
    ledger,
    accounts,
    notes,
    client: async (name) => openAleo({ ledger, account: await aleoAccount(provider, name) }),
    bank: async () => openAleo({ ledger, account: await accountOfPrivateKey(devnode.accounts[7] ?? "") }),
    type: async (line) => resultOf(await host.run(wordsOf(line, folder, accounts))),
    write: (name, content) => writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 }),
    advance: (blocks) => devnode.advance(blocks),
    close: async () => {
      await host.close();
      await devnode.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function wordsOf(line: string, folder: string, accounts: Readonly<Record<string, string>>): string[] {
  return line.split(/\s+/).map((word) => {
    if (word.startsWith("@")) return join(folder, word.slice(1));
    return word.startsWith("#") ? (accounts[word.slice(1)] ?? word) : word;
  });
}
