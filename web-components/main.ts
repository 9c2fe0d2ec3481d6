import './shell/app.ts';
import { installTheme } from './theme.ts';

// Elements draw in a later microtask, so that the colours are there before the first of them does.
installTheme();
