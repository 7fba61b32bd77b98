import { Transaction } from "ethers";
import { BusyRelayer, isFinal } from "../runbook/busy-relayer.ts";
import type { Fault } from "../runbook/fault.ts";
import { freshProof } from "../runbook/fresh-proofs.ts";
import type { LoopbackServer } from "../runbook/loopback.ts";
import { startRpcFront } from "../runbook/rpc-front.ts";
import type { Stage } from "../runbook/stage.ts";

let node: LoopbackServer | undefined;
let relayer: BusyRelayer | undefined;
let submission = "";
/** What the node shows for whatever it is asked about; undefined once it tells the truth. */
let receipt: object | undefined;

export const fault: Fault = {
  what: "a node drops a transaction and shows another one's receipt for it",
  alertLabels: { service: "relayer" },
  async before(stage) {
    receipt = await someReceipt(stage);
    node = await startRpcFront(stage.env.RPC ?? "", ({ method, params }) => {
      if (receipt === undefined) return undefined;
      if (method === "eth_sendRawTransaction") return Transaction.from(params[0] as string).hash;
      if (method === "eth_getTransactionReceipt") return { ...receipt, transactionHash: params[0] };
      return undefined;
    });
    relayer = await BusyRelayer.start(stage, { node: node.url });
  },
  async inject(stage) {
    submission = (await relayer?.submit(await freshProof(stage))) ?? "";
    await relayer?.until(submission, ({ waiting }) => waiting?.cause === "rpc");
    return {};
  },
  // It was not believed: what it dropped lands once it does not lie any more.
  async clear() {
    receipt = undefined;
    try {
      await relayer?.until(submission, isFinal);
    } finally {
      await relayer?.stop();
      node?.close();
    }
  },
};

async function someReceipt({ chain }: Stage): Promise<object> {
  const { transactions } = (await chain.rpc("eth_getBlockByNumber", "0x1", false)) as {
    readonly transactions: readonly string[];
  };
  return (await chain.rpc("eth_getTransactionReceipt", transactions[0])) as object;
}
