pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/poseidon.circom";
include "./tags.circom";

/*
@title Policy hash
@notice Poseidon(sum(w'_i * 2^(32 i)) + mask*2^128 + TAG_P*2^192, lower, upper), where w'_i = w_i + 2^31. The contract
computes the same hash from the plain policy when it is registered.

Inputs:
  weights       offset form; assumes at most 32 bits each, proved by the tag
  categoryMask  assumes at most 64 bits, proved by the tag
  lower, upper  bounds mod p; assumes nothing, each fills an input of its own

Output:
  out  the policy hash

Constraints: 261 (Poseidon, 3 inputs)
*/
template PolicyHash() {
    signal input {maxbits} weights[4];
    signal input {maxbits} categoryMask;
    signal input lower;
    signal input upper;
    signal output out;

    assert(weights.maxbits <= 32);
    assert(categoryMask.maxbits <= 64);

    var packed = categoryMask * (1 << 128) + TAG_P() * (1 << 192);
    for (var i = 0; i < 4; i++) {
        packed += weights[i] * (1 << (32 * i));
    }

    component hash = Poseidon(3);
    hash.inputs[0] <== packed;
    hash.inputs[1] <== lower;
    hash.inputs[2] <== upper;
    out <== hash.out;
}
