import { writeFileSync } from "node:fs";
import { PATHS, type StoryFacts, type StoryStep } from "../context.ts";

interface DeployJson {
  readonly addresses: Record<string, string>;
  readonly deployment: { readonly handover: { readonly checkedRoles: number } };
}

const DAY = 86_400;
/** Seconds. Two days on a public network; here the story waits it out. */
const TIMELOCK_DELAY = 2;

export const deploy: StoryStep = {
  id: "deploy",
  title: "Deploy in numbered steps; the last proves that the deployer holds nothing",
  expected: { first: 4, again: 4 },
  showsProgress: true,
  code: ["scripts/deploy/run.ts", "src/chain/deploy.ts", "src/chain/roles.ts", "config/proofx.toml"],
  async run({ task, facts }) {
    writeFileSync(PATHS.settings, settings(facts));
    const done = await task<DeployJson>(["deploy"], {
      network: "story",
      settings: PATHS.settings,
      key: "deployer",
    });
    facts.addresses = done.addresses;
    return {
      result: `${Object.keys(done.addresses).length} contracts; ${done.deployment.handover.checkedRoles} roles, none with the deployer`,
      inputs: { settings: PATHS.settings, deployer: facts.accounts.deployer, admin: facts.accounts.admin },
      outputs: done.addresses,
    };
  },
};

function settings({ accounts }: StoryFacts): string {
  return `[deploy]
admin = "${accounts.admin}"
admin_delay = ${2 * DAY}
timelock_delay = ${TIMELOCK_DELAY}
guardians = ["${accounts.guardian}"]
signers = ["${accounts.signer}"]
policy_admins = ["${accounts["policy-admin"]}"]
`;
}
