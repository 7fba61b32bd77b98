import { ALEO_SCHEMAS } from "../../../src/core/aleo/index.ts";
import { action, type TaskResult } from "../../support/task.ts";

/** Shows what payloads are held to. */
export async function schemas(): Promise<TaskResult> {
  return {
    data: ALEO_SCHEMAS,
    lines: Object.entries(ALEO_SCHEMAS).map(([type, schema]) => `${type} ${JSON.stringify(schema)}`),
  };
}

export default action(schemas);
