import type { FastifyError, FastifyReply } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { errorCode, InputError } from "../../core/errors.ts";
import { type FieldError, Problem, type ProblemCatalogue, problemType } from "./problem.ts";
import type { HttpSettings } from "./settings.ts";

/** Fastify's own refusals. Their messages are not passed on: they may quote what the client sent. */
const FASTIFY_CODES: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["unsupported-media-type", "expected content-type application/json"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["invalid-json", "expected a JSON document, got an empty body"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["invalid-json", "expected a JSON document, got something else"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["invalid-request", "the body is not as long as content-length says"],
  FST_ERR_BAD_URL: ["invalid-request", "the URL is malformed"],
  FST_ERR_MAX_LIMIT_EXCEEDED: ["invalid-request", "a part of the path is too long"],
};

/** What a client is told about an error; anything that is not a refusal becomes `internal`, without its message. */
export function problemOf(error: unknown, settings: HttpSettings): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(
      ({ instancePath, message }): FieldError => ({
        pointer: `#${instancePath}`,
        detail: message ?? "another value",
      }),
    );
    return new Problem(
      "invalid-request",
      `the ${error.validationContext ?? "request"} does not fit its schema`,
      {
        errors,
      },
    );
  }
  if (error instanceof InputError) return new Problem("invalid-request", error.message, { cause: error });
  const code = errorCode(error);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new Problem("too-large", `at most ${settings.body_limit} bytes`);
  const known = FASTIFY_CODES[code];
  if (known !== undefined) return new Problem(known[0], known[1], { cause: error });
  // What JSON.parse and secure-json-parse throw, e.g. for `__proto__`.
  if (error instanceof SyntaxError || (error as FastifyError).statusCode === 400)
    return new Problem("invalid-json", "expected a JSON document, got something else", { cause: error });
  return new Problem("internal", "the service failed", { cause: error });
}

/** Writes a problem as RFC 9457 has it and logs those the operator should look at. */
export function answerProblem(
  reply: FastifyReply,
  problem: Problem,
  catalogue: ProblemCatalogue,
  instance: string,
): FastifyReply {
  const kind = catalogue[problem.code] ?? { status: 500, title: problem.code, remedy: "" };
  if (kind.status >= 500)
    reply.log.error({ instance, code: problem.code, err: problem.cause }, problem.message);
  if (problem.retryAfter !== undefined) reply.header("retry-after", String(problem.retryAfter));
  return reply
    .code(kind.status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: problemType(problem.code),
        code: problem.code,
        title: kind.title,
        status: kind.status,
        detail: problem.message,
        instance: `urn:proofx:request:${instance}`,
        errors: problem.errors,
      }),
    );
}
