import type { Measurement } from "./measurement.ts";
import type { ProvingTimes } from "./prove.ts";

/** Proving times as rows; a ratio above 1 says how many times faster than the peer the prover is. */
export function provingRows({ constraints, prover, command, warmCall, ratios }: ProvingTimes): Measurement {
  const row = (name: string, peer: number, ratio: number) => {
    return { name, value: prover.median, unit: "ms", floorOrPeer: `${peer.toFixed(0)} ms`, ratio };
  };
  return {
    title: `Warm proving, ${constraints} constraints, median of ${prover.rounds.length} interleaved rounds`,
    rows: [
      row("beside the command snarkjs groth16 fullprove", command.median, ratios.command),
      row("beside a warm call of snarkjs.groth16.fullProve", warmCall.median, ratios.warmCall),
    ],
  };
}
