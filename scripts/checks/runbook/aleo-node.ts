import { type Alteration, startAlteredLedger } from "./altered-ledger.ts";
import type { Fault } from "./fault.ts";
import type { LoopbackServer } from "./loopback.ts";
import type { Stage } from "./stage.ts";
import { STATE_INPUTS } from "./state-watcher.ts";

/** A node through which a page's steps, and a watcher of its own, see the stage's ledger. */
export interface AleoNode {
  readonly what: string;
  /** @param url Of the stage's ledger. */
  alteration(stage: Stage, url: string): Alteration | Promise<Alteration>;
  /** Lines of `[aleo.alerts]`. */
  readonly limits?: string;
}

/** The fault that everybody is served by such a node, until the page is through; the page's input OTHER is a sound one. */
export function aleoNodeFault({ what, alteration, limits = "" }: AleoNode): Fault {
  let node: LoopbackServer | undefined;
  let real: string | undefined;
  return {
    what,
    needs: "aleo-devnode",
    async inject(stage) {
      await stage.service("aleo");
      const url = stage.env.PROOFX_ALEO_URL ?? "";
      node = await startAlteredLedger(url, await alteration(stage, url));
      real = url;
      stage.env.PROOFX_ALEO_URL = node.url;
      return { ...STATE_INPUTS, OTHER: url };
    },
    watched: () => ({ more: `[aleo.alerts]\n${limits}` }),
    async clear({ env }) {
      env.PROOFX_ALEO_URL = real ?? env.PROOFX_ALEO_URL;
      node?.close();
    },
  };
}
