/** The one error of the pages: a stable code, which the locales turn into a sentence and a cure. */

/** What a problem may say besides its code: a numbered step, or what the relay answered. */
export interface ProblemDetails {
  /** The number of the step in the specification that failed, such as `"7.3"`. */
  readonly step?: string | undefined;
  /** The relay's advice, where it answered; otherwise the locales have one for each code. */
  readonly cure?: string | undefined;
  /** The HTTP status, where the relay answered. */
  readonly status?: number | undefined;
  /** Seconds to wait before the next attempt. */
  readonly retryAfter?: number | undefined;
}

/** Something went wrong that somebody can act on; the message says where, never any content. */
export class Problem extends Error implements ProblemDetails {
  override readonly name = "Problem";
  readonly step: string | undefined;
  readonly cure: string | undefined;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  /**
   * @param code Lower snake case, as the Python side and docs/spec/problems.md have it.
   * @param message For logs and developers, in English.
   */
  constructor(
    readonly code: string,
    message: string = code,
    details: ProblemDetails = {},
  ) {
    super(message);
    this.step = details.step;
    this.cure = details.cure;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
  }
}

/** Throw a problem unless the condition holds. */
export function ensure(holds: boolean, code: string, message: string = code): asserts holds {
  if (!holds) throw new Problem(code, message);
}
