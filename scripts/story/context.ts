import { join } from "node:path";
import type { AleoBeside } from "./aleo/beside.ts";

/** Where the story keeps everything; removing it loses nothing but the last story. */
export const STORY = "build/story";

/** Files of the story, relative to the project's root. */
export const PATHS = {
  stack: join(STORY, "stack.json"),
  env: join(STORY, "env"),
  keys: join(STORY, "keys"),
  passphrase: join(STORY, "passphrase"),
  deployments: join(STORY, "deployments"),
  settings: join(STORY, "deploy.toml"),
  services: join(STORY, "proofx.toml"),
  log: join(STORY, "log"),
  page: join(STORY, "index.html"),
  logs: join(STORY, "logs"),
  compiled: join(STORY, "compiled"),
  work: join(STORY, "work"),
} as const;

/** A command the story ran, as an operator would type it. */
export interface RanCommand {
  readonly line: string;
  readonly exitCode: number;
  /** Standard output, the result. */
  readonly output: string;
  /** Standard error, progress and reasons. */
  readonly errors: string;
}

/** What a step shows of itself on the page and in the terminal. */
export interface StepReport {
  /** One sentence for the terminal: what there is now that was not there before. */
  readonly result: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A step of the story. Steps run in order; each leaves in the context what later ones need. */
export interface StoryStep {
  readonly id: string;
  readonly title: string;
  /** Seconds on two cores: the first time, and with everything cached. */
  readonly expected: { readonly first: number; readonly again: number };
  /** Shows its commands' progress under it, line by line, or the lines that match: for steps of more than a few seconds. */
  readonly showsProgress?: true | RegExp;
  /** Source files where the reader finds how it is done. */
  readonly code: readonly string[];
  run(context: StoryContext): Promise<StepReport>;
}

/** Runs Hardhat commands with the story's environment. */
export interface TaskRunner {
  /** Runs a command that has no `--json`, e.g. Hardhat's own. */
  hardhat(words: readonly string[]): Promise<void>;
  /** Runs `npx proofx`, checks the exit code and returns its JSON. */
  proofx<T>(words: readonly string[], exitCode?: number): Promise<T>;
  /** Starts a service by `npx proofx`; it runs until it is stopped, or the story ends. */
  service(words: readonly string[]): Promise<StoryService>;
  /** Runs it, checks the exit code (0 unless told otherwise) and returns its JSON. */
  task<T>(
    words: readonly string[],
    options: Readonly<Record<string, string | true>>,
    exitCode?: number,
  ): Promise<T>;
}

/** A service that runs. */
export interface StoryService {
  /** Where it listens. */
  readonly url: string;
  /** Ends it as Ctrl-C does, and waits for its end. */
  stop(): Promise<void>;
}

/** What the steps share: the runner, the chain, and facts the story gathered so far. */
export interface StoryContext extends TaskRunner {
  readonly rpcUrl: string;
  readonly facts: StoryFacts;
  /** Whether the story comes to this step; it may be told only in part (`--until`). */
  tells(step: string): boolean;
}

/** Filled in by the steps in their order; reading what no step has left yet is a defect of the step list. */
export interface StoryFacts {
  /** Address of each duty's account, by the name of its key. */
  accounts: Record<string, string>;
  agents: StoryAgent[];
  /** Address of each contract, by its role in the deployment. */
  addresses: Record<string, string>;
  tenantId: string;
  storeId: string;
  streamId: string;
  /** Policy id, by the name of its file. */
  policies: Record<string, string>;
  /** Files of API keys: the tenant's admin's, and its agents'. */
  credentials: { readonly admin: string; readonly agents: string };
  sequencer: StoryService;
  /** The log's note key, as its operator tells auditors. */
  logKey: string;
  /** Signed events, by the name of their act. */
  events: Record<string, StoryEvent>;
  /** File of the batch that holds each act's event. */
  batchFiles: Record<string, string>;
  /** Proof files, by the name of their act. */
  proofFiles: Record<string, string>;
  compliant: Record<string, boolean>;
  breach: { readonly explained: string; readonly circuit: string };
  tampered: { readonly verified: boolean; readonly honestAfterwards: boolean };
  /** Transaction that attested several proofs at once. */
  batchAttestation: string;
  theft: {
    /** What the chain recorded of the thief's submission. */
    readonly verified: boolean;
    readonly status: string;
    readonly fallen: number;
    readonly again: boolean;
  };
  circuitBug: {
    readonly status: string;
    readonly before: boolean;
    readonly after: boolean;
    readonly fallen: number;
  };
  /** Runs through both incidents. */
  watcher: StoryService;
  /** How often each rule called, by its id. */
  alerts: Record<string, number>;
  deploymentHolds: boolean;
  /** Begun when the agents are registered, told near the end; not begun for a story that ends before. */
  aleo?: AleoBeside;
  /** Left out where no ledger of Aleo's runs. */
  aleoBinding?: { readonly agentId: string; readonly address: string; readonly records: number };
  audit: { readonly proved: number; readonly notProved: number; readonly tampered: number };
}

export interface StoryEvent {
  readonly eventId: string;
  readonly agentId: string;
  readonly factsFile: string;
  readonly sequence: bigint;
}

export interface StoryAgent {
  readonly name: string;
  readonly agentId: string;
  readonly key: string;
  readonly publicKey: string;
}
