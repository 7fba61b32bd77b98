import { Bytes, ethereum } from "@graphprotocol/graph-ts";
import { SignerDistrusted } from "../generated/ProofXVerifier/ProofXVerifier";
import { Distrust, Signer } from "../generated/schema";
import { idOf, record } from "./common";
import { refreshAll } from "./standing";

export function signerOf(account: Bytes): Signer {
  let signer = Signer.load(account);
  if (signer === null) {
    signer = new Signer(account);
    signer.verified = 0;
    signer.refused = 0;
  }
  return signer;
}

export function handleSignerDistrusted(event: SignerDistrusted): void {
  let signer = signerOf(event.params.signer);
  signer.distrustedSince = event.params.since;
  signer.save();
  refreshAll(signer.attestations.load());
  let distrust = distrustOf(event);
  distrust.signer = signer.id;
  distrust.since = event.params.since;
  distrust.save();
  record(event, "SignerDistrusted", signer.id.toHexString());
}

/** A record of distrust that does not say yet whose, or since when. */
export function distrustOf(event: ethereum.Event): Distrust {
  let distrust = new Distrust(idOf(event));
  distrust.by = event.transaction.from;
  distrust.block = event.block.number;
  distrust.timestamp = event.block.timestamp;
  distrust.transaction = event.transaction.hash;
  return distrust;
}
