import { z } from "zod";

/** One kind of refusal of an HTTP interface: its code never changes its meaning. */
export interface ProblemKind {
  readonly status: number;
  /** The same for every occurrence (RFC 9457, "title"). */
  readonly title: string;
  /** What a client does about it. */
  readonly remedy: string;
}

export type ProblemCatalogue = Readonly<Record<string, ProblemKind>>;

/** What every service may answer. */
export const COMMON_PROBLEMS = {
  "invalid-json": {
    status: 400,
    title: "The body is no JSON",
    remedy: "Send one JSON document with content-type application/json.",
  },
  "invalid-request": {
    status: 400,
    title: "The request does not fit its schema",
    remedy: "`errors` points at what is wrong; /v1/openapi.json has the schema.",
  },
  "not-found": { status: 404, title: "There is no such resource", remedy: "Check the path." },
  "too-large": {
    status: 413,
    title: "The body is too large",
    remedy: "Send less; the limit is in `detail`.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body has another media type than this resource takes",
    remedy: "Send it as /v1/openapi.json says.",
  },
  internal: {
    status: 500,
    title: "The service failed",
    remedy: "Try again later; the operator finds `instance` in the service's log.",
  },
  stopping: {
    status: 503,
    title: "The service is stopping",
    remedy: "Send the request again, to another instance.",
  },
} as const satisfies ProblemCatalogue;

/** A refusal that a route throws; the server writes it as `application/problem+json`. */
export class Problem extends Error {
  readonly code: string;
  /** Seconds after which the same request may succeed; sent as `Retry-After`. */
  readonly retryAfter: number | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    code: string,
    detail: string,
    more: { retryAfter?: number; errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Problem";
    this.code = code;
    this.retryAfter = more.retryAfter;
    this.errors = more.errors;
  }
}

/** Where in the request a fault is (RFC 6901 pointer, as a fragment) and what was expected there. Never the value. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** RFC 9457 body. `code` repeats the end of `type`, so that clients need not take it apart. */
export const problemBody = z
  .object({
    type: z.string(),
    code: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Identifies this occurrence in the service's log. */
    instance: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details" });

/** The type URI of a code. */
export const problemType = (code: string): string => `urn:proofx:problem:${code}`;
