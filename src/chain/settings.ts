import { readFileSync } from "node:fs";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";
import { InputError, UnavailableError } from "../core/errors.ts";
import { readToml } from "../core/toml.ts";
import type { DeploymentSettings } from "./deployment.ts";
import { secondsField } from "./fields.ts";
import type { Chain } from "./network.ts";

const DAY = 86_400;

const ACCOUNT_FORM = "an address that is not zero";
const account = z
  .string({ error: ACCOUNT_FORM })
  .refine((text) => isAddress(text) && text !== ZeroAddress, { error: ACCOUNT_FORM })
  .transform((text) => getAddress(text));

const accounts = (most: number) => {
  const error = `a list of at most ${most} addresses`;
  return z.array(account, { error }).max(most, { error });
};

/** `[deploy]` of the configuration file. */
export const deploySection = z.strictObject({
  admin: account,
  admin_delay: secondsField(1),
  timelock_delay: secondsField(0),
  guardians: accounts(16),
  signers: accounts(64),
  policy_admins: accounts(16),
});

const configFile = z.looseObject({ deploy: deploySection });

/** A public network gets no delay shorter than this, so that an upgrade can be seen and answered. */
const MINIMAL_PUBLIC_DELAY = 1 * DAY;

/**
 * Reads the `[deploy]` section of a configuration file.
 *
 * @throws InputError naming the setting that is wrong.
 */
export function readDeploySettings(path: string): DeploymentSettings {
  const { deploy } = parse(path);
  return {
    admin: deploy.admin,
    adminDelay: deploy.admin_delay,
    timelockDelay: deploy.timelock_delay,
    guardians: deploy.guardians,
    signers: deploy.signers,
    policyAdmins: deploy.policy_admins,
  };
}

/** Refuses what would make a public deployment unsafe: a short delay, a deployer with a role. */
export function checkSettings(settings: DeploymentSettings, chain: Chain, deployer: string): void {
  const holders = [settings.admin, ...settings.guardians, ...settings.signers, ...settings.policyAdmins];
  if (holders.includes(deployer)) {
    throw InputError.expected(
      "deploy",
      "a deployer that holds no role",
      deployer,
      "deploy with a key of its own",
    );
  }
  if (!chain.isPublic) return;
  if (settings.guardians.length === 0) {
    throw InputError.expected(
      "deploy.guardians",
      "at least one on a public network, or nobody can veto",
      "none",
    );
  }
  for (const [name, value] of [
    ["admin_delay", settings.adminDelay],
    ["timelock_delay", settings.timelockDelay],
  ] as const) {
    if (value < MINIMAL_PUBLIC_DELAY) {
      throw InputError.expected(
        `deploy.${name}`,
        `at least ${MINIMAL_PUBLIC_DELAY} s on a public network`,
        value,
      );
    }
  }
}

function parse(path: string): z.infer<typeof configFile> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read`, {
      cause,
      next: "cp config/proofx.toml my.toml, fill it in",
    });
  }
  return readToml(configFile, text, path, `edit ${path}`);
}
