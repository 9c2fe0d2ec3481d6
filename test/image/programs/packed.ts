/** Uses what is packed, as the agent does: says what it has, and what the stack of an error in it looks like. */
async function show(): Promise<void> {
  const joining = await import('../../../agent/joining.ts');
  const again = await import('../../../agent/joining.ts');
  const { mem } = await import('systeminformation');
  const error = await joining.pair({ token: 'none' } as never).catch((reason: Error) => reason);
  const stack = 'stack' in error ? error.stack : undefined;
  const said = { joining: Object.keys(joining), isSame: joining.pair === again.pair, mem: typeof mem, stack };
  process.stdout.write(JSON.stringify(said));
}

void show();
