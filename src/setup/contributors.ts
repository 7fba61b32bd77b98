import type { TranscriptContribution } from "./transcript.ts";

/** How many contributions besides the beacon. That they are from different people no program can see. */
export function countContributors(contributions: readonly TranscriptContribution[]): number {
  return contributions.filter(({ kind }) => kind === "contribution").length;
}

/** The number in words, with what fewer than two mean. */
export function describeContributors(count: number): string {
  if (count === 0) return "phase 2 had no contributor: anybody can forge proofs";
  if (count === 1) return "phase 2 had one contributor: everybody trusts that party alone";
  return `phase 2 had ${count} contributors`;
}
