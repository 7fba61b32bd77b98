import { statfs } from "node:fs/promises";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Probe } from "../alerts/finding.ts";
import { lookAt } from "./finding.ts";

const MIB = 2 ** 20;

/**
 * Room on the file systems of some folders, and their inodes: the figure is the smaller share (0 to 1) that is free.
 *
 * @param least Share below which it is told.
 */
export function diskProbe(folders: readonly string[], least: number): Probe {
  return {
    name: "disk",
    every: 60,
    look: () =>
      Promise.all(
        folders.map((folder) =>
          lookAt(folder, async () => {
            const { bavail, blocks, bsize, ffree, files } = await statfs(folder).catch((cause: unknown) => {
              throw new UnavailableError(`${folder} cannot be looked at (${errorCode(cause)})`, { cause });
            });
            const room = blocks === 0 ? 1 : bavail / blocks;
            // Some file systems count no inodes.
            const inodes = files === 0 ? 1 : ffree / files;
            const share = Math.min(room, inodes);
            const mib = Math.floor((bavail * bsize) / MIB);
            return {
              breached: share < least,
              summary: `${percent(room)} of the room (${mib} MiB) and ${percent(inodes)} of the inodes are free in ${folder}; the limit is ${percent(least)}`,
              value: share,
            };
          }),
        ),
      ),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
