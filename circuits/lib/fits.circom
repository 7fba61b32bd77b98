pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/bitify.circom";

/*
@title Range check
@notice Constrains a field element to the integers 0 .. 2^n - 1.

Params:
  n  bits, at most 252, so that no two bit vectors stand for one field element

Inputs:
  in  assumes nothing

Output:
  none: there is no witness when the value is out of range

Constraints: n (each bit is boolean; their sum is linear)
*/
template AssertFits(n) {
    signal input in;

    assert(n <= 252);
    component bits = Num2Bits(n);
    bits.in <== in;
    // The bits themselves are of no use: that they exist is the proof.
    _ <== bits.out;
}

/*
@title Range proof
@notice A range check that hands the value on with the tag that says so.

Params:
  n  bits, as for AssertFits

Inputs:
  in  assumes nothing

Output:
  out  the same value, tagged `maxbits = n`

Constraints: n
*/
template Fits(n) {
    signal input in;
    signal output {maxbits} out;

    AssertFits(n)(in);
    out.maxbits = n;
    out <== in;
}
