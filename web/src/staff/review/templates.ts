/** A reviewer's own notes to use again, kept on this device sealed to the reviewer's own key: they may quote letters. */

import { useEffect, useState } from "preact/hooks";
import { decryptAge, encryptAge, identitiesOf } from "../../core/agefile";
import { b64, fromUtf8, unb64, utf8 } from "../../core/bytes";
import { recipientOf } from "../../core/hybrid";
import { keepText, keptText } from "../keeping";
import type { StaffSession } from "../session";

const MOST = 12;

/** Read what was kept; nothing, if it cannot be opened. */
export function readTemplates(session: StaffSession): string[] {
  try {
    const sealed = keptText(keyOf(session));
    if (sealed === "") return [];
    return JSON.parse(fromUtf8(decryptAge(unb64(sealed), identitiesOf(session.ageSeed))));
  } catch {
    return [];
  }
}

/** Keep notes, sealed. */
export function keepTemplates(session: StaffSession, templates: readonly string[]): void {
  const sealed = encryptAge(utf8(JSON.stringify(templates)), [recipientOf(session.ageSeed)]);
  keepText(keyOf(session), b64(sealed));
}

/** The reviewer's own notes, and how to keep or drop one. */
export function useTemplates(session: StaffSession) {
  const [own, setOwn] = useState<readonly string[]>([]);
  useEffect(() => setOwn(readTemplates(session)), [session]);
  const change = (templates: readonly string[]) => {
    setOwn(templates);
    keepTemplates(session, templates);
  };
  return {
    own,
    keep: (template: string) => change([template, ...own].slice(0, MOST)),
    drop: (template: string) => change(own.filter((one) => one !== template)),
  };
}

function keyOf(session: StaffSession): string {
  return `letter-relay/staff/templates/${session.id}`;
}
