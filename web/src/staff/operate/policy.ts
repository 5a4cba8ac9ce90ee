/** The witness policy of a trust page (C2SP tlog-policy), read far enough to be told; verifying is the audit's affair. */

/** Witnesses, or groups, of which `threshold` have to have cosigned. */
export interface Group {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A policy: who witnesses, and what is enough. */
export interface Policy {
  readonly witnesses: readonly string[];
  readonly groups: readonly Group[];
  /** A witness, a group, or `none`. */
  readonly quorum: string;
}

/** Read a policy; undefined where a line is of no known kind, which is told instead of guessed. */
export function readPolicy(text: string): Policy | undefined {
  const lines = text.split("\n").map((line) => line.split(/[ \t]+/).filter((word) => word !== ""));
  const told = lines.filter((words) => words.length > 0 && !words[0]!.startsWith("#"));
  const known = told.every(([kind = ""]) => ["log", "witness", "group", "quorum"].includes(kind));
  const quorums = told.filter(([kind]) => kind === "quorum");
  if (!known || quorums.length !== 1) return undefined;
  return {
    witnesses: told.filter(([kind]) => kind === "witness").map((words) => words[1] ?? ""),
    groups: told.filter(([kind]) => kind === "group").map(readGroup),
    quorum: quorums[0]![1] ?? "none",
  };
}

function readGroup([, name = "", threshold = "", ...members]: string[]): Group {
  const counts: Record<string, number> = { any: 1, all: members.length };
  return { name, threshold: counts[threshold] ?? Number(threshold), members };
}
