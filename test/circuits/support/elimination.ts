/**
 * Columns of a matrix over a prime field in which Gaussian elimination finds a pivot; as many as the rank.
 *
 * @param matrix Rows of integers; they are taken mod `prime`, and kept unchanged.
 */
export function pivotColumns(matrix: readonly (readonly bigint[])[], prime: bigint): Set<number> {
  const mod = (value: bigint): bigint => ((value % prime) + prime) % prime;
  let rows = matrix.map((row) => row.map(mod));
  const pivots = new Set<number>();
  for (let column = 0; column < (matrix[0]?.length ?? 0); column++) {
    const found = rows.findIndex((row) => row[column] !== 0n);
    if (found < 0) continue;
    const pivot = rows[found] ?? [];
    const inverse = power(pivot[column] ?? 0n, prime - 2n, prime);
    rows = rows
      .filter((_, index) => index !== found)
      .map((row) => {
        const factor = mod((row[column] ?? 0n) * inverse);
        return factor === 0n ? row : row.map((value, index) => mod(value - factor * (pivot[index] ?? 0n)));
      });
    pivots.add(column);
  }
  return pivots;
}

function power(base: bigint, exponent: bigint, prime: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}
