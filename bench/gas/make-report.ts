import { writeGasReport } from "../gas.ts";

const { rows } = await writeGasReport();
for (const { name, value, unit, floorOrPeer } of rows)
  console.log(`${name}: ${value} ${unit} (${floorOrPeer})`);
console.log("bench/gas.json written.");
