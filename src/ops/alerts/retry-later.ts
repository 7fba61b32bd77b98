import { type ErrorParts, UnavailableError } from "../../core/errors.ts";

/** A receiver cannot take it now, and may have said when it can. */
export class RetryLater extends UnavailableError {
  /** Seconds, where the receiver asks for them. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number, parts: ErrorParts = {}) {
    super(message, parts);
    this.retryAfter = retryAfter;
  }
}
