import { ceremonyFolder, describeStatus, readCeremony } from "../../src/setup/ceremony/index.ts";
import { action, required, type TaskResult } from "../support/task.ts";

/** Tells where a ceremony stands, its records checked. */
export async function status(args: { readonly ceremony: string | undefined }): Promise<TaskResult> {
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name or a path"));
  const ceremony = await readCeremony(folder);
  const { config, contributions, beacon, head, lastKey } = ceremony;
  return {
    data: { folder, config, contributions, beacon: beacon ?? null, head, lastKey },
    lines: describeStatus(ceremony, new Date()),
  };
}

export default action(status);
