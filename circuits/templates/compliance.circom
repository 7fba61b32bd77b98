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

Constraints: 994 + 409 a level + 457
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

    // Ranges first: everything below works on tagged signals.
    signal {maxbits} amounts64[4];
    signal {maxbits} weights32[4];
    amounts64.maxbits = 64;
    weights32.maxbits = 32;
    component amountFits[4];
    component weightFits[4];
    for (var i = 0; i < 4; i++) {
        amountFits[i] = Fits(64);                            // 64 each
        amountFits[i].in <== amounts[i];
        amounts64[i] <== amountFits[i].out;
        weightFits[i] = Fits(32);                            // 32 each
        weightFits[i].in <== weights[i];
        weights32[i] <== weightFits[i].out;
    }

    // The rule. The category is allowed (75), and the sum is within the bounds (208).
    signal {maxbits} mask64;
    signal {maxbits} category6;
    mask64.maxbits = 64;
    category6.maxbits = 6;
    (mask64, category6) <== BitIsSet(6)(categoryMask, category);

    signal {maxabsbits} sum;
    sum.maxabsbits = 97;
    sum <== WeightedSum()(amounts64, weights32);
    WithinBounds()(sum, lower, upper);

    // It is the registered rule (261).
    signal hash <== PolicyHash()(weights32, mask64, lower, upper);
    hash === policyHash;

    // They are the subject's committed facts under this root (261 + 261 + 409 a level).
    signal factCommitment <== FactCommitment()(amounts64, category6, salt);
    signal leaf <== FactsLeaf()(subject, sequence, factCommitment);
    signal root <== FactsTreeRoot(depth)(leaf, children);
    root === factsRoot;

    // No rule uses the context: it is multiplied, so that a constraint holds it and a finished proof can not be given
    // another. By the subject, since its own square would be the same for its negative.
    signal boundContext <== context * subject;               // 1
    _ <== boundContext;
}
