import { RefusedError } from "../../core/errors.ts";

/** Why an event or an act on the log was refused; the end of a problem's type in every answer (docs/log.md). */
export type RefusalCode =
  | "event-malformed"
  | "wrong-tenant"
  | "wrong-stream"
  | "wrong-agent"
  | "stream-unknown"
  | "reserved-type"
  | "created-at-in-future"
  | "payload-too-large"
  | "payload-hash-mismatch"
  | "facts-mismatch"
  | "schema-mismatch"
  | "schema-malformed"
  | "key-unknown"
  | "key-revoked"
  | "key-malformed"
  | "key-conflict"
  | "signature-invalid"
  | "event-id-conflict"
  | "command-conflict"
  | "base-version-conflict"
  | "overloaded"
  | "unavailable";

export interface RefusalParts {
  /** JSON pointer to the fault within what was sent (RFC 6901). */
  readonly pointer?: string;
  /** Seconds after which it may go better. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** The log's no to one event or act: nothing of it was written, save that `unavailable` does not know. */
export class Refusal extends RefusedError {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly pointer: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, detail: string, { pointer, retryAfter, cause }: RefusalParts = {}) {
    super(detail, cause === undefined ? {} : { cause });
    this.code = code;
    this.detail = detail;
    this.pointer = pointer;
    this.retryAfter = retryAfter;
  }
}
