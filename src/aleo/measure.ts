import { performance } from "node:perf_hooks";
import { type BlockSource, heightAt, readActivity } from "./activity.ts";
import type { Block } from "./block.ts";
import {
  type Activity,
  type FailureRate,
  type Figure,
  failureRate,
  type ResponseTime,
  responseTime,
  unusualActivity,
  type Waited,
  windowUpTo,
} from "./figures.ts";
import { readSubmissions, waitsOf } from "./journal.ts";
import type { AleoLedger } from "./ledger.ts";
import type { AleoSettings } from "./settings.ts";

/** The figures of some programs together. */
export interface Figures {
  readonly failureRate: Figure<FailureRate>;
  /** Of the node's REST interface, as just measured from here. */
  readonly responseTime: Figure<ResponseTime>;
  /** From sending to the block, of what this machine sent. */
  readonly confirmationTime: Figure<ResponseTime>;
  readonly activity: Figure<Activity>;
}

/** What is measured, and how thoroughly. */
export interface Measuring {
  readonly ledger: AleoLedger;
  readonly settings: AleoSettings;
  /** `devnode`, `testnet` or `mainnet`: names the journal of what this machine sent. */
  readonly network: string;
  /** Ids of programs. */
  readonly programs: readonly string[];
  /** Only the judged window is read; how much activity is usual stays unknown. */
  readonly quick: boolean;
  readonly onProgress?: (done: number, all: number) => void;
}

const CALLS = 5;

/** Reads the blocks that the figures need and measures the node. */
export async function measureFigures(measuring: Measuring): Promise<Figures> {
  const { ledger, settings, network, programs, quick, onProgress } = measuring;
  const { window: seconds, earlier_windows: earlier } = settings.alerts;
  const waits = await timeCalls(ledger);
  const now = Math.floor(Date.now() / 1000) + 1;
  const window = windowUpTo(now, seconds);
  const wanted = quick ? window.from : window.from - earlier * seconds;
  // Before the programs were there, silence was no habit of theirs.
  const since = Math.max(wanted, await deployedAt(ledger, programs));
  const source = blocksOf(ledger);
  const from = await heightAt(source, Math.min(since, window.from));
  const to = (await ledger.height()) + 1;
  const landed = await readActivity(source, {
    from,
    to,
    programs,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const submissions = readSubmissions(settings.folder, network);
  return {
    failureRate: failureRate(landed, window),
    responseTime: responseTime(waits, window),
    confirmationTime: responseTime(waitsOf(submissions), window),
    activity: unusualActivity(landed, window, since),
  };
}

/** Times some calls of the cheapest kind. */
export async function timeCalls(ledger: AleoLedger): Promise<Waited[]> {
  const waits: Waited[] = [];
  for (let call = 0; call < CALLS; call++) {
    const began = performance.now();
    await ledger.height();
    waits.push({ time: Math.floor(Date.now() / 1000), milliseconds: performance.now() - began });
  }
  return waits;
}

/** Time (s) of the block in which the last of the programs was deployed; 0 while one is missing. */
async function deployedAt(ledger: AleoLedger, programs: readonly string[]): Promise<number> {
  let latest = 0;
  for (const id of programs) {
    const transaction = await ledger.deploymentOf(id);
    const confirmation = transaction === undefined ? undefined : await ledger.confirmation(transaction);
    const block = confirmation === undefined ? undefined : await ledger.block(confirmation.height);
    latest = Math.max(latest, block?.header.metadata.timestamp ?? 0);
  }
  return latest;
}

/** The ledger's blocks as `activity.ts` reads them. */
export function blocksOf(ledger: AleoLedger): BlockSource {
  return {
    height: () => ledger.height(),
    blocks: async (from, to) => {
      const blocks: Block[] = [];
      for await (const block of ledger.blocks(from, to - 1)) blocks.push(block);
      return blocks;
    },
  };
}
