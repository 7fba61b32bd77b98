pragma circom 2.1.6;

/*
@title Weighted sum
@notice sum(w_i * amount_i) with signed weights given in offset form, w_i = weights_i - 2^31.

Inputs:
  amounts  assumes at most 64 bits each, proved by the tag
  weights  offset form; assumes at most 32 bits each, proved by the tag

Output:
  out  the sum mod p, tagged `maxabsbits = 97`: |sum| <= 4 * 2^31 * (2^64 - 1) < 2^97, far below p/2

Constraints: 4
*/
template WeightedSum() {
    signal input {maxbits} amounts[4];
    signal input {maxbits} weights[4];
    signal output {maxabsbits} out;

    assert(amounts.maxbits <= 64);
    assert(weights.maxbits <= 32);

    signal terms[4];
    var sum = 0;
    for (var i = 0; i < 4; i++) {
        terms[i] <== (weights[i] - (1 << 31)) * amounts[i];  // 1 each
        sum += terms[i];
    }
    out.maxabsbits = 97;
    out <== sum;
}
