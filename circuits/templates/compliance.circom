pragma circom 2.1.6;

include "../lib/bit_is_set.circom";
include "../lib/fits.circom";
include "./fact_commitment.circom";
include "./facts_leaf.circom";
include "./facts_tree_root.circom";
include "./policy_hash.circom";
include "./weighted_sum.circom";
include "./within_bounds.circom";

/*
@title Compliance
@notice Committed facts of one subject, under one facts root, satisfy one policy, in one context.

Params:
  depth  levels of the facts tree

Inputs:
  factsRoot, policyHash, subject, context  public; assumes nothing
  amounts       facts; proved here to fit 64 bits each
  category      facts; proved here to fit 6 bits
  salt          facts; assumes nothing
  sequence      of the event in its stream; assumes nothing, bound by the leaf
  weights       policy, offset form w_i + 2^31; proved here to fit 32 bits each
  lower, upper  policy, mod p; assumes magnitudes below 2^100, see WithinBounds
  categoryMask  policy; proved here to fit 64 bits
  children      path, see FactsTreeRoot

Constraints: 1,451 + 409 a level, so 3,905 at depth 6
*/
template Compliance(depth) {
    signal input factsRoot;
    signal input policyHash;
    signal input subject;
    signal input context;

    signal input amounts[4];
    signal input category;
    signal input salt;
    signal input sequence;
    signal input weights[4];
    signal input lower;
    signal input upper;
    signal input categoryMask;
    signal input children[depth][8];

    // Ranges first: what follows takes only values that carry the tag of their proof.
    component amountsInRange = Fit(4, 64);                   // 256
    amountsInRange.in <== amounts;
    component weightsInRange = Fit(4, 32);                   // 128
    weightsInRange.in <== weights;
    component allowed = BitIsSet(6);                         // 75
    allowed.mask <== categoryMask;
    allowed.index <== category;

    // The sum is within the bounds (4 + 204).
    signal {maxabsbits} sum <== WeightedSum()(amountsInRange.out, weightsInRange.out);
    WithinBounds()(sum, lower, upper);

    // It is the registered rule (261).
    signal hash <== PolicyHash()(weightsInRange.out, allowed.maskInRange, lower, upper);
    hash === policyHash;

    // They are the subject's committed facts under this root (261 + 261 + 409 a level).
    signal factCommitment <== FactCommitment()(amountsInRange.out, allowed.indexInRange, salt);
    signal leaf <== FactsLeaf()(subject, sequence, factCommitment);
    signal root <== FactsTreeRoot(depth)(leaf, children);
    root === factsRoot;

    // No rule uses the context: it is multiplied, so that a constraint holds it and a finished proof cannot be given
    // another. By the subject, since its own square would be the same for its negative.
    signal boundContext <== context * subject;               // 1
    _ <== boundContext;
}
