/** A dialog over the page: the browser keeps the focus in it and gives it back, the keyboard map rests meanwhile. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useFrame, useWords } from "./context";
import { Icon } from "./icons";

interface Props {
  readonly title: string;
  readonly onClose?: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** Show a modal dialog for as long as it is drawn; without `onClose` it cannot be put away. */
export function Dialog({ title, onClose, wide, children }: Props) {
  const { keyboard } = useFrame();
  const { t } = useWords();
  const element = useRef<HTMLDialogElement>(null);
  // Before the effects of what stands in it, which put the focus where it belongs.
  useLayoutEffect(() => {
    const go = keyboard.pause();
    element.current?.showModal();
    return go;
  }, [keyboard]);
  return (
    <dialog
      ref={element}
      class={wide ? "wide" : ""}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header>
        <h2>{title}</h2>
        {onClose && (
          <button type="button" class="plain" aria-label={t("dialog.close")} onClick={onClose}>
            <Icon name="cross" />
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
