"""A real mail server (aiosmtpd) for the tests: `mail-server.py MODE CERT KEY`, MODE = starttls, tls, plain, greylist or refuse.

Says its port in the first line, then each mail that it took as one line of JSON. User `reeve`, password `canary-5f2c`.
"""
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

mode, cert, key = sys.argv[1:4]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


class Mails:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == 'greylist':
            return '451 4.7.1 Greylisted, try again later'
        if mode == 'refuse' or address.startswith('nobody@'):
            return '550 5.1.1 No such user'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        mail = {
            'from': envelope.mail_from,
            'to': envelope.rcpt_tos,
            'tls': session.ssl is not None or mode == 'tls',
            'user': session.auth_data.decode() if session.auth_data else None,
            'content': envelope.content.decode('utf8', 'replace'),
        }
        print(json.dumps(mail), flush=True)
        return '250 Queued as 42'


def authenticate(server, session, envelope, mechanism, data):
    if isinstance(data, LoginPassword) and data.login == b'reeve' and data.password == b'canary-5f2c':
        return AuthResult(success=True, auth_data=data.login)
    return AuthResult(success=False, handled=False)


def make():
    secured = mode in ('starttls', 'greylist', 'refuse')
    return SMTP(
        Mails(),
        hostname='localhost',
        tls_context=context if secured else None,
        require_starttls=secured,
        authenticator=authenticate,
        auth_required=mode != 'plain',
        auth_require_tls=mode != 'tls' and mode != 'plain',
        enable_SMTPUTF8=True,
    )


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, '127.0.0.1', 0, ssl=context if mode == 'tls' else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
