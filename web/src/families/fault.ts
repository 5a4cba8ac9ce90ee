/** What the Worker met, as the page hears of it: core's Problem without what only a Worker needs. */

/** Something that has a page of its own, by its code: troubles.ts says which. */
export class Fault extends Error {
  /**
   * @param code As docs/spec/problems.md has it, or one of this page's own.
   * @param status The HTTP status, where the relay answered.
   * @param retryAfter Seconds to wait before the next attempt.
   */
  constructor(
    readonly code: string,
    readonly status?: number,
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}
