import { runAgent } from './command.ts';
import { launch } from './update/launch.ts';

const [argv, env] = [process.argv.slice(2), process.env];
void launch({ argv, env }, (role) => runAgent(argv, env, role));
