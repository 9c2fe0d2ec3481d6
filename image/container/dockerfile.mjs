const SECONDS = { s: 1, m: 60, h: 3600 };
const nanoseconds = (span) => Number.parseInt(span, 10) * SECONDS[span.at(-1)] * 1e9;

/** How the container is run, from the last stage of a Dockerfile: the `config` of an image, with Docker's health check. */
export function configOf(dockerfile) {
  const text = dockerfile.replaceAll('\\\n', ' ');
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  const all = (word) => [...stage.matchAll(new RegExp(`^${word} +(.+)$`, 'gm'))].map(([, rest]) => rest.trim());
  const words = (word) => all(word).flatMap((rest) => rest.split(/\s+/));
  const keys = (names) => Object.fromEntries(names.map((name) => [name, {}]));
  const [check = ''] = all('HEALTHCHECK');
  const option = (name) => new RegExp(`--${name}=(\\S+)`).exec(check)?.[1];
  return {
    User: all('USER')[0],
    ExposedPorts: keys(words('EXPOSE').map((port) => (port.includes('/') ? port : `${port}/tcp`))),
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...words('ENV')],
    Cmd: JSON.parse(all('CMD')[0]),
    Volumes: keys(words('VOLUME')),
    WorkingDir: '/',
    StopSignal: all('STOPSIGNAL')[0],
    Healthcheck: {
      Test: ['CMD', ...JSON.parse(check.slice(check.indexOf('CMD ') + 4))],
      Interval: nanoseconds(option('interval')),
      Timeout: nanoseconds(option('timeout')),
      StartPeriod: nanoseconds(option('start-period')),
      Retries: Number(option('retries')),
    },
  };
}
