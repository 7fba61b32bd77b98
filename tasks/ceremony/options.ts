import { option } from "../support/declare.ts";

// Loaded with the configuration by every command: nothing heavy may be imported here.

/** Options that the tasks of a ceremony share. */
export const CEREMONY = {
  ceremony: option(
    "ceremony",
    "Required. Name of a ceremony under ceremony/phase2, e.g. 001-compliance, or a path with a /",
  ),
  keys: option("keys", "Folder of its proving keys (default: keys/ in the ceremony's folder)"),
  ptau: option("ptau", "Powers of tau file of the ceremony (default: the development one)"),
  circuit: option("circuit", "Circuit's source file (default: circuits/compliance.circom)"),
} as const;
