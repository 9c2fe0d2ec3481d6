import { z } from 'zod';

/** critical ⬢, high ◆, medium ▲ (shown as "warning"), low. */
export const severity = z.enum(['critical', 'high', 'medium', 'low']);
export type Severity = z.infer<typeof severity>;
