/**
 * Who may import whom: the rooms of the house, each with what it stands on.
 *
 * `core` <- `keys`, `chain` <- the domains <- `ops` <- `services` <- `cli`, `tasks`, `scripts`; `sdk` stands on `core` alone.
 */
export interface Room {
  /** Folder, or file, relative to the root; the longest that fits a file is its room. */
  readonly path: string;
  /** Rooms it may import besides itself. */
  readonly on: readonly string[] | "anything";
}

const GROUND = ["src/core"];
const BASE = ["src/keys", "src/chain"];
/** Never import each other: what one needs of another is a port in core that the composer passes in. */
export const DOMAINS = [
  "src/setup",
  "src/compliance",
  "src/sequencer",
  "src/custody",
  "src/privacy",
  "src/aleo",
] as const;
const ALL_DOMAINS: readonly string[] = DOMAINS;
const BELOW_OPS = [...GROUND, ...BASE, ...ALL_DOMAINS];
const BELOW_SERVICES = [...BELOW_OPS, "src/ops"];
const ALL_OF_SRC = [...BELOW_SERVICES, "src/services", "src/sdk"];

export const ROOMS: readonly Room[] = [
  { path: "src/core", on: [] },
  ...BASE.map((path) => ({ path, on: GROUND })),
  ...DOMAINS.map((path) => ({ path, on: [...GROUND, ...BASE] })),
  { path: "src/sdk", on: GROUND },
  { path: "src/ops", on: BELOW_OPS },
  { path: "src/services", on: BELOW_SERVICES },
  { path: "src/cli", on: ALL_OF_SRC },
  { path: "config", on: GROUND },
  { path: "tasks", on: [...ALL_OF_SRC, "config", "scripts/deploy"] },
  { path: "scripts/deploy", on: [...ALL_OF_SRC, "config"] },
  { path: "scripts/planted", on: ALL_OF_SRC },
  {
    path: "scripts/story",
    on: [
      ...ALL_OF_SRC,
      "config",
      "tasks",
      "scripts/deploy",
      "scripts/planted",
      "scripts/hardhat.ts",
      "scripts/hardhat-host",
    ],
  },
  {
    path: "scripts/checks",
    on: [
      "src/core",
      "src/chain",
      "src/aleo",
      "src/ops",
      "scripts/test",
      "scripts/hardhat-host",
      "scripts/checks/monitors",
      "scripts/checks/commands",
      "scripts/checks/runbook",
    ],
  },
  // What a rehearsal's page meets: agents, loads and faults of the real parts.
  {
    path: "scripts/checks/runbook",
    on: [...ALL_OF_SRC, "scripts/checks", "scripts/test", "scripts/hardhat-host"],
  },
  // Reads what commands there are from where they are declared.
  { path: "scripts/checks/commands", on: [...ALL_OF_SRC, "src/cli", "scripts/checks"] },
  { path: "scripts/checks/monitors", on: [...ALL_OF_SRC, "scripts/checks"] },
  { path: "scripts/test", on: ["src/core", "scripts/checks", "scripts/hardhat.ts"] },
  { path: "scripts/hardhat.ts", on: [] },
  { path: "scripts/hardhat-host", on: ["scripts/hardhat.ts"] },
  { path: "scripts", on: [...ALL_OF_SRC, "config"] },
  {
    path: "bench",
    on: [...ALL_OF_SRC, "config", "tasks", "scripts", "scripts/deploy", "scripts/checks", "test"],
  },
  // Tests look into everything; only tests and benchmarks look into tests.
  { path: "test", on: "anything" },
  { path: "hardhat.config.ts", on: ["config", "tasks", "scripts/test"] },
];

/** Parts of one room that know nothing of each other: whoever needs both, composes them. */
export const SIBLINGS: readonly (readonly [string, string])[] = [["src/core/log", "src/core/facts"]];

/** Rooms that must load in a browser: no Node built-ins, no Node globals, only packages known to be safe there. */
export const BROWSER_ROOMS: readonly string[] = ["src/core", "src/sdk"];

export const BROWSER_SAFE_PACKAGES: ReadonlySet<string> = new Set([
  "@hpke/core",
  "@noble/curves",
  "@noble/hashes",
  "canonicalize",
  "ethers",
  "poseidon-lite",
  "smol-toml",
  "zod",
]);

export const NODE_GLOBALS: ReadonlySet<string> = new Set(["Buffer", "process", "__dirname", "__filename"]);

/** Packages that are Hardhat or exist only inside it; nothing under `src/` names them, not even as a type. */
export function isHardhat(packageName: string): boolean {
  return (
    packageName === "hardhat" ||
    packageName.startsWith("@nomicfoundation/") ||
    packageName === "@openzeppelin/hardhat-upgrades"
  );
}

/** Generated from the contracts, absent until they are compiled: only `import type` survives that. */
export const GENERATED_TYPES = "build/types";
