/** DELIBERATELY UNSOUND: a faulty variant of the compliance circuit and proofs forged for it, to rehearse the incident. */
export { plantedCircuit, plantFault } from "./fault.ts";
export { type Forgery, forgeProof } from "./forge.ts";
