import { describe, expect, it } from 'vitest';
import {
  connectPacket,
  disconnectPacket,
  PacketReader,
  pingPacket,
  publishPacket,
} from '../../../agent/mqtt/packets.ts';

describe('packets of MQTT 3.1.1', () => {
  it('are those of the standard', () => {
    const connect = connectPacket({ clientId: 'reeve-1', userName: 'ü', password: 'p', keepAliveS: 90 });
    expect(connect.toString('hex')).toBe('101a00044d51545404c2005a000772656576652d310002c3bc000170');
    expect(connectPacket({ clientId: 'a', keepAliveS: 60 }).toString('hex')).toBe(
      '100d00044d51545404' + '02003c000161',
    );
    const message = { id: 258, topic: 'a/b', payload: 'é', isAgain: false };
    expect(publishPacket(message).toString('hex')).toBe('32090003612f620102c3a9');
    expect(publishPacket({ ...message, isAgain: true })[0]).toBe(0x3a);
    expect([pingPacket().toString('hex'), disconnectPacket().toString('hex')]).toEqual(['c000', 'e000']);
  });

  it.each([
    [120, '7d'],
    [123, '8001'],
    [16_378, 'ff7f'],
    [16_379, '808001'],
  ])('with %i bytes of payload have a length of as many groups as it takes', (bytes, expected) => {
    const packet = publishPacket({ id: 1, topic: 't', payload: 'x'.repeat(bytes), isAgain: false });
    expect(packet.toString('hex', 1, 1 + expected.length / 2)).toBe(expected);
  });

  it('are read whole, however they are cut on the way', () => {
    const bytes = Buffer.from('20020005' + '40020102' + 'd000' + '90030001' + '00', 'hex');
    const expected = [
      { kind: 'connack', code: 5 },
      { kind: 'puback', id: 258 },
      { kind: 'pingresp' },
      { kind: 'other', type: 9 },
    ];
    expect(new PacketReader().take(bytes)).toEqual(expected);
    const reader = new PacketReader();
    expect([...bytes].flatMap((byte) => reader.take(Buffer.from([byte])))).toEqual(expected);
  });

  it.each([
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(5))],
    ['a length without end', Buffer.from('20ffffffff01', 'hex')],
    ['a length that is too much', Buffer.from('20ff7f', 'hex')],
    ['a short answer', Buffer.from('200100', 'hex')],
    ['nothing known', Buffer.from('0000', 'hex')],
  ])('that come from %s are refused', (_who, bytes) => {
    expect(() => new PacketReader().take(bytes)).toThrow(expect.objectContaining({ code: 'packet' }));
  });
});
