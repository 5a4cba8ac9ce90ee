/** The faces of the staff pages: which roles see which, and where each is loaded from. */

import type { ComponentType } from "preact";
import type { StaffSession } from "./session";

/** What a face is given: somebody who is signed in, with their desk keys opened. */
export interface FaceProps {
  readonly session: StaffSession;
}

/** One face; its name is `face.<id>` in its locale file. */
export interface Face {
  readonly id: string;
  readonly roles: readonly string[];
  readonly load: () => Promise<{ default: ComponentType<FaceProps> }>;
}

/** In the order of the switcher; somebody's first is the first that their roles allow. */
export const FACES: readonly Face[] = [
  { id: "review", roles: ["reviewer", "senior"], load: () => import("./review/face") },
  { id: "facility", roles: ["officer"], load: () => import("./facility/face") },
  { id: "dispatch", roles: ["dispatcher"], load: () => import("./dispatch/face") },
  { id: "register", roles: ["registrar"], load: () => import("./register/face") },
  { id: "audit", roles: ["auditor"], load: () => import("./audit/face") },
  { id: "operate", roles: ["operator"], load: () => import("./operate/face") },
];

/** Those that somebody with these roles sees. */
export function facesOf(roles: readonly string[]): Face[] {
  return FACES.filter((face) => face.roles.some((role) => roles.includes(role)));
}
