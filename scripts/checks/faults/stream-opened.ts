import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a stream is opened",
  async inject(stage) {
    const answer = await stage.sh(
      `npx hardhat stream open --network "$NETWORK" --tenant "$TENANT" --store ${randomUUID()} --anchorer "$DEPLOYER" --key admin --json 2> /dev/null`,
    );
    return { STREAM: (JSON.parse(answer.slice(answer.indexOf("{"))) as { streamId: string }).streamId };
  },
};
