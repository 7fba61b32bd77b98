/**
 * Does something for each item, one after the other. An item that fails keeps no other from its turn.
 *
 * @param work Gives what the item counts for.
 * @returns The sum.
 * @throws What the first item that failed threw, once all had their turn.
 */
export async function sumOfEach<T>(items: Iterable<T>, work: (item: T) => Promise<number>): Promise<number> {
  let sum = 0;
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      sum += await work(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return sum;
}
