import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PKCS11 } from "pkcs11js";
import { Pkcs11Keys } from "../../src/keys/pkcs11/index.ts";
import { openModule } from "../../src/keys/pkcs11/module.ts";
import { type Binding, loadBinding } from "../../src/keys/pkcs11/native.ts";
import type { SecretSource } from "../../src/keys/secret-source.ts";
import { needs, skipFor } from "../support/needs.ts";

export const PIN = "pin-of-a-test";
const SO_PIN = "security-officer";

const LIBRARIES = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/pkcs11/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];
const BUILD = fileURLToPath(new URL("../../scripts/setup/build-pkcs11.ts", import.meta.url));

/** SoftHSM2 as this process has it, with its tokens in a folder of its own. */
export interface SoftHsm {
  readonly library: string;
  readonly binding: Binding;
  /** The loaded library, to do what ProofX does not. */
  readonly module: PKCS11;
  /** Environment for a child process that uses the same tokens. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder with a folder for each token. */
  readonly tokens: string;
  /** Initialises a token under a new label. */
  newToken(): string;
  open(token: string, pin?: SecretSource): Pkcs11Keys;
  /** A session of the test's own, logged in. */
  session(token: string): Buffer;
  slotOf(token: string): Buffer;
}

let softHsm: SoftHsm | undefined;

/** Skips the group where SoftHSM2, a compiler or the binding's source is missing. In a `before` hook. */
export function needsSoftHsm(context: Mocha.Context): void {
  needs(context, { command: "softhsm2-util", install: "apt-get install softhsm2" });
  needs(context, { command: "c++", install: "apt-get install g++" });
  // An npm that heeds no `allowScripts` tries to compile it, needs the network for that, and leaves it out.
  try {
    createRequire(import.meta.url).resolve("pkcs11js/package.json");
  } catch {
    skipFor(context, {
      command: "pkcs11js",
      install: "npm install --no-save --ignore-scripts pkcs11js@2.1.7",
    });
  }
}

/** SoftHSM2, started once a process, since a library reads its settings once. Its folder goes when the process ends. */
export function startSoftHsm(): SoftHsm {
  softHsm ??= start();
  return softHsm;
}

function start(): SoftHsm {
  const built = spawnSync(process.execPath, [BUILD], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  const library = LIBRARIES.find(existsSync);
  if (library === undefined) throw new Error(`libsofthsm2.so is in none of ${LIBRARIES.join(", ")}`);

  const folder = mkdtempSync(join(tmpdir(), "proofx-softhsm-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const tokens = join(folder, "tokens");
  const settings = join(folder, "softhsm2.conf");
  mkdirSync(tokens);
  // Nobody reads its log: what it would say, it also answers.
  writeFileSync(
    settings,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  process.env.SOFTHSM2_CONF = settings;
  const binding = loadBinding();
  const module = openModule(binding, library);

  const slotOf = (label: string) =>
    module.C_GetSlotList(true).find((slot) => labelOf(module, slot) === label);
  const requireSlot = (label: string) => {
    const slot = slotOf(label);
    if (slot === undefined) throw new Error(`no token "${label}"`);
    return slot;
  };
  let count = 0;
  const newToken = () => {
    count += 1;
    const label = `test-${count}`;
    // The standard wants all 32 characters of a label. There is always one slot with a token that has none yet.
    module.C_InitToken(requireSlot(""), SO_PIN, label.padEnd(32));
    const session = openSession(binding, module, requireSlot(label));
    module.C_Login(session, binding.CKU_SO, SO_PIN);
    module.C_InitPIN(session, PIN);
    module.C_CloseSession(session);
    return label;
  };
  return {
    library,
    binding,
    module,
    tokens,
    environment: { SOFTHSM2_CONF: settings },
    newToken,
    open: (token, pin = { read: async () => PIN }) => new Pkcs11Keys({ library, token, pin }),
    session: (token) => {
      const session = openSession(binding, module, requireSlot(token));
      logIn(binding, module, session);
      return session;
    },
    slotOf: requireSlot,
  };
}

function openSession(binding: Binding, module: PKCS11, slot: Buffer): Buffer {
  return module.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION);
}

/** A token that a test took away has none. */
function labelOf(module: PKCS11, slot: Buffer): string | undefined {
  try {
    return module.C_GetTokenInfo(slot).label.trimEnd();
  } catch {
    return undefined;
  }
}

/** The login is the process's, so it may be there already. */
function logIn(binding: Binding, module: PKCS11, session: Buffer): void {
  try {
    module.C_Login(session, binding.CKU_USER, PIN);
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "CKR_USER_ALREADY_LOGGED_IN") throw error;
  }
}

/** Folder names of the tokens there are, to tell which one a test added. */
export function tokenFolders({ tokens }: SoftHsm): string[] {
  return readdirSync(tokens);
}
