import { installTheme } from './theme.ts';

installTheme();
void import('./shell/app.ts');
