/** Which witnesses must have cosigned a checkpoint: a C2SP tlog-policy, as it stands in a trust page. */

import { ensure, Problem } from "../problems";
import { COSIGNATURE, ED25519, Vkey } from "../vkeys";

const NONE = "none";
const COUNT = /^[1-9][0-9]{0,3}$/;
const CODE = "policy_malformed";

interface Group {
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A witness policy: the witnesses' keys and groups of them, by name, and of whom the quorum is. */
export class Policy {
  readonly witnesses = new Map<string, Vkey>();
  readonly #groups = new Map<string, Group>();
  readonly #logs = new Set<string>();
  readonly #members = new Set<string>();
  #quorum: string | undefined;

  /** Read a policy's text; throws Problem "policy_malformed" or "vkey_malformed". */
  constructor(text: string) {
    for (const line of text.split("\n")) {
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      if (words[0] !== undefined && !words[0].startsWith("#")) this.#read(words);
    }
    ensure(this.#quorum !== undefined, CODE, "a policy has no quorum");
  }

  /** Say whether the cosignatures of these keys, already verified, are enough. */
  isMet(cosigners: Iterable<Vkey>): boolean {
    const by = new Set([...cosigners].map(String));
    const witnessed = new Set([NONE]);
    for (const [name, vkey] of this.witnesses) if (by.has(String(vkey))) witnessed.add(name);
    for (const [name, { threshold, members }] of this.#groups) {
      if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name);
    }
    return witnessed.has(this.#quorum!);
  }

  #read([what, ...words]: string[]): void {
    const [name = "", second = ""] = words;
    const count = words.length;
    if (what === "log" && (count === 1 || count === 2)) this.#log(Vkey.parse(name));
    else if (what === "witness" && (count === 2 || count === 3)) this.#witness(name, Vkey.parse(second));
    else if (what === "group" && count >= 3) this.#group(name, second, words.slice(2));
    else if (what === "quorum" && count === 1) this.#setQuorum(name);
    else throw new Problem(CODE, "a policy has a line of no known kind");
  }

  #log(vkey: Vkey): void {
    const key = vkey.publicKey.join();
    ensure(vkey.algorithm !== COSIGNATURE && !this.#logs.has(key), CODE, "a policy names a log twice, or no log's key");
    this.#logs.add(key);
  }

  #witness(name: string, vkey: Vkey): void {
    this.#define(name);
    const known = [...this.witnesses.values()].some((other) => other.publicKey.join() === vkey.publicKey.join());
    ensure(
      vkey.algorithm !== ED25519 && !known,
      CODE,
      "a policy names a witness's key twice, or one that cannot cosign",
    );
    this.witnesses.set(name, vkey);
  }

  #group(name: string, threshold: string, members: string[]): void {
    this.#define(name);
    const count = threshold === "all" ? members.length : threshold === "any" ? 1 : thresholdOf(threshold);
    const isInRange = count >= 1 && count <= members.length;
    ensure(isInRange, CODE, "a group's threshold is not from 1 to the number of its members");
    for (const member of members) {
      const isFree = this.#isDefined(member) && !this.#members.has(member);
      ensure(isFree, CODE, "a group has a member that is not defined above it, or that is counted before");
      this.#members.add(member);
    }
    this.#groups.set(name, { threshold: count, members });
  }

  #setQuorum(name: string): void {
    const isOne = this.#quorum === undefined && (name === NONE || this.#isDefined(name));
    ensure(isOne, CODE, "a policy has two quorums, or one that is not defined above it");
    this.#quorum = name;
  }

  #define(name: string): void {
    ensure(name !== NONE && !this.#isDefined(name), CODE, "a policy defines a name twice, or the name none");
  }

  #isDefined(name: string): boolean {
    return this.witnesses.has(name) || this.#groups.has(name);
  }
}

function thresholdOf(text: string): number {
  return COUNT.test(text) ? Number(text) : 0;
}
