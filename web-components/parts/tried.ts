import { problemText } from '../rest.ts';
import { toast } from './toast.ts';

/** Does what a person asked for, and says as a toast why it failed. True when it went; never fails itself. */
export async function tried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    toast({ text: problemText(error) });
    return false;
  }
}
