/** Loads what joins an appliance; by this one name it is packed in the built agent, and unpacked only when it is needed. */
export const loadJoining = () => import('./joining.ts');
