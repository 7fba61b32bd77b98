import { EXIT } from "../core/errors.ts";
import type { RunningService } from "../services/support/run.ts";
import { note } from "./output.ts";

/** A node of somebody else's making as a service of ours: when it ends by itself, so does this process. */
export function asService(
  name: string,
  node: { readonly url: string; readonly ended: Promise<void>; close(): Promise<void> },
): RunningService {
  let closing = false;
  void node.ended.then(() => {
    if (closing) return;
    note(`${name} ended by itself; --verbose shows its log`);
    process.exit(EXIT.unavailable);
  });
  return {
    url: node.url,
    close: () => {
      closing = true;
      return node.close();
    },
  };
}
