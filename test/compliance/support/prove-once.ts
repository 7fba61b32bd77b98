import { createProver } from "../../../src/compliance/index.ts";
import { artifacts, inputsOf } from "./artifacts.ts";

/** Proves once and closes: the process must end by itself. */
const { wasm, setup } = await artifacts();
await using prover = await createProver({ wasm, zkey: setup.zkey });
const { proof, signals } = await prover.prove(inputsOf());
console.log(await prover.verify(proof, signals));
