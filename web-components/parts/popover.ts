/** Puts an open popover below its button, or above where there is no room; never beyond the edge of the window. */
export function placePopover(popover: HTMLElement | null, button: Element | null): void {
  const anchor = button?.getBoundingClientRect();
  if (!popover || !anchor) return;
  const { width, height } = popover.getBoundingClientRect();
  const isBelow = anchor.bottom + 4 + height <= innerHeight;
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  popover.style.setProperty('left', `${Math.max(8, left)}px`);
  popover.style.setProperty('top', `${isBelow ? anchor.bottom + 4 : Math.max(8, anchor.top - 4 - height)}px`);
}
