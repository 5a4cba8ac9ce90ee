/** The few signs that the pages need, drawn here so that nothing is fetched; all of them are beside words. */

const PATHS = {
  check: "M4 12.5l5 5L20 6.5",
  cross: "M6 6l12 12M18 6L6 18",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8v.2",
  warning: "M12 4L2.5 20h19L12 4zM12 10v5M12 17.5v.3",
  key: "M15.5 4a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM12.3 11.7L4 20v1h3.5v-2.5h2.5V16l2.5-2.5M16.5 7.5v.1",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  keyboard: "M3 7h18v10H3zM6.5 10h.5M10 10h.5M13.5 10h.5M17 10h.5M8 14h8",
  letter: "M3 6h18v12H3zM3.5 6.5L12 13l8.5-6.5",
  back: "M10 6l-6 6 6 6M4 12h16",
  out: "M14 4h6v16h-6M4 12h10M10 8l4 4-4 4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.6-4 3.5-6 7.5-6s6.9 2 7.5 6",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
} as const;

export type IconName = keyof typeof PATHS;

/** A sign of 1.25 em; screen readers pass over it, since words stand beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The house's postmark, with the relay's name around it. */
export function Postmark() {
  return (
    <svg class="postmark" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
      <circle cx="60" cy="60" r="54" />
      <circle cx="60" cy="60" r="38" />
      <path d="M14 50h92M10 60h100M14 70h92" />
      <path class="seal" d="M44 47h32v26H44zM44 48l16 13 16-13" />
    </svg>
  );
}
