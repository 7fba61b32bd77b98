import { readdir } from "node:fs/promises";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Probe } from "../alerts/finding.ts";
import { lookAt } from "./finding.ts";

/**
 * Alerts that no try could deliver: the figure is how many deliveries lie in the folder, one file each.
 *
 * @param folder `dead-letters` of the alerts' folder.
 */
export function deadLettersProbe(folder: string): Probe {
  return {
    name: "dead-letters",
    every: 60,
    look: async () => [
      await lookAt("", async () => {
        const names = await readdir(folder).catch((cause: unknown) => {
          if (errorCode(cause) === "ENOENT") return [];
          throw new UnavailableError(`${folder} cannot be read (${errorCode(cause)})`, { cause });
        });
        const count = names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).length;
        return {
          breached: count > 0,
          summary: count === 0 ? "every alert was delivered" : `${count} deliveries of alerts were given up`,
          value: count,
        };
      }),
    ],
  };
}
