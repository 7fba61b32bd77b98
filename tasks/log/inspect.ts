import { fromHex } from "../../src/core/bytes.ts";
import { EXIT, InputError } from "../../src/core/errors.ts";
import { chooseEvent, describeInspection, inspectEvent } from "../../src/core/log/index.ts";
import { action, type TaskResult } from "../support/task.ts";
import { parseUnsigned, readInput } from "../support/values.ts";

export interface InspectArguments {
  readonly file: string;
  readonly line: string | undefined;
  readonly sequence: string | undefined;
  readonly publicKey: string | undefined;
}

/** Prints every hash of an event, declared and computed, and what is wrong with it. */
export async function inspect({ file, line, sequence, publicKey }: InspectArguments): Promise<TaskResult> {
  if (file === "") throw InputError.expected("file", "a file with an event's JSON", undefined);
  const number = line === undefined ? undefined : Number(parseUnsigned("--line", line, 32));
  const inspection = inspectEvent(chooseEvent(readInput("file", file), number), {
    ...(sequence === undefined ? {} : { sequence: parseUnsigned("--sequence", sequence, 64) }),
    ...(publicKey === undefined ? {} : { publicKey: fromHex("--public-key", publicKey, 32) }),
  });
  return {
    data: inspection,
    lines: describeInspection(inspection),
    exitCode: inspection.problems.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

export default action(inspect);
