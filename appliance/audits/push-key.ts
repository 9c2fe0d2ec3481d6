import { connectSsh, type SshPlace } from '../ssh.ts';
import { SshError } from '../ssh-error.ts';

/** Adds a line to authorized_keys unless its key is there; the line comes on standard input, so that no shell reads it. */
const SCRIPT = `umask 077
d="$HOME/.ssh"; f="$d/authorized_keys"
[ -d /etc/dropbear ] && [ "$(id -u)" = 0 ] && [ ! -d "$d" ] && { d=/etc/dropbear; f=$d/authorized_keys; }
mkdir -p "$d" && touch "$f" || exit 3
read -r line
body=$(printf '%s' "$line" | cut -d' ' -f2)
if grep -qF "$body" "$f"; then echo there; exit 0; fi
[ -s "$f" ] && [ -n "$(tail -c 1 "$f")" ] && printf '\\n' >>"$f"
printf '%s\\n' "$line" >>"$f" || exit 4
chmod 700 "$d" && chmod 600 "$f"
echo added
`;

/**
 * Signs in once with a password, adds the public key, and answers whether it had been there. The password is in memory for this
 * connection only. Fails with `SshError`.
 */
export async function pushKey(
  place: Omit<SshPlace, 'login'>,
  { password, publicKey, signal }: { password: string; publicKey: string; signal?: AbortSignal },
): Promise<'added' | 'there'> {
  const connection = await connectSsh({ ...place, login: { password } }, { signal });
  try {
    // The first line of the input is the script's own: it reads the key from what is left.
    const command = `sh -c '${SCRIPT.replaceAll("'", `'\\''`)}'`;
    const { code, output, errors } = await connection.run(command, {
      input: `${publicKey}\n`,
      totalMs: 20_000,
      mostBytes: 4_096,
    });
    if (code !== 0)
      throw new SshError(
        'refused',
        `The key could not be written there: ${errors.replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200) || `status ${code}`}`,
      );
    return output.toString('utf8').includes('there') ? 'there' : 'added';
  } finally {
    connection.close();
  }
}
