import { Address, BigInt, bigInt, ByteArray, Bytes, dataSource, ethereum } from "@graphprotocol/graph-ts";
import { Contract, Day, Event } from "../generated/schema";
import { join } from "./bytes";

const SECONDS_PER_DAY = BigInt.fromI32(86400);
const NAME = "name";

/** Id of what happens once an event: its transaction and log index. */
export function idOf(event: ethereum.Event): Bytes {
  return join([event.transaction.hash, ByteArray.fromI32(event.logIndex.toI32())]);
}

/** The contract that says this; its name comes from the manifest. */
export function contractOf(event: ethereum.Event): Contract {
  let contract = Contract.load(event.address);
  if (contract === null) {
    contract = new Contract(event.address);
    contract.name = dataSource.context().getString(NAME);
    contract.save();
  }
  return contract;
}

/** Puts an event into the feed of all events. */
export function record(event: ethereum.Event, name: string, about: string): void {
  let entry = new Event(idOf(event));
  entry.contract = contractOf(event).id;
  entry.name = name;
  entry.about = about;
  entry.sender = event.transaction.from;
  entry.block = event.block.number;
  entry.timestamp = event.block.timestamp;
  entry.logIndex = event.logIndex;
  entry.transaction = event.transaction.hash;
  entry.save();
}

/** The figures of the day an event falls on. */
export function dayOf(event: ethereum.Event): Day {
  let number = bigInt.dividedBy(event.block.timestamp, SECONDS_PER_DAY);
  let day = Day.load(number.toString());
  if (day === null) {
    day = new Day(number.toString());
    day.startsAt = bigInt.times(number, SECONDS_PER_DAY);
    day.proofsVerified = 0;
    day.proofsRefused = 0;
    day.batchesAnchored = 0;
    day.eventsAnchored = BigInt.zero();
  }
  return day;
}

/** The zero address means nobody. */
export function isNobody(account: Address): boolean {
  return account.equals(Address.zero());
}
