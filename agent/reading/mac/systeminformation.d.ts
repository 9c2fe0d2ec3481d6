declare module 'systeminformation/lib/cpu.js';
