/** The auditor's steps, numbered as in docs/spec/audit.md, and the error that names the one that failed. */

import { Problem } from "../problems";

/** What is wrong if a step fails. The page says the same the other way round: what must hold. */
export const STEPS = {
  "1.1": "entry 0 is no trust under the fingerprint on paper",
  "1.2": "a later trust is not signed by the same root, or is no newer version",
  "1.3": "a trust names another log",
  "1.4": "the witness policy cannot be read",
  "2.1": "the checkpoint is missing, or is none",
  "2.2": "the checkpoint is not signed by the log, or is another log's",
  "2.3": "the checkpoint has too few witnesses' cosignatures",
  "3.1": "what was seen before is no checkpoint of this log",
  "3.2": "the log is smaller than what was seen before",
  "3.3": "the log does not begin with what was seen before",
  "4.1": "a bundle of entries is missing, or does not hold what its path says",
  "4.2": "a tile of leaf hashes is missing, or differs from the entries",
  "4.3": "an upper tile is missing, or differs from the tiles below it",
  "4.4": "the tree has another root than the checkpoint",
  "4.5": "there is a tile that this size does not need",
  "5.1": "an entry is in no known form",
  "5.2": "a directory is not signed by enough operators, or does not follow the one before",
  "5.3": "a suspension is not signed by an operator who had the power, or was made before",
  "5.4": "an erasure lists an entry that it cannot have erased",
  "5.5": "something other than a trust stands before the first directory",
  "5.6": "a statement about no item differs from its entry, or its signer did not have the power",
  "6.1": "a line of the openings is in no known form",
  "6.2": "an opening is missing, stands twice, is out of order, or opens what is not to be opened",
  "6.3": "an opening has another tag than its entry",
  "6.4": "an opening has another commitment than its entry",
  "6.5": "a detail is not the one that its event names",
  "6.6": "a tag key is not the item's",
  "7.1": "an event does not follow the item's last one",
  "7.2": "the event is not what the rules make of its cause",
  "7.3": "an event or a detail is in no known form",
  "7.4": "a reply answers no letter that the log has from that detainee's family",
  "7.5": "an event happened before the one above it in the log",
  "7.6": "an item's last events have been erased, and its first ones not",
  "7.7": "the directory in force had expired",
  "7.8": "a recalled reply has another part 0 than the one that was read",
  "8.1": "the statement is none, or is not about this",
  "8.2": "the signer had no power here at that time",
  "8.3": "the signature is false, or by another key",
  "8.4": "the statement was not carried out once, whole and in its order",
  "8.5": "the signer does not have the role or the desk, or lacks the signed paper",
  "8.6": "the bag's manifest is not that of its items",
  "8.7": "a move that needs a statement has none",
  "8.8": "a reply is ready for another family than the one it answers or was moved to, or was moved to nobody",
  "9.1": "a document that is referred to is missing, or is another",
  "9.2": "there is a file to which nothing refers",
  "11.1": "the receipt does not prove that the log has its event",
  "11.2": "the receipt's checkpoint is not a beginning of this log",
} as const;

export type Step = keyof typeof STEPS;

/** A step that failed: the evidence does not prove what it claims. */
export class Broken extends Problem {
  declare readonly step: Step;

  /** `item` is the item's id, where one item is touched; `because` what was found, in words without content. */
  constructor(
    step: Step,
    readonly item?: string | undefined,
    because?: string,
  ) {
    super("evidence_broken", because === undefined ? STEPS[step] : `${STEPS[step]}: ${because}`, { step });
  }
}

/**
 * Give whatever is refused inside the number of the step that asked. An error that has a number already keeps it.
 *
 * Nothing is read inside: that the relay cannot be reached breaks no evidence.
 */
export function inStep<T>(step: Step, run: () => T, item?: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Problem && !(error instanceof Broken)) throw new Broken(step, item, error.message);
    throw error;
  }
}
