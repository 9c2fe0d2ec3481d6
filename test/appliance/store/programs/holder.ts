import { openDataDirectory } from '../../../../appliance/store/directory.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Opens a data directory and says whether it got in; what got in holds it until it is killed. */
openDataDirectory({ dir: process.argv[2] ?? '', log: silent }).then(
  () => {
    say(`holds it as pid ${process.pid}`);
    setInterval(() => undefined, 60_000);
  },
  (error: Error) => say(`refused: ${error.message}`),
);
