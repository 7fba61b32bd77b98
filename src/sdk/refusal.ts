import { z } from "zod";
import { RefusedError } from "../core/errors.ts";

/** The sequencer's no: what was asked is not done, and asking again would not help. */
export class SequencerRefusal extends RefusedError {
  /** HTTP status. */
  readonly status: number;
  /** Never changes its meaning, e.g. `base-version-conflict`; `/v1/problems` of the service lists all. */
  readonly code: string;
  /** Where in the event the fault is (RFC 6901), as far as the service says it. */
  readonly pointers: readonly string[];

  constructor(status: number, body: unknown) {
    const problem = PROBLEM.safeParse(body).data;
    const words =
      problem === undefined ? `status ${status}` : `${problem.title}: ${problem.detail} (${problem.code})`;
    super(`the sequencer refuses: ${words}`);
    this.status = status;
    this.code = problem?.code ?? "unknown";
    this.pointers = (problem?.errors ?? []).map(({ pointer }) => pointer);
  }
}

/** RFC 9457 problem details as our services write them. */
const PROBLEM = z.looseObject({
  code: z.string(),
  title: z.string().default("refused"),
  detail: z.string().default("no detail"),
  errors: z.array(z.looseObject({ pointer: z.string() })).optional(),
});
