import { ProofVerified } from "../generated/ProofXVerifier/ProofXVerifier";
import { Attestation, Batch, ProofCheck, Signer, Stream, Subject } from "../generated/schema";
import { bytes32Of } from "./bytes";
import { batchAt } from "./chains";
import { dayOf, idOf, record } from "./common";
import { signerOf } from "./signers";
import { refresh } from "./standing";
import { Submission, submissionOf } from "./submission";

export function handleProofVerified(event: ProofVerified): void {
  let signer = signerOf(event.params.signer);
  let day = dayOf(event);
  if (event.params.verified) {
    signer.verified += 1;
    day.proofsVerified += 1;
  } else {
    signer.refused += 1;
    day.proofsRefused += 1;
  }
  signer.save();
  day.save();

  let submission = submissionOf(event);
  let subject = subjectOf(event, submission);
  let batch = batchOf(submission);
  keepCheck(event, signer, subject, batch);
  if (event.params.verified) keepAttestation(event, signer, subject, batch);
  record(event, "ProofVerified", attestationId(event));
}

function attestationId(event: ProofVerified): string {
  return bytes32Of(event.params.subject).toHexString() + "-" + event.params.policyId.toString();
}

function subjectOf(event: ProofVerified, submission: Submission | null): Subject {
  let id = bytes32Of(event.params.subject);
  let subject = Subject.load(id);
  if (subject === null) subject = new Subject(id);
  if (submission !== null) {
    subject.stream = submission.streamId;
    subject.agentId = submission.agentId;
  }
  subject.save();
  return subject;
}

function batchOf(submission: Submission | null): Batch | null {
  if (submission === null) return null;
  let stream = Stream.load(submission.streamId);
  return stream === null ? null : batchAt(stream, submission.batchIndex);
}

function keepCheck(event: ProofVerified, signer: Signer, subject: Subject, batch: Batch | null): void {
  let check = new ProofCheck(idOf(event));
  check.signer = signer.id;
  check.subject = subject.id;
  check.policy = event.params.policyId.toString();
  check.circuitVersion = event.params.circuitVersion.toString();
  check.verified = event.params.verified;
  check.batchEnd = event.params.batchEnd;
  if (batch !== null) check.batch = batch.id;
  check.submitter = event.transaction.from;
  check.block = event.block.number;
  check.timestamp = event.block.timestamp;
  check.transaction = event.transaction.hash;
  check.save();
}

function keepAttestation(event: ProofVerified, signer: Signer, subject: Subject, batch: Batch | null): void {
  // Every member is written: saving keeps what is not.
  let attestation = new Attestation(attestationId(event));
  attestation.subject = subject.id;
  attestation.policy = event.params.policyId.toString();
  attestation.signer = signer.id;
  attestation.circuitVersion = event.params.circuitVersion.toString();
  attestation.batch = batch === null ? null : batch.id;
  attestation.batchEnd = event.params.batchEnd;
  attestation.attestedAt = event.block.timestamp;
  attestation.anchoredAt = batch === null ? null : batch.anchoredAt;
  attestation.block = event.block.number;
  attestation.transaction = event.transaction.hash;
  refresh(attestation);
}
