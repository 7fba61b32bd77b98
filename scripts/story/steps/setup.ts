import type { StoryStep } from "../context.ts";

interface SetupJson {
  readonly circuit: string;
  readonly development: boolean;
  readonly constraints: number;
  readonly zkey: string;
  readonly transcript: string;
  readonly verificationKeyHash: string;
  readonly cached: boolean;
}

export const setup: StoryStep = {
  id: "setup",
  title: "Compile the circuit and run a phase-2 setup on the development powers of tau",
  expected: { first: 35, again: 1 },
  showsProgress: true,
  code: ["circuits/compliance.circom", "src/setup/index.ts", "docs/setup.md"],
  async run({ task }) {
    const done = await task<SetupJson>(["ceremony", "setup"], {});
    return {
      result: `The circuit has a proving key and a transcript${done.cached ? " (cached)" : ""}; development only`,
      inputs: {
        circuit: "circuits/compliance.circom",
        "powers of tau": "ceremony/dev-powers-of-tau/dev_12.ptau",
      },
      outputs: {
        "proving key": done.zkey,
        transcript: done.transcript,
        "verification key hash": done.verificationKeyHash,
      },
    };
  },
};
