import { explainCallError, revertName } from "../revert.ts";
import type { WaitCause } from "./record.ts";

/** What a contract's refusal means for a submission. */
export type Judgement =
  | { readonly kind: "wait"; readonly cause: WaitCause; readonly detail: string }
  | { readonly kind: "refuse"; readonly cause: string; readonly detail: string };

/** Refusals that pass without another proof: the submission waits, until its deadline. */
const PASSING: Readonly<Record<string, WaitCause>> = {
  EnforcedPause: "paused",
  BatchNotMature: "batch-not-mature",
  SignerNotAuthorised: "signer-not-authorised",
  SignerIsDistrusted: "signer-not-authorised",
  InvalidAccountNonce: "nonce",
};

/** Judges what a call was refused with; `cause` of a refusal is the contract's error by name. */
export function judgeRefusal(error: unknown): Judgement {
  const name = revertName(error);
  const detail = explainCallError(error, "attesting").message;
  const passing = name === undefined ? undefined : PASSING[name];
  if (passing !== undefined) return { kind: "wait", cause: passing, detail };
  if (name !== undefined) return { kind: "refuse", cause: name, detail };
  // No contract's word: the node's own trouble.
  return { kind: "wait", cause: "node-refused", detail };
}
