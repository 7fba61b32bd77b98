import type { Fault } from "../runbook/fault.ts";

const TEN_ETHER = "0x8ac7230489e80000";

export const fault: Fault = {
  what: "the account that pays for submissions has nearly nothing left",
  async inject({ service, chain, addresses, sh }) {
    const { submitter = "" } = addresses;
    await chain.rpc("hardhat_setBalance", submitter, "0x2386f26fc10000");
    await service("relayer");
    await sh(
      'for i in $(seq 40); do curl -sS "$RELAYER/ready" | grep -q balance && exit; sleep 0.25; done; exit 1',
    );
    return { ACCOUNT: submitter };
  },
  watched: ({ addresses }) => ({
    more: `[[health.accounts]]\nname = "submitter"\naddress = "${addresses.submitter}"\nmin_balance = "0.05"`,
  }),
  async clear({ chain, addresses }) {
    await chain.rpc("hardhat_setBalance", addresses.submitter, TEN_ETHER);
  },
};
