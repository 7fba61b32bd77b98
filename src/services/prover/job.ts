import { z } from "zod";
import { PROVER_PROBLEMS, type ProverProblem } from "./problems.ts";

const decimal = z.string();
const fp2 = z.tuple([decimal, decimal]);

/** A proof as snarkjs has it. */
const proofBody = z
  .object({
    pi_a: z.tuple([decimal, decimal, decimal]),
    pi_b: z.tuple([fp2, fp2, fp2]),
    pi_c: z.tuple([decimal, decimal, decimal]),
    protocol: z.literal("groth16"),
    curve: z.literal("bn128"),
  })
  .meta({ id: "Groth16Proof" });

const provedBody = z.object({
  proof: proofBody,
  /** Decimal strings in the circuit's order, what `snarkjs groth16 verify` takes as `public.json`. */
  signals: z.array(decimal),
  /** What the proof itself took. */
  milliseconds: z.int(),
});

/** Why a job ended without a proof. */
const failureBody = z.object({
  code: z.enum(
    Object.keys({ ...PROVER_PROBLEMS, stopping: true }) as [ProverProblem | "stopping", ...ProverProblem[]],
  ),
  detail: z.string(),
});

/** A job as clients see it. Its id is a secret of whoever asked: it is all that is needed to read or cancel it. */
export const jobBody = z
  .object({
    id: z.string(),
    status: z.enum(["queued", "running", "proved", "failed", "cancelled"]),
    circuitVersion: z.int(),
    /** There once `status` is `proved`. */
    result: provedBody.optional(),
    /** There once `status` is `failed` or `cancelled`. */
    problem: failureBody.optional(),
  })
  .meta({ id: "Job" });

export type Job = z.output<typeof jobBody>;
export type Proved = z.output<typeof provedBody>;
export type Failure = z.output<typeof failureBody>;

/** How a job ended. */
export type Outcome =
  | { readonly status: "proved"; readonly result: Proved }
  | { readonly status: "failed" | "cancelled"; readonly problem: Failure };

export const CANCELLED: Outcome = {
  status: "cancelled",
  problem: { code: "cancelled", detail: "the job was cancelled" },
};

export const failed = (code: Failure["code"], detail: string): Outcome => ({
  status: "failed",
  problem: { code, detail },
});

/** The job can be done elsewhere. */
export const STOPPED = failed("stopping", "the service stopped before the proof was made");

export const hasEnded = ({ status }: Job): boolean => status !== "queued" && status !== "running";

/** Whether the same request may end otherwise another time, so that its Idempotency-Key starts it anew. */
export const mayBeRedone = ({ status, problem }: Job): boolean =>
  status === "cancelled" || (status === "failed" && problem?.code !== "inputs-do-not-satisfy");
