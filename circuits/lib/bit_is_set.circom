pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/bitify.circom";
include "./fits.circom";

/*
@title A bit of a mask is set
@notice Constrains `mask` to 2^levels bits, `index` to `levels` bits, and bit number `index` of the mask to 1.

The mask is cut in halves. The top bit of the index says which half holds the bit; the other half is range checked and
left; the kept half is cut again. After `levels` cuts one bit is kept, and it is the constant 1. So every bit of the mask
is boolean either by its half's range proof or by being that 1, and no multiplexer over all bits is needed.

Params:
  levels  log2 of the mask's width, at most 6

Inputs:
  mask   assumes nothing
  index  assumes nothing

Outputs:
  maskInRange   the same mask, tagged `maxbits = 2^levels`
  indexInRange  the same index, tagged `maxbits = levels`

Constraints: 2^levels - 1 for the halves that are left, and 2 a level (an index bit, a product)
*/
template BitIsSet(levels) {
    signal input mask;
    signal input index;
    signal output {maxbits} maskInRange;
    signal output {maxbits} indexInRange;

    assert(levels <= 6);
    component indexBits = Num2Bits(levels);                  // levels
    indexBits.in <== index;

    signal kept[levels + 1];
    signal left[levels];
    signal swap[levels];

    kept[0] <== mask;
    for (var i = 0; i < levels; i++) {
        var half = 1 << (levels - 1 - i);
        var low = kept[i] & ((1 << half) - 1);
        var high = kept[i] >> half;
        var takeHigh = indexBits.out[levels - 1 - i];

        kept[i + 1] <-- takeHigh == 1 ? high : low;
        left[i] <-- takeHigh == 1 ? low : high;
        AssertFits(half)(left[i]);                           // 2^levels - 1 in all

        // takeHigh: kept * 2^half + left, else kept + left * 2^half.
        swap[i] <== indexBits.out[levels - 1 - i] * (kept[i + 1] - left[i]); // 1 a level
        kept[i] === kept[i + 1] + left[i] * (1 << half) + swap[i] * ((1 << half) - 1);
    }
    kept[levels] === 1;

    maskInRange.maxbits = 1 << levels;
    maskInRange <== mask;
    indexInRange.maxbits = levels;
    indexInRange <== index;
}
