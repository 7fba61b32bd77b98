import { spawnSync } from "node:child_process";
import { existsSync, statfsSync, statSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { defaultKeysSettings, openConfiguredKeys } from "../../keys/index.ts";
import { lack, note, ok, type Probe } from "./probe.ts";

const MIB = 2 ** 20;
/** What `npm ci`, `npm start` and `npm test` leave behind, with room to work. */
const DISK_MIB = 2_000;
const MEMORY_MIB = 2_000;
const OLDEST_NODE = 22;

/** Looks that need nothing but this machine. */
export const machineProbes: readonly Probe[] = [
  {
    name: "node",
    look: async () => {
      const major = Number(process.versions.node.split(".")[0]);
      return major >= OLDEST_NODE
        ? ok(`Node ${process.versions.node}`)
        : lack(
            `Node ${process.versions.node}; commands run on ${OLDEST_NODE} or newer`,
            "run it through npx, which uses the Node that npm ci brought",
          );
    },
  },
  {
    name: "chain",
    look: async () => {
      // In a process of its own: a native part for another machine may take the process down.
      const { status } = spawnSync(process.execPath, ["-e", "require('@nomicfoundation/edr')"]);
      return status === 0
        ? ok("the local chain's native part loads")
        : lack("the local chain's native part is missing: no npm start, no dry runs on a fork", "npm ci");
    },
  },
  {
    name: "contracts",
    look: async () =>
      existsSync("artifacts/build-info")
        ? ok("compiled contracts are there")
        : lack(
            "no compiled contracts here: services and tasks cannot talk to a deployment",
            "npx hardhat build --no-tests",
          ),
  },
  {
    name: "processors",
    look: async () => {
      const cores = availableParallelism();
      return cores >= 2
        ? ok(`${cores} processors`)
        : note("1 processor: a proof takes twice as long", "give the machine two");
    },
  },
  {
    name: "memory",
    look: async () => {
      const free = Math.floor(freemem() / MIB);
      const total = Math.floor(totalmem() / MIB);
      return free >= MEMORY_MIB
        ? ok(`${free} of ${total} MiB free`)
        : note(
            `${free} of ${total} MiB free; a trusted setup and the tests want ${MEMORY_MIB}`,
            "end what is not needed",
          );
    },
  },
  {
    name: "disk",
    look: async () => {
      const { bavail, bsize } = statfsSync(".");
      const free = Math.floor((bavail * bsize) / MIB);
      return free >= DISK_MIB
        ? ok(`${free} MiB free here`)
        : lack(`${free} MiB free here, ${DISK_MIB} wanted`, "free some, or work elsewhere");
    },
  },
  { name: "keystore", look: lookAtKeystore },
  {
    name: "hardware keys",
    look: async () =>
      existsSync(`build/native/${process.platform}-${process.arch}`)
        ? ok("the PKCS#11 binding is built")
        : note(
            "the PKCS#11 binding is not built: no keys in a hardware module",
            "npx node scripts/setup/build-pkcs11.ts",
          ),
  },
];

async function lookAtKeystore() {
  const { folder } = openConfiguredKeys(defaultKeysSettings());
  if (!existsSync(folder))
    return note(`no keystore at ${folder}: this machine signs nothing yet`, "npx hardhat keys create --help");
  const open = (statSync(folder).mode & 0o077) !== 0;
  return open
    ? lack(`${folder} can be read by other users`, `chmod 700 ${folder}`)
    : ok(`keystore at ${folder}, private`);
}
