import { readKeyHistory } from "./mpc-params.ts";
import { Complaints, input, withCurve, zKey } from "./snarkjs.ts";

export interface ChainRequest {
  readonly ptau: string;
  readonly zkey: string;
  /** The circuit, to make the initial key anew from; unused when `initialKey` is given. */
  readonly r1cs?: string;
  /** A key before any contribution, to be believed. */
  readonly initialKey?: string;
}

/**
 * Checks that a proving key follows from circuit and powers of tau, or from its initial key, contribution by contribution.
 *
 * @returns undefined when it does, else snarkjs's words.
 */
export async function faultOfChain({
  r1cs,
  ptau,
  zkey,
  initialKey,
}: ChainRequest): Promise<string | undefined> {
  await readKeyHistory(zkey);
  const complaints = new Complaints();
  const [powers, key] = [await input(ptau), await input(zkey)];
  const start = await input(initialKey ?? r1cs ?? "");
  const verify = initialKey === undefined ? zKey.verifyFromR1cs : zKey.verifyFromInit;
  const holds = await complaints.collect(() => withCurve(() => verify(start, powers, key, complaints)));
  return holds ? undefined : complaints.or("the chain does not hold");
}
