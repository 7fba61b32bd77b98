pragma circom 2.1.6;

/*
@title Membership
@notice Constrains a value to be one of n others: the product of the differences is zero.

Params:
  n  size of the set, at least 2

Inputs:
  value  assumes nothing
  set    n values; assumes nothing (they may repeat)

Output:
  none: there is no witness when the value is not in the set

Constraints: n - 1
*/
template Member(n) {
    signal input value;
    signal input set[n];

    assert(n >= 2);
    signal product[n - 1];
    product[0] <== (set[0] - value) * (set[1] - value);      // 1
    for (var i = 1; i < n - 1; i++) {
        product[i] <== product[i - 1] * (set[i + 1] - value); // 1 each
    }
    product[n - 2] === 0;
}
