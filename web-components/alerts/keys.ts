import { msg } from '../msg.ts';

/** What a key does in a list of alerts. */
export type Command = 'next' | 'previous' | 'acknowledge' | 'snooze' | 'comment' | 'choose' | 'help';

interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  j: 'next',
  k: 'previous',
  a: 'acknowledge',
  s: 'snooze',
  c: 'comment',
  x: 'choose',
  '?': 'help',
};

/** The command of a key; none with Ctrl, Alt or Cmd, which belong to the browser. */
export function commandOf({ key, ctrlKey, altKey, metaKey }: Pressed): Command | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  return COMMANDS[key];
}

/** Keys and what they do, in the words of the help; `acts` is whether the person may act. */
export const keyHelp = (acts: boolean): readonly (readonly [string, string])[] => [
  ['j', msg('Next alert')],
  ['k', msg('Previous alert')],
  ['Enter', msg('Open the alert')],
  ...(acts
    ? ([
        ['a', msg('Acknowledge')],
        ['s', msg('Snooze')],
        ['c', msg('Comment')],
        ['x', msg('Choose for acting on several at once')],
      ] as const)
    : []),
  ['?', msg('This list')],
];

/** Whether letters are being typed into what has the focus, shadow trees included, so that they are no commands. */
export function isTyping(path: readonly EventTarget[]): boolean {
  return path.some(
    (node) =>
      node instanceof HTMLElement &&
      (node.matches('select, textarea, dialog, [contenteditable]') ||
        (node instanceof HTMLInputElement && node.type !== 'checkbox' && node.type !== 'radio')),
  );
}
