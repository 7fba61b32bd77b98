import { z } from "zod";
import { InputError } from "../errors.ts";
import { isBech32m } from "./bech32m.ts";

/** Networks of Aleo, as its own tools name them; a development ledger calls itself testnet. */
export const ALEO_NETWORKS = ["mainnet", "testnet", "canary"] as const;
export type AleoNetwork = (typeof ALEO_NETWORKS)[number];

export const ALEO_TRANSITION_FORM = "an Aleo transition id, au1 and 58 characters whose checksum holds";
export const ALEO_FIELD_FORM = "an element of Aleo's field, in decimal";
export const ALEO_NETWORK_FORM = `one of ${ALEO_NETWORKS.join(", ")}`;
export const ALEO_PROGRAM_FORM = "an Aleo program, e.g. agent_registry_v3.aleo";
export const ALEO_ADDRESS_FORM = "an Aleo address, aleo1 and 58 characters whose checksum holds";
export const ALEO_SIGNATURE_FORM = "an Aleo signature, sign1 and 211 characters whose checksum holds";
export const ALEO_TRANSACTION_FORM = "an Aleo transaction id, at1 and 58 characters whose checksum holds";

/** Whether a text is an address, in its one spelling. That it is a point of Aleo's curve is for who verifies under it. */
export const isAleoAddress = (text: string): boolean => isBech32m("aleo", 32, text);

/** Whether a text is an account's signature by its form; whether it holds is another question. */
export const isAleoSignature = (text: string): boolean => isBech32m("sign", 128, text);

/** Whether a text is a transaction's id by its form. */
export const isAleoTransaction = (text: string): boolean => isBech32m("at", 32, text);

/** Whether a text is a transition's id by its form. */
export const isAleoTransition = (text: string): boolean => isBech32m("au", 32, text);

/** Whether a text can be a program's name: a letter, then letters, digits and underscores, 31 at most, then `.aleo`. */
export const isAleoProgram = (text: string): boolean => /^[a-z][a-z0-9_]{0,30}\.aleo$/.test(text);

/** Order of the field that Aleo's programs calculate in, that of BLS12-377's scalars. */
export const ALEO_FIELD_ORDER = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;

/** Whether a text is an element of that field, in decimal without a leading zero. */
export const isAleoField = (text: string): boolean =>
  /^(?:0|[1-9]\d{0,75})$/.test(text) && BigInt(text) < ALEO_FIELD_ORDER;

// In JSON.

export const networkField = z.enum(ALEO_NETWORKS, { error: ALEO_NETWORK_FORM });
export const programField = formOf(isAleoProgram, ALEO_PROGRAM_FORM);
export const addressField = formOf(isAleoAddress, ALEO_ADDRESS_FORM);
export const signatureField = formOf(isAleoSignature, ALEO_SIGNATURE_FORM);
export const transactionField = formOf(isAleoTransaction, ALEO_TRANSACTION_FORM);
export const transitionField = formOf(isAleoTransition, ALEO_TRANSITION_FORM);
export const elementField = formOf(isAleoField, ALEO_FIELD_FORM);

/** @throws InputError naming `what` unless `text` is a network of Aleo. */
export function requireNetwork(what: string, text: string): AleoNetwork {
  const network = ALEO_NETWORKS.find((name) => name === text);
  if (network === undefined) throw InputError.expected(what, ALEO_NETWORK_FORM, text);
  return network;
}

/** @throws InputError naming `what` unless `text` can be a program. */
export function requireProgram(what: string, text: string): string {
  if (!isAleoProgram(text)) throw InputError.expected(what, ALEO_PROGRAM_FORM, text);
  return text;
}

/** @throws InputError naming `what` unless `text` is an address. */
export function requireAleoAddress(what: string, text: string): string {
  if (!isAleoAddress(text)) throw InputError.expected(what, ALEO_ADDRESS_FORM, text);
  return text;
}

function formOf(is: (text: string) => boolean, error: string) {
  return z.string({ error }).refine(is, { error });
}
