import { msg } from '../msg.ts';
import type { Sent } from '../parts/upload.ts';
import { ApiProblem } from '../rest.ts';

export interface Pieces extends Sent {
  /** Where they are put; offset and last go behind it. */
  path: string;
  pieceBytes: number;
  file: File;
}

/** Sends a file piece by piece, so that its size is bounded by the appliance's disk alone; answers with the last answer. */
export async function sendPieces({
  path,
  pieceBytes,
  file,
  onShare,
  signal,
}: Pieces): Promise<Record<string, unknown>> {
  for (let offset = 0; ; offset += pieceBytes) {
    const isLast = offset + pieceBytes >= file.size;
    const response = await fetch(`${path}?offset=${offset}&last=${isLast}`, {
      method: 'PUT',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/octet-stream' },
      body: file.slice(offset, offset + pieceBytes),
      signal,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok)
      throw new ApiProblem(answer.code ?? 'unexpected', response.status, {
        message: answer.detail ?? msg('The file could not be sent'),
      });
    onShare(Math.min(1, (offset + pieceBytes) / file.size));
    if (isLast) return answer;
  }
}
